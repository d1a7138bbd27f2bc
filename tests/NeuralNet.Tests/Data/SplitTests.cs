using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using static NeuralNet.Tests.Refusals;

namespace NeuralNet.Tests.Data;

public class SplitTests
{
    private static readonly Gen<(Matrix<double>[] X, Matrix<double>[] Y)> s_sets = Gen
        .Select(Gen.Int[2, 60], Gen.Int[1, 5], Gen.Int)
        .Select((count, classes, seed) =>
        {
            var random = Draw.Seeded(seed);
            return (
                Enumerable.Range(0, count).Select(i => Draw.Row(i)).ToArray(),
                Enumerable.Range(0, count).Select(_ => Draw.Row(random.Next(classes), 1)).ToArray());
        });

    [Fact]
    public void EverySampleIsInOnePartWithItsTarget() =>
        Gen.Select(s_sets, Gen.Double[0.01, 0.99], Gen.Int, Gen.Bool).Sample((set, share, seed, stratify) =>
        {
            var (train, test) = Split.TrainTest(set.X, set.Y, share, seed, stratify);

            ShouldBePartsOf(set, train, test);
            test.X.Count.Should().Be(Math.Clamp((int)Math.Round(set.X.Length * share), 1, set.X.Length - 1));
        });

    [Fact]
    public void StratifiedPartsHaveTheirShareOfEachClass() =>
        Gen.Select(s_sets, Gen.Double[0.01, 0.99], Gen.Int).Sample((set, share, seed) =>
        {
            var (_, test) = Split.TrainTest(set.X, set.Y, share, seed, stratify: true);

            double exact = (double)test.Y.Count / set.Y.Length;
            foreach (var members in set.Y.GroupBy(y => y))
            {
                test.Y.Count(members.Key.Equals).Should().BeInRange(
                    (int)Math.Floor(members.Count() * exact - 1e-9), (int)Math.Ceiling(members.Count() * exact + 1e-9));
            }
        });

    [Theory]
    [InlineData(9, 1, 0.2, 2, 0)]
    [InlineData(1, 9, 0.2, 0, 2)]
    [InlineData(16, 4, 0.25, 4, 1)]
    [InlineData(17, 3, 0.25, 4, 1)]
    public void WhatAShareLeavesOverGoesToTheClassThatIsNearestToOneMore(int first, int second, double share, int ofFirst, int ofSecond)
    {
        Matrix<double>[] y = [.. Enumerable.Repeat(Draw.Row(1, 0), first), .. Enumerable.Repeat(Draw.Row(0, 1), second)];
        for (int seed = 0; seed < 9; seed++)
        {
            var test = Split.TrainTest(y, y, share, seed, stratify: true).Test;
            (test.Y.Count(Draw.Row(1, 0).Equals), test.Y.Count(Draw.Row(0, 1).Equals)).Should().Be((ofFirst, ofSecond));
        }
    }

    [Fact]
    public void TheSameSeedGivesTheSamePartsAndAnotherSeedOthers()
    {
        var x = Enumerable.Range(0, 50).Select(i => Draw.Row(i)).ToArray();
        double[] Test(int seed, bool stratify) => [.. Split.TrainTest(x, x, 0.2, seed, stratify).Test.X.Select(sample => sample[0, 0])];

        Test(1, false).Should().Equal(Test(1, false)).And.NotEqual(Test(2, false)).And.NotBeInAscendingOrder();

        // Where every sample is a class of its own, which of them are taken is chance, too.
        Test(1, true).Should().Equal(Test(1, true)).And.NotEqual(Test(2, true));
        Split.TrainTest(x, x, 0.2, 1).Train.X.Select(sample => sample[0, 0]).Should().NotBeInAscendingOrder();
    }

    [Fact]
    public void EverySampleIsInTheTestOfOneFold() =>
        Gen.Select(s_sets, Gen.Int[2, 7], Gen.Int, Gen.Bool).Where((set, folds, _, _) => set.X.Length >= folds)
            .Sample((set, folds, seed, stratify) =>
            {
                var all = Split.KFold(set.X, set.Y, folds, seed, stratify);

                all.Should().HaveCount(folds);
                foreach (var (train, test) in all)
                {
                    ShouldBePartsOf(set, train, test);
                    test.X.Count.Should().BeInRange(set.X.Length / folds, (set.X.Length + folds - 1) / folds);
                    foreach (var members in set.Y.GroupBy(y => y).Where(_ => stratify))
                    {
                        int count = members.Count();
                        test.Y.Count(members.Key.Equals).Should().BeInRange(count / folds, (count + folds - 1) / folds);
                    }
                }

                all.SelectMany(fold => fold.Test.X).Distinct().Should().HaveCount(set.X.Length);
            });

