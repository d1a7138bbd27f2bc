using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Data;

namespace NeuralNet.Tests.Training;

/// <summary>Lists that make their samples when they are asked: decoding and augmentation cost as often as Fit asks.</summary>
public class ListReadingTests
{
    private const int Samples = 12;
    private const int Epochs = 3;
    private const int Bad = 7;

    private static readonly string[] s_networks =
        ["own layers", "batch norm", "a user's layer", "a user's layer that updates itself", "a user's loss"];

    private static readonly string[] s_measured =
        ["", "metrics", "split", "split metrics", "validation", "validation metrics", "metrics stopping checkpoint reports"];

    private readonly Matrix<double>[] _x = Trained.Samples(Samples).X;
    private readonly Matrix<double>[] _y = Trained.Samples(Samples).Y;

    public static TheoryData<string, int, bool, string> Options
    {
        get
        {
            var data = new TheoryData<string, int, bool, string>();
            foreach (string network in s_networks)
            {
                foreach (int batch in new[] { 1, 5, 100 }.Where(batch => batch > 1 || network != "batch norm"))
                {
                    foreach (bool shuffle in new[] { false, true })
                    {
                        foreach (string measured in s_measured)
                        {
                            data.Add(network, batch, shuffle, measured);
                        }
                    }
                }
            }

            return data;
        }
    }

