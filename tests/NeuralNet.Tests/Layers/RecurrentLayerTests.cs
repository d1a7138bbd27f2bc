using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

/// <summary>Recurrent layers: formulas step by step, gradients, any number of steps, how they start.</summary>
public class RecurrentLayerTests
{
    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        .. OfKind("RnnLayer", (inputs, hidden, first, second, random) => new RnnLayer(inputs, hidden, true, first, second, random)),
        .. OfKind("GruLayer", (inputs, hidden, first, second, random) => new GruLayer(inputs, hidden, true, first, second, random)),
        .. OfKind("LstmLayer", (inputs, hidden, first, second, random) => new LstmLayer(inputs, hidden, true, first, second, random)),
        Null("RecurrentLayer.Weights(value)", _ => new LstmLayer(3, 2).Weights = null!),
        Wrong("RecurrentLayer.Weights(value)", "transposed", _ => new LstmLayer(3, 2).Weights = Draw.Matrix(8, 3, Draw.Seeded(1)),
            "LstmLayer(3 -> 2) expects Weights of 3 x 8, but got 8 x 3."),
        Null("RecurrentLayer.RecurrentWeights(value)", _ => new RnnLayer(3, 2).RecurrentWeights = null!),
        Wrong("RecurrentLayer.RecurrentWeights(value)", "too wide", _ => new RnnLayer(3, 2).RecurrentWeights = Draw.Row(1, 2),
            "RnnLayer(3 -> 2) expects RecurrentWeights of 2 x 2, but got 1 x 2."),
        Null("RecurrentLayer.Bias(value)", _ => new GruLayer(3, 2).Bias = null!),
        Wrong("RecurrentLayer.Bias(value)", "NaN", _ => new GruLayer(1, 1).Bias = Draw.Row(1, 2, double.NaN),
            "GruLayer(1 -> 1)'s Bias", "finite", "NaN at [0, 2]"),
        Null("GruLayer.RecurrentBias(value)", _ => new GruLayer(3, 2).RecurrentBias = null!),
        Wrong("GruLayer.RecurrentBias(value)", "a column", _ => new GruLayer(3, 1).RecurrentBias = Draw.Matrix(3, 1, Draw.Seeded(1)),
            "GruLayer(3 -> 1) expects RecurrentBias of 1 x 3, but got 3 x 1."),
    ];

    public static TheoryData<string> Kinds => ["rnn", "gru", "lstm"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void YIsWhatTheFormulasSayStepByStep(string kind)
    {
        var random = Draw.Seeded(1);
        var layer = Recurrent.Drawn(kind, 3, 5, sequences: true, random);
        var x = Draw.Matrix(6, 3, random);

        layer.Predict(x).ShouldBeNear(ByFormulas(layer, x), 1e-13, 1e-14);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheLastStateIsTheLastRowOfAllStates(string kind)
    {
        var (last, all) = (
            Recurrent.Drawn(kind, 2, 3, sequences: false, Draw.Seeded(1)), Recurrent.Drawn(kind, 2, 3, sequences: true, Draw.Seeded(1)));
        foreach (int steps in new[] { 1, 2, 7, 300 })
        {
            var x = Draw.Matrix(steps, 2, Draw.Seeded(steps));
            last.Predict(x).ShouldBeBitForBit(all.Predict(x).SubMatrix(steps - 1, 1, 0, 3));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void WhatComesLaterChangesNothingBefore(string kind)
    {
        var layer = Recurrent.Drawn(kind, 2, 9, sequences: true, Draw.Seeded(1));
        var x = Draw.Matrix(8, 2, Draw.Seeded(2));

        layer.Predict(x.SubMatrix(0, 5, 0, 2)).ShouldBeBitForBit(layer.Predict(x).SubMatrix(0, 5, 0, 9));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void GradientsOfAnySizesAreThoseOfFiniteDifferences(string kind) =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 4], Gen.Int[1, 7], Gen.Bool, Gen.Int).Sample(
            (steps, inputs, hidden, sequences, seed) =>
            {
                var random = Draw.Seeded(seed);
                var layer = Recurrent.Drawn(kind, inputs, hidden, sequences, random);
                GradientCheck.Run(layer, Draw.Matrix(steps, inputs, random), random: random).WorstRelativeError.Should().BeLessThan(1e-6);
            },
            iter: 60);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ASampleHasTheSameBitsAloneAndAmongOthers(string kind) =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 11], Gen.Int[1, 9], Gen.Int[1, 21], Gen.Int).Sample(
            (count, steps, inputs, hidden, seed) =>
            {
                var random = Draw.Seeded(seed);
                var layer = Recurrent.Drawn(kind, inputs, hidden, sequences: true, random);
                var net = new Network().Add(layer).Use((r, y) => r.PointwiseMultiply(y).Enumerate().Sum(), (r, _) => r);
                var (x, errors) = (Draw.Matrices(count, steps, inputs, random), Draw.Matrices(count, steps, hidden, random));
                var runner = new BatchRunner(net.Layers, Shape.Of(x[0]), count, new Criterion(Losses.Mse, Losses.MsePrime));
                foreach (var parameter in layer.Parameters)
                {
                    parameter.ClearGradient();
                }

                runner.ForwardBackward(x, errors, [.. Enumerable.Repeat(1.0, count)], first: 0, new double[count]);
                var together = layer.Parameters.Select(parameter => parameter.Gradient).Clones();
                foreach (var parameter in layer.Parameters)
                {
                    parameter.ClearGradient();
                }

                for (int i = 0; i < count; i++)
                {
                    layer.Backward(Losses.MsePrime(errors[i], layer.ForwardPropagation(x[i])));
                }

                layer.Parameters.Select(parameter => parameter.Gradient).ToArray().ShouldBeBitForBit(together, "gradient");
                net.Predict(x).ShouldBeBitForBit([.. x.Select(layer.Predict)], "prediction");
            },
            iter: 200);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void SamplesMayHaveDifferentNumbersOfSteps(string kind)
    {
        Network Make() => new Network()
            .Add(new BidirectionalLayer(
                Recurrent.Drawn(kind, 2, 3, true, Draw.Seeded(1)), Recurrent.Drawn(kind, 2, 3, true, Draw.Seeded(2))))
            .Add(Recurrent.Drawn(kind, 6, 4, false, Draw.Seeded(3)))
            .Add(new FCLayer(4, 1, random: Draw.Seeded(4)))
            .Use(Losses.Mse, Losses.MsePrime);
        var random = Draw.Seeded(5);
        Matrix<double>[] x = [.. new[] { 4, 1, 9, 4, 2, 9, 4, 7 }.Select(steps => Draw.Matrix(steps, 2, random))];
        var y = Draw.Matrices(8, 1, 1, random);
        var (together, expected) = (Make(), Make());

        together.Fit(x, y, new FitOptions { BatchSize = 8, Optimizer = new Sgd(0.1) });

        // The mean gradient of the samples, one by one.
        for (int i = 0; i < 8; i++)
        {
            var error = Losses.MsePrime(y[i], expected.Layers.Aggregate(x[i], (value, layer) => layer.ForwardPropagation(value)));
            foreach (var layer in expected.Layers.Reverse())
            {
                error = ((TrainableLayer)layer).Backward(error);
            }
        }

        foreach (var (one, other) in LayerTree.Parameters(together.Layers).Zip(LayerTree.Parameters(expected.Layers)))
        {
            one.Value.ShouldBeNear(other.Value - (other.Gradient * (0.1 / 8)), 1e-12, 1e-13, one.Name);
        }

        together.Predict(x).ShouldBeBitForBit([.. x.Select(together.Predict)], "prediction");
    }

    [Fact]
    public void WeightsStartAsTheFieldHasThem()
    {
        var lstm = new LstmLayer(30, 20, random: Draw.Seeded(1));
        var gru = new GruLayer(30, 20, random: Draw.Seeded(2));
        var rnn = new RnnLayer(30, 20, random: Draw.Seeded(3));

        foreach (var (layer, gates) in new (RecurrentLayer, int)[] { (lstm, 4), (gru, 3), (rnn, 1) })
        {
            double limit = Math.Sqrt(6.0 / (30 + (20 * gates)));
            layer.Weights.Enumerate().Max(Math.Abs).Should().BeInRange(0.97 * limit, limit);
            layer.RecurrentWeights.TransposeAndMultiply(layer.RecurrentWeights)
                .ShouldBeNear(Matrix<double>.Build.DenseIdentity(20), 1e-14, 1e-14);
        }

        gru.Bias.Enumerate().Concat(gru.RecurrentBias.Enumerate()).Concat(rnn.Bias.Enumerate()).Should().OnlyContain(value => value == 0);
        lstm.Bias.EnumerateIndexed().Should().OnlyContain(one => one.Item3 == (one.Item2 >= 20 && one.Item2 < 40 ? 1 : 0));
    }

    [Fact]
    public void InitializersMayBeGiven()
    {
        var layer = new LstmLayer(3, 2, initializer: Initializer.Constant(0.5), recurrentInitializer: Initializer.Constant(-0.25));

        layer.Weights.Enumerate().Should().OnlyContain(value => value == 0.5);
        layer.RecurrentWeights.Enumerate().Should().OnlyContain(value => value == -0.25);
    }

    [Fact]
    public void TheNetworksSeedSeedsIt()
    {
        Matrix<double>[] Values() =>
            [.. ((TrainableLayer)new Network { InitialSeed = 7 }.Add(new GruLayer(3, 2)).Layers[0]).Parameters.Select(one => one.Value)];

        Values().ShouldBeBitForBit(Values(), "parameter");
        Values()[0].Should().NotBe(((RecurrentLayer)new Network { InitialSeed = 8 }.Add(new GruLayer(3, 2)).Layers[0]).Weights);
    }

    [Fact]
    public void HugeValuesSaturateTheGates()
    {
        foreach (string kind in (string[])["rnn", "gru", "lstm"])
        {
            var layer = Recurrent.Drawn(kind, 2, 5, sequences: true, Draw.Seeded(1));
            var y = layer.ForwardPropagation(1e6 * Draw.Matrix(5, 2, Draw.Seeded(2)));
            y.Enumerate().Should().OnlyContain(value => Math.Abs(value) <= 1);
            layer.Backward(y).Enumerate().Should().OnlyContain(value => double.IsFinite(value));
        }
    }

    [Fact]
    public void WrongShapesAreRefusedWithTheirWayOut()
    {
        var layer = new LstmLayer(3, 4);

        layer.Invoking(one => one.Predict(Draw.Matrix(3, 7, Draw.Seeded(1)))).Should().Throw<ArgumentException>().WithMessage(
            "LstmLayer(3 -> 4) expects a sequence of 3 columns, one step a row, in any number of rows, but got 3 x 7. "
            + "A step is a row: transpose the matrix.*");
        layer.Invoking(one => one.Predict(Draw.Matrix(5, 7, Draw.Seeded(1)))).Should().Throw<ArgumentException>().WithMessage(
            "*but got 5 x 7. Make this one new LstmLayer(7, 4).*");
        new Network().Add(layer).Invoking(net => net.Add(new FCLayer(5, 1)).Summary())
            .Should().Throw<ArgumentException>().WithMessage("FCLayer(5 -> 1) expects*1 x 4*");
    }

    [Fact]
    public void ASequenceOfMoreThanAnArrayHoldsIsRefused()
    {
        new LstmLayer(1, 100).Invoking(layer => layer.Predict(Matrix<double>.Build.Dense(10_000_000, 1)))
            .Should().Throw<ArgumentException>()
            .WithMessage("LstmLayer(1 -> 100) keeps 7010000000 values of a sequence of 10000000 steps;*");
    }

    [Fact]
    public void TheSummaryKnowsTheLastState()
    {
        string summary = new Network().Add(new LstmLayer(2, 3, returnSequences: true)).Add(new GruLayer(3, 4)).Add(new FCLayer(4, 1))
            .Summary();

        summary.Should().Contain("LstmLayer(2 -> 3, return sequences)").And.Contain("1 x 4").And.Contain("1 x 1");
    }

    private static IEnumerable<BadInput> OfKind(
        string name, Func<int, int, Initializer?, Initializer?, Random?, RecurrentLayer> make)
    {
        foreach (int size in new[] { 0, -1, int.MinValue })
        {
            yield return OutOfRange(
                $"{name}.ctor(inputSize)", $"{size}", _ => make(size, 3, null, null, null), $"{name}'s inputSize", "1 or more", $"{size}");
            yield return OutOfRange(
                $"{name}.ctor(hiddenSize)", $"{size}", _ => make(3, size, null, null, null), $"{name}'s hiddenSize", "1 or more",
                $"{size}");
        }

        yield return OutOfRange(
            $"{name}.ctor(inputSize)", "too many weights", _ => make(int.MaxValue, 3, null, null, null), $"{name}'s Weights",
            "2,147,483,591");
        yield return OutOfRange(
            $"{name}.ctor(hiddenSize)", "too many weights", _ => make(1, int.MaxValue / 8, null, null, null), $"{name}'s RecurrentWeights",
            "2,147,483,591");
        yield return Fine($"{name}.ctor(returnSequences)", "true", _ => make(2, 3, null, null, null));
        yield return Fine($"{name}.ctor(initializer)", "null is the default", _ => make(2, 3, null, Initializer.Zeros, Draw.Seeded(1)));
        yield return Fine(
            $"{name}.ctor(recurrentInitializer)", "null is the default", _ => make(2, 3, Initializer.Zeros, null, Draw.Seeded(1)));
        yield return Fine($"{name}.ctor(random)", "null is a shared one", _ => make(2, 3, null, null, null));
    }

    private static Matrix<double> ByFormulas(RecurrentLayer layer, Matrix<double> x)
    {
        int size = layer.HiddenSize;
        var (h, c) = (Matrix<double>.Build.Dense(1, size), Matrix<double>.Build.Dense(1, size));
        var states = new List<Matrix<double>>();
        Matrix<double> Columns(Matrix<double> of, int gate) => of.SubMatrix(0, of.RowCount, gate * size, size);
        for (int step = 0; step < x.RowCount; step++)
        {
            var row = x.SubMatrix(step, 1, 0, x.ColumnCount);
            Matrix<double> OfX(int gate) => (row * Columns(layer.Weights, gate)) + Columns(layer.Bias, gate);
            Matrix<double> OfH(int gate) => h * Columns(layer.RecurrentWeights, gate);
            Matrix<double> Sigmoid(Matrix<double> of) => of.Map(value => 1 / (1 + Math.Exp(-value)));
            Matrix<double> Tanh(Matrix<double> of) => of.Map(Math.Tanh);
            if (layer is GruLayer gru)
            {
                Matrix<double> OfHWithBias(int gate) => OfH(gate) + Columns(gru.RecurrentBias, gate);
                var (r, z) = (Sigmoid(OfX(0) + OfHWithBias(0)), Sigmoid(OfX(1) + OfHWithBias(1)));
                var n = Tanh(OfX(2) + r.PointwiseMultiply(OfHWithBias(2)));
                h = (1 - z).PointwiseMultiply(n) + z.PointwiseMultiply(h);
            }
            else if (layer is LstmLayer)
            {
                Matrix<double> Gate(int gate) => OfX(gate) + OfH(gate);
                var (i, f, g, o) = (Sigmoid(Gate(0)), Sigmoid(Gate(1)), Tanh(Gate(2)), Sigmoid(Gate(3)));
                c = f.PointwiseMultiply(c) + i.PointwiseMultiply(g);
                h = o.PointwiseMultiply(Tanh(c));
            }
            else
            {
                h = Tanh(OfX(0) + OfH(0));
            }

            states.Add(h);
        }

        return states.Aggregate((above, below) => above.Stack(below));
    }
}