    [Fact]
    public void ATimeSeriesIsTrainedOnThePastAndTestedOnWhatFollows()
    {
        var x = Enumerable.Range(0, 10).Select(i => Draw.Row(i)).ToArray();
        string Text(IEnumerable<Matrix<double>> samples) => string.Join(' ', samples.Select(sample => sample[0, 0]));

        Split.TimeSeries(x, x, 3).Select(fold => $"{Text(fold.Train.X)} | {Text(fold.Test.X)}").Should().Equal(
            "0 1 2 3 | 4 5", "0 1 2 3 4 5 | 6 7", "0 1 2 3 4 5 6 7 | 8 9");
        Split.TimeSeries(x, x, 2, testSize: 3, gap: 2).Select(fold => $"{Text(fold.Train.Y)} | {Text(fold.Test.Y)}").Should().Equal(
            "0 1 | 4 5 6", "0 1 2 3 4 | 7 8 9");
        Split.TimeSeries(x, x, 1, testSize: 1).Should().ContainSingle().Which.Train.X.Should().HaveCount(9);
    }

    [Fact]
    public void NothingOfTheFutureIsTrainedOn() =>
        Gen.Select(Gen.Int[12, 60], Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[1, 4]).Sample((steps, folds, length, horizon) =>
        {
            var (x, y) = Windows.Of([.. Enumerable.Range(0, steps).Select(i => (double)i)], length, horizon);
            if (x.Count < 2 || x.Count - (folds * Math.Max(1, x.Count / (folds + 1))) - (horizon - 1) < 1)
            {
                return;
            }

            foreach (var (train, test) in Split.TimeSeries(x, y, folds, gap: horizon - 1))
            {
                double lastKnown = train.Y.Max(target => target.Enumerate().Max());
                test.Y.Min(target => target.Enumerate().Min()).Should().BeGreaterThan(lastKnown);
            }
        });

    [Fact]
    public void WhatCannotBeDividedIsRefusedInWords()
    {
        Matrix<double>[] one = [Draw.Row(1)];
        Matrix<double>[] three = [Draw.Row(1), Draw.Row(2), Draw.Row(3)];
        foreach (double share in new[] { 0, 1, -0.1, double.NaN, double.PositiveInfinity })
        {
            Refused<ArgumentOutOfRangeException>(() => Split.TrainTest(three, three, share, 1), "share", "TrainTest's share", "above 0");
        }

        Refused<ArgumentNullException>(() => Split.TrainTest(null!, three, 0.5, 1), "x");
        Refused<ArgumentNullException>(() => Split.TrainTest(three, null!, 0.5, 1), "y");
        Refused<ArgumentException>(() => Split.TrainTest(three, one, 0.5, 1), "y", "3 x and 1 y");
        Refused<ArgumentException>(() => Split.TrainTest(one, one, 0.5, 1), "x", "TrainTest expects 2 samples or more, but got 1");
        Refused<ArgumentException>(() => Split.TrainTest([one[0], null!], three[..2], 0.5, 1), "x", "x[1] is null");
        Refused<ArgumentException>(() => Split.TrainTest(three[..2], [null!, one[0]], 0.5, 1), "y", "y[0] is null");
        Refused<ArgumentOutOfRangeException>(() => Split.KFold(three, three, 1, 1), "folds", "2 or more", "1");
        Refused<ArgumentException>(() => Split.KFold(three, three, 4, 1), "x", "KFold expects 4 samples or more, but got 3");
        Refused<ArgumentOutOfRangeException>(() => Split.TimeSeries(three, three, 0), "folds", "1 or more");
        Refused<ArgumentOutOfRangeException>(() => Split.TimeSeries(three, three, 1, 0), "testSize", "1 or more");
        Refused<ArgumentOutOfRangeException>(() => Split.TimeSeries(three, three, 1, 1, -1), "gap", "0 or more");
        Refused<ArgumentException>(() => Split.TimeSeries(three, three, 3), "x", "3 x 1", "but got 3");
        Refused<ArgumentException>(() => Split.TimeSeries(three, three, 1, 2, 1), "x", "1 to leave out");
        Refused<ArgumentException>(() => Split.TimeSeries(three, three, int.MaxValue, int.MaxValue, int.MaxValue), "x", "2147483647");
    }

    private static void ShouldBePartsOf(
        (Matrix<double>[] X, Matrix<double>[] Y) set,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) train,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) test)
    {
        train.X.Concat(test.X).Select(sample => (int)sample[0, 0]).Should().BeEquivalentTo(Enumerable.Range(0, set.X.Length));
        train.X.Concat(test.X).Zip(train.Y.Concat(test.Y)).Should().OnlyContain(pair =>
            ReferenceEquals(set.X[(int)pair.First[0, 0]], pair.First) && ReferenceEquals(set.Y[(int)pair.First[0, 0]], pair.Second));
        train.X.Should().NotBeEmpty();
        train.Y.Should().HaveSameCount(train.X);
    }
}