    public static TheoryData<string, string> BadSamples
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string list in new[] { "xTrain", "yTrain", "Validation.X", "Validation.Y" })
            {
                foreach (string wrong in new[] { "null", "shape", "NaN", "throws" })
                {
                    data.Add(list, wrong);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void EachSampleIsReadOnceAnEpoch(string network, int batch, bool shuffle, string measured)
    {
        using var folder = new Folder();
        bool Asks(string what) => measured.Contains(what, StringComparison.Ordinal);
        FitOptions Options(IReadOnlyList<Matrix<double>> validationX, IReadOnlyList<Matrix<double>> validationY, string file) => new()
        {
            Epochs = Epochs,
            BatchSize = batch,
            Shuffle = shuffle,
            Seed = 1,
            Metrics = Asks("metrics") ? [Metric.R2, Metric.MeanAbsoluteError] : [],
            ValidationSplit = Asks("split") ? 0.25 : 0,
            Validation = Asks("validation") ? (validationX, validationY) : null,
            EarlyStopping = Asks("stopping") ? new EarlyStopping { Monitor = Metric.R2, Patience = 9 } : null,
            Checkpoint = Asks("checkpoint") && !network.Contains("user", StringComparison.Ordinal)
                ? new Checkpoint(Path.Combine(folder.Path, file)) { KeepBest = true }
                : null,
            Progress = Asks("reports") ? Trained.Tell<EpochReport>(_ => { }) : null,
            BatchProgress = Asks("reports") ? Trained.Tell<BatchReport>(_ => { }) : null,
        };
        var (x, y, validationX, validationY) = (new CountingList(_x), new CountingList(_y), new CountingList(_x), new CountingList(_y));
        var (net, twin) = (Make(network), Make(network));

        net.Fit(x, y, Options(validationX, validationY, "lazy")).StopReason.Should().Be(StopReason.EpochsCompleted);

        foreach (var list in (CountingList[])[x, y, .. Asks("validation") ? new[] { validationX, validationY } : []])
        {
            list.Reads.Should().AllBeEquivalentTo(Epochs);
        }

        twin.Fit(_x, _y, Options(_x, _y, "stored"));
        net.Bits().Should().Be(twin.Bits(), "a list that makes its samples trains as one that stores them");
    }

    [Fact]
    public void TheArticlesFitReadsEachSampleOnceAnEpoch()
    {
        var (x, y) = (new CountingList(_x), new CountingList(_y));

        Trained.Small().Fit(x, y, Epochs, 0.1);

        x.Reads.Should().AllBeEquivalentTo(Epochs);
        y.Reads.Should().AllBeEquivalentTo(Epochs);
    }

    [Theory]
    [InlineData("own layers")]
    [InlineData("a user's layer")]
    public void PredictAndEvaluateReadEachSampleOnce(string network)
    {
        var net = Make(network);
        var (inputs, x, y) = (new CountingList(_x), new CountingList(_x), new CountingList(_y));

        net.Predict(inputs).Select(Fingerprint.Of).Should().Equal(_x.Select(one => Fingerprint.Of(net.Predict(one))));
        string stored = net.Evaluate(_x, _y, Metric.R2, Metric.MeanAbsoluteError).ToString();
        net.Evaluate(x, y, Metric.R2, Metric.MeanAbsoluteError).ToString().Should().Be(stored);

        inputs.Reads.Should().AllBeEquivalentTo(1);
        x.Reads.Should().AllBeEquivalentTo(1);
        y.Reads.Should().AllBeEquivalentTo(1);
    }

    [Fact]
    public void AMetricReadsEachSampleOnce()
    {
        var (yTrue, yPred) = (new CountingList(_y), new CountingList(_y));

        Metric.R2.Of(yTrue, yPred).Should().Be(1);

        yTrue.Reads.Should().AllBeEquivalentTo(1);
        yPred.Reads.Should().AllBeEquivalentTo(1);
    }

    [Theory]
    [MemberData(nameof(BadSamples))]
    public void ABadSampleMetInTheFirstEpochLeavesTheNetworkAsItWas(string list, string wrong)
    {
        var (net, twin) = (Trained.Small(batchNorm: true), Trained.Small(batchNorm: true));
        net.InitialSeed = twin.InitialSeed = null;

        var fit = () => net.Fit(Lists(list, wrong).X, Lists(list, wrong).Y, Broken(list, wrong, new Adam()));

        ShouldRefuse(fit, list, wrong);
        net.Bits().Should().Be(twin.Bits());
        net.ShouldHaveNoGradients();
        net.InitialSeed.Should().BeNull();
        net.Fit(_x, _y, new FitOptions { Seed = 1 });
        twin.Fit(_x, _y, new FitOptions { Seed = 1 });
        net.Bits().Should().Be(twin.Bits(), "it trains on as if nothing had been tried");
    }

    [Theory]
    [MemberData(nameof(BadSamples))]
    public void ABadSampleInTheFirstEpochAfterACheckpointLeavesTheNetworkAsItWasBefore(string list, string wrong)
    {
        using var folder = new Folder();
        var checkpoint = new Checkpoint(Path.Combine(folder.Path, "training")) { Resume = true };
        var stopping = new EarlyStopping { Patience = 9 };
        var first = new FitOptions
        {
            BatchSize = 5,
            Checkpoint = checkpoint,
            EarlyStopping = stopping,
            Validation = (_x, _y),
            Optimizer = new Adam()
        };
        Trained.Small().Fit(_x, _y, first);
        byte[] stored = File.ReadAllBytes(checkpoint.Path);
        var net = Trained.Small();
        string before = net.Bits();

        var fit = () => net.Fit(Lists(list, wrong).X, Lists(list, wrong).Y, Broken(list, wrong, new Adam(), checkpoint, stopping));

        ShouldRefuse(fit, list, wrong);
        net.Bits().Should().Be(before);
        File.ReadAllBytes(checkpoint.Path).Should().Equal(stored);
    }

    [Theory]
    [InlineData("xTrain", 1)]
    [InlineData("yTrain", 1)]
    [InlineData("Validation.X", 2)]
    [InlineData("Validation.Y", 2)]
    public void ABadSampleOfALaterEpochTakesItsEpochBackOnly(string list, int kept)
    {
        var (net, twin) = (Trained.Small(), Trained.Small());
        int reads = 0;
        bool IsBad(string name, int index) => name == list && index == Bad && ++reads == 2;
        CountingList Sound(Matrix<double>[] samples, string name) =>
            new(Samples, index => IsBad(name, index) ? Draw.Row(1, 2, double.NaN) : samples[index].Clone());
        var options = new FitOptions { Epochs = 9, Validation = (Sound(_x, "Validation.X"), Sound(_y, "Validation.Y")) };

        var fit = () => net.Fit(Sound(_x, "xTrain"), Sound(_y, "yTrain"), options);

        fit.Should().ThrowExactly<ArgumentException>().WithMessage($"{list}[{Bad}] must hold finite numbers only*");

        twin.Fit(_x, _y, new FitOptions { Epochs = kept });
        net.Bits().Should().Be(twin.Bits());
    }

    [Fact]
    public void AListThatStoresItsSamplesIsCheckedBeforeAnyoneSeesOne()
    {
        int calls = 0;
        var net = new Network().Add(new UserLayers.Custom(x => x, error => error)).Use(
            (yTrue, yPred) =>
            {
                calls++;
                return Losses.Mse(yTrue, yPred);
            },
            Losses.MsePrime);
        IReadOnlyList<Matrix<double>>[] badLists = [[.. _x[..^1], null!], new List<Matrix<double>>(_x[..^1]) { Draw.Row(1) }];
        foreach (var bad in badLists)
        {
            var fit = () => net.Fit(bad, _x, 1, 0.1);
            fit.Should().ThrowExactly<ArgumentException>().WithMessage("*xTrain[11] is*");
            fit = () => net.Fit(_x, _x, new FitOptions { Validation = (_x, bad) });
            fit.Should().ThrowExactly<ArgumentException>().WithMessage("*Validation.Y[11] is*");
        }

        calls.Should().Be(0);
    }

    [Fact]
    public void AMatrixThatIsNotDenseIsCopiedOnce()
    {
        const int Size = 50_000;
        const long Copy = sizeof(double) * Size;
        var net = new Network().Add(new FCLayer(Size, 1, random: Draw.Seeded(1))).Use(Losses.Mse, Losses.MsePrime);
        Matrix<double>[] x = [.. Enumerable.Range(0, 20).Select(i => Matrix<double>.Build.SparseOfIndexed(1, Size, [(0, i, 1.0)]))];
        Matrix<double>[] y = [.. x.Select(_ => Draw.Row(1))];
        FitOptions Options(int epochs) => new() { Epochs = epochs, BatchSize = 5, MaxDegreeOfParallelism = 1 };
        long FitBytes(int epochs) => Bytes(() => net.Fit(x, y, Options(epochs)));
        FitBytes(1);
        net.Predict(x[0]);

        Bytes(() => net.Predict(x[0])).Should().BeLessThan(2 * Copy);
        (FitBytes(12) - FitBytes(2)).Should().BeLessThan(10 * 20 * Copy * 3 / 2);
        Bytes(() => Metric.R2.Of(x, x)).Should().BeLessThan(((2 * 20) + 6) * Copy);
    }

    private static long Bytes(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static Network Make(string network)
    {
        var random = Draw.Seeded(1);
        var net = new Network().Add(new FCLayer(4, 3, random: random));
        if (network == "batch norm")
        {
            net.Add(new BatchNormLayer(3));
        }

        if (network == "a user's layer")
        {
            net.Add(new UserLayers.Scale(Draw.Matrix(1, 3, random)));
        }

        if (network == "a user's layer that updates itself")
        {
            net.Add(new UserLayers.ArticleScale(Draw.Row(1, 1, 1)));
        }

        return net.Add(new FCLayer(3, 2, random: random))
            .Use(network == "a user's loss" ? (yTrue, yPred) => Losses.Mse(yTrue, yPred) : Losses.Mse, Losses.MsePrime);
    }

    private static void ShouldRefuse(Func<TrainingHistory> fit, string list, string wrong)
    {
        if (wrong == "throws")
        {
            fit.Should().ThrowExactly<InvalidDataException>();
        }
        else
        {
            fit.Should().ThrowExactly<ArgumentException>().WithMessage($"*{list}[{Bad}] *");
        }
    }

    private (CountingList X, CountingList Y) Lists(string broken, string wrong) =>
        (List(_x, broken == "xTrain", wrong), List(_y, broken == "yTrain", wrong));

    private FitOptions Broken(
        string list, string wrong, Optimizer optimizer, Checkpoint? checkpoint = null, EarlyStopping? stopping = null) => new()
        {
            Epochs = 9,
            BatchSize = 5,
            Optimizer = optimizer,
            Checkpoint = checkpoint,
            EarlyStopping = stopping,
            Validation = (List(_x, list == "Validation.X", wrong), List(_y, list == "Validation.Y", wrong)),
        };

    private static CountingList List(Matrix<double>[] samples, bool broken, string wrong)
    {
        Matrix<double> Wrong(int index) => wrong switch
        {
            "null" => null!,
            "shape" => Draw.Row(1, 2, 3, 4, 5),
            "NaN" => samples[index] * double.NaN,
            _ => throw new InvalidDataException("cannot decode"),
        };
        return new(Samples, index => broken && index == Bad ? Wrong(index) : samples[index].Clone());
    }
}
