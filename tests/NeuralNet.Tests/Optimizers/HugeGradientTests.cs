using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Training;

namespace NeuralNet.Tests.Optimizers;

/// <summary>Numbers beyond what their squares, sums or products hold: the right step or words, never a weight that stands still.</summary>
public class HugeGradientTests
{
    private const int Count = 4;

    private static readonly Dictionary<string, Func<Optimizer>> Optimizers = new(BuiltInOptimizers.New)
    {
        ["a user's own"] = () => new SignSgd { LearningRate = 0.25 },
    };

    private static readonly Dictionary<string, (double? Value, double? Norm)> Clippings = new()
    {
        ["none"] = (null, null),
        ["value"] = (0.5, null),
        ["norm"] = (null, 0.75),
        ["value, then norm"] = (0.5, 0.75),
    };

    public static TheoryData<string> Names => [.. Optimizers.Keys];

    public static TheoryData<string, string, double> All
    {
        get
        {
            var all = new TheoryData<string, string, double>();
            foreach (string optimizer in Optimizers.Keys)
            {
                foreach (string clipping in Clippings.Keys)
                {
                    foreach (double size in new[] { 1e150, 1e160, 1e200, 1e307, 1.5e308 })
                    {
                        all.Add(optimizer, clipping, size);
                    }
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void FitTakesTheRightStepOrSaysWhatOverflowed(string name, string clipping, double size)
    {
        var optimizer = Make(name, clipping);
        var layer = new FCLayer(3, 2, random: Draw.Seeded(1));
        var start = layer.Weights.Clone();
        var history = Steep(layer, Draw.Row(size, -size)).Fit(Rows(1, 0.5, 1), Rows(0, 0), Options(optimizer));

        bool sumsOverflow = size * Count > double.MaxValue;
        if (sumsOverflow || (SquaresGradients(optimizer) && clipping == "none" && size * size > double.MaxValue))
        {
            history.StopReason.Should().Be(StopReason.NumericOverflow);
            history.StopMessage.Should().ContainAll("epoch 1: ", "layers.0.Weights of FCLayer(3 -> 2)", "after sample 3.");
            history.Losses.Should().BeEmpty();
            layer.Weights.ShouldBeBitForBit(start);
            return;
        }

        history.StopReason.Should().Be(StopReason.EpochsCompleted);
        // The bias's gradient is the last row.
        var gradients = Matrix<double>.Build.Dense(4, 2, (row, column) => (column == 0 ? size : -size) * (row == 1 ? 0.5 : 1));
        var clipped = Clipped(gradients, optimizer);
        layer.Weights.ShouldBeNear(start.MapIndexed((row, column, w) => Followed(optimizer, w, clipped[row, column])), 1e-12);
        layer.Weights.Enumerate().Zip(start.Enumerate()).Should().NotContain(pair => pair.First == pair.Second, "no weight stands still");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void StepTakesTheRightStepOrLeavesNaN(string name, string clipping, double size)
    {
        var optimizer = Make(name, clipping);
        var parameter = new Parameter("W", Draw.Row(0.5, -1, 2, 0.25, 0.125));
        var (start, gradient) = (parameter.Value.Clone(), Draw.Row(size, -size / 2, size, size, -size));
        gradient.CopyTo(parameter.Gradient);

        optimizer.Step([parameter]);

        if (SquaresGradients(optimizer) && clipping == "none" && size > 1e150)
        {
            parameter.Value.Enumerate().Should().OnlyContain(w => double.IsNaN(w));
        }
        else
        {
            var clipped = Clipped(gradient, optimizer);
            for (int i = 0; i < 5; i++)
            {
                double right = Followed(optimizer, start[0, i], clipped[0, i], steps: 1);
                double.IsFinite(parameter.Value[0, i]).Should().Be(double.IsFinite(right), "Nesterov's step is larger than the gradient");
                (double.IsFinite(right) ? parameter.Value[0, i] : 0).ShouldBeNear(double.IsFinite(right) ? right : 0, 1e-12);
            }
        }
    }

    [Fact]
    public void AnOverflowOfOneValueIsThatValuesAlone()
    {
        var parameter = new Parameter("W", Draw.Row(1, 2, 3, 4, 5, 6));
        Draw.Row(1, 1e200, 1, 1, 1, -1e200).CopyTo(parameter.Gradient);

        new Adam(0.5).Update(parameter);

        parameter.Value.Row(0).Select((w, i) => Math.Round(w, 6)).Should().Equal(0.5, double.NaN, 2.5, 3.5, 4.5, double.NaN);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AWeightDecayOrL2ThatOverflowsIsNamed(string name)
    {
        foreach (double l2 in new[] { 0, 1e200 })
        {
            var optimizer = Optimizers[name]();
            var layer = new FCLayer(3, 2, random: Draw.Seeded(1)) { Weights = Matrix<double>.Build.Dense(3, 2, 1e200) };
            layer.Parameters[0].L2 = l2;

            var history = Steep(layer, Draw.Row(0, 0)).Fit(Rows(1, 1, 1), Rows(0, 0), Options(optimizer));

            bool squaresDecay = optimizer is Adam { WeightDecay: > 0 } or Adagrad { WeightDecay: > 0 } or RmsProp { WeightDecay: > 0 };
            history.StopReason.Should().Be(l2 > 0 || squaresDecay ? StopReason.NumericOverflow : StopReason.EpochsCompleted);
            history.StopMessage.Contains("layers.0.Weights of FCLayer(3 -> 2)").Should().Be(l2 > 0 || squaresDecay);
        }
    }

    /// <summary>Each square is finite, their sum is not: nothing looks suspicious before the epoch ends.</summary>
    [Fact]
    public void AnAccumulatorThatOverflowsBitByBitIsFound()
    {
        var layer = new FCLayer(1, 1, random: Draw.Seeded(1));
        var options = new FitOptions { Epochs = 9, BatchSize = 2, Optimizer = new Adagrad() };
        var history = Steep(layer, Draw.Row(9e153)).Fit([Draw.Row(1e-3)], [Draw.Row(0)], options);

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().HaveCount(2);
        history.StopMessage.Should().Be(
            "Numeric overflow in epoch 3: the squared gradients of layers.0.Bias of FCLayer(1 -> 1) are too large for Adagrad(0.01) " +
            "without ClipNorm or ClipValue after sample 0. " +
            "The network has the parameters it had before that epoch. Try a smaller learning rate, or inputs scaled to about -1 to 1.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AParameterThatALearningRateMakesInfiniteIsNamed(string name)
    {
        var optimizer = Optimizers[name]();
        optimizer.LearningRate = 1.7e308;
        var layer = new FCLayer(3, 2, random: Draw.Seeded(1));

        var history = Steep(layer, Draw.Row(16, 16)).Fit(Rows(1, 1, 1), Rows(0, 0), Options(optimizer));

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.StopMessage.Should().ContainAll("layers.0.Weights of FCLayer(3 -> 2)", "after sample 3.");
    }

    [Fact]
    public void AParameterThatIsNotFiniteIsNamedBesideTheLossThatShowsIt()
    {
        var network = new Network().Add(new FCLayer(1, 1, random: Draw.Seeded(1))).Use(Losses.Mse, (_, _) => Draw.Row(1e308));

        network.Fit([Draw.Row(1), Draw.Row(1)], [Draw.Row(0), Draw.Row(0)], epochs: 1, learningRate: 10).StopMessage.Should()
            .StartWith(
                "Numeric overflow in epoch 1: the loss of sample 1 is Infinity, and layers.0.Weights of FCLayer(1 -> 1) is no longer ");
    }

    [Fact]
    public void RunningStatisticsThatOverflowAreNamed()
    {
        var network = new Network().Add(new BatchNormLayer(2)).Use(Losses.Mse, Losses.MsePrime);

        network.Fit([Draw.Row(1e200, 0), Draw.Row(-1e200, 1)], [Draw.Row(0, 0), Draw.Row(0, 0)], new FitOptions { BatchSize = 2 })
            .StopMessage.Should()
            .Contain("layers.0.RunningVariance of BatchNormLayer(2) is no longer finite after sample 1.");
    }

    [Fact]
    public void AUsersOwnOptimizerIsLookedAtAfterEachBatch()
    {
        int batches = 0;
        var optimizer = new Breaks { BreakAt = 3 };
        var layer = new FCLayer(3, 2, random: Draw.Seeded(1));
        var options = new FitOptions { BatchSize = 1, Optimizer = optimizer, BatchProgress = Trained.Tell<BatchReport>(_ => batches++) };
        var history = Steep(layer, Draw.Row(1, 1)).Fit(Rows(1, 1, 1), Rows(0, 0), options);

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.StopMessage.Should().Contain("layers.0.Weights of FCLayer(3 -> 2) is no longer finite after sample 2.");
        batches.Should().Be(2);
    }

    [Fact]
    public void HugeGradientsAreClippedToTheSameBitsOnAnyNumberOfThreads()
    {
        var random = Draw.Seeded(5);
        var (x, y) = (Draw.Matrices(64, 1, 300, random), Draw.Matrices(64, 1, 20, random));
        var bits = new List<string>();
        foreach (int threads in new[] { 1, 2, 4 })
        {
            var network = new Network().Add(new FCLayer(300, 100, random: Draw.Seeded(6))).Add(new FCLayer(100, 20, random: Draw.Seeded(7)))
                .Use(Losses.Mse, (yTrue, yPred) => 1e200 * Losses.MsePrime(yTrue, yPred));
            string before = network.Bits();
            var optimizer = new Adam(0.01) { ClipNorm = 1 };
            network.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 32, Optimizer = optimizer, MaxDegreeOfParallelism = threads })
                .StopReason.Should().Be(StopReason.EpochsCompleted);
            bits.Add(network.Bits());
            bits[^1].Should().NotBe(before);
        }

        bits.Should().AllBe(bits[0]);
    }

    private static bool SquaresGradients(Optimizer optimizer) => optimizer is Adam or AdamW or RmsProp or Adagrad;

    private static Optimizer Make(string name, string clipping)
    {
        var optimizer = Optimizers[name]();
        (optimizer.ClipValue, optimizer.ClipNorm) = Clippings[clipping];
        return optimizer;
    }

    private static FitOptions Options(Optimizer optimizer) => new() { Epochs = 2, BatchSize = Count, Optimizer = optimizer };

    private static Matrix<double>[] Rows(params double[] values) => [.. Enumerable.Range(0, Count).Select(_ => Draw.Row(values))];

    /// <summary>A network whose loss is always 0, and its gradient always this.</summary>
    private static Network Steep(FCLayer layer, Matrix<double> gradient) => new Network().Add(layer).Use((_, _) => 0, (_, _) => gradient);

    /// <summary>The gradients after clipping, worked out where no square overflows.</summary>
    private static Matrix<double> Clipped(Matrix<double> gradient, Optimizer optimizer)
    {
        if (optimizer.ClipValue is { } greatest)
        {
            gradient = gradient.Map(g => Math.Clamp(g, -greatest, greatest));
        }

        double largest = gradient.Enumerate().Max(Math.Abs);
        var scaled = gradient / largest;
        return optimizer.ClipNorm is { } norm ? scaled * (norm / (scaled.FrobeniusNorm() + (1e-6 / largest))) : gradient;
    }

    private static double Followed(Optimizer optimizer, double w, double gradient, int steps = 2)
    {
        if (optimizer is SignSgd)
        {
            return w - (steps * optimizer.LearningRate * Math.Sign(gradient));
        }

        var naive = new NaiveOptimizer(optimizer);
        for (int step = 0; step < steps; step++)
        {
            w = naive.Update(w, gradient);
        }

        return w;
    }

    private sealed class SignSgd : Optimizer
    {
        public override void Update(Parameter parameter) =>
            parameter.Value.Subtract(LearningRate * parameter.Gradient.PointwiseSign(), parameter.Value);
    }

    private sealed class Breaks : Optimizer
    {
        private int _steps;

        public int BreakAt { get; init; }

        public override void Update(Parameter parameter)
        {
            if (parameter.Name == "Weights" && ++_steps == BreakAt)
            {
                parameter.Value[0, 0] = double.PositiveInfinity;
            }
        }
    }
}
