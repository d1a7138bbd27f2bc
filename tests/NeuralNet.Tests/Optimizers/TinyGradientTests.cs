using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Optimizers;

/// <summary>Numbers whose squares vanish, and numbers that are on their way to the subnormal ones.</summary>
public class TinyGradientTests
{
    public static TheoryData<string> All => BuiltInOptimizers.Names;

    /// <summary>The square of 1e-200 is 0 in PyTorch too: the step is that by epsilon alone, as it would be with exact squares.</summary>
    [Fact]
    public void ATinyGradientsStepIsDividedByEpsilonAsInPyTorch()
    {
        Step(new Sgd(0.1)).ShouldBeNear(-1e-201, 1e-15);
        Step(new Sgd(0.1, momentum: 0.9)).ShouldBeNear(-1e-201, 1e-15);
        Step(new Sgd(0.1, momentum: 0.9, nesterov: true)).ShouldBeNear(-1.9e-201, 1e-15);
        Step(new Adagrad(0.1)).ShouldBeNear(-1e-201 / 1e-10, 1e-15);
        Step(new RmsProp(0.1)).ShouldBeNear(-1e-201 / 1e-8, 1e-15);
        Step(new RmsProp(0.1, momentum: 0.9, centered: true)).ShouldBeNear(-1e-201 / 1e-8, 1e-15);
        Step(new Adam(0.1)).ShouldBeNear(-1e-201 / 1e-8, 1e-15);
        Step(new AdamW(0.1)).ShouldBeNear(-1e-201 / 1e-8, 1e-15);

        static double Step(Optimizer optimizer)
        {
            var parameter = new Parameter("W", Draw.Row(0));
            parameter.Gradient[0, 0] = 1e-200;
            optimizer.ClipNorm = 1;
            optimizer.Step([parameter]);
            parameter.Gradient[0, 0].Should().Be(1e-200, "its norm is small enough");
            return parameter.Value[0, 0];
        }
    }

    /// <summary>Adam's mean is subnormal after 6,700 steps without gradients, its square after 700,000: we begin shortly before.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void WhatIsKeptComesToZeroAndIsNeverSubnormal(string name)
    {
        var optimizer = BuiltInOptimizers.New[name]();
        var parameter = new Parameter("W", Draw.Row(0, 0, 0, 0, 0, 0));
        optimizer.Update(parameter);
        var state = optimizer.StateOf(parameter)!;
        foreach (double[] kept in state.Values)
        {
            new[] { 1e-288, 3e-289, 1e-285, 0, 1e-287, 2e-284 }.CopyTo(kept, 0);
        }

        for (int step = 0; step < 20_000; step++)
        {
            optimizer.Update(parameter);
            parameter.Value.Clear(); // a weight that decays makes gradients
            Array.Exists(state.Values, kept => Array.Exists(kept, double.IsSubnormal)).Should().BeFalse();
        }

        foreach (double[] kept in state.Values)
        {
            kept.Should().OnlyContain(number => number == 0 || optimizer is Adagrad, "Adagrad's squares do not decay");
        }
    }

    [Fact]
    public void AdamWithoutGradientsForgetsItsMean()
    {
        var optimizer = new Adam();
        var parameter = new Parameter("W", Draw.Row(1, 2, 3, 4, 5));
        Draw.Row(1, -1, 1e-3, 1e3, 0.1).CopyTo(parameter.Gradient);
        optimizer.Update(parameter);
        parameter.Gradient.Clear();
        double[] mean = optimizer.StateOf(parameter)!.Values[0];
        for (int step = 0; step < 7000; step++)
        {
            optimizer.Update(parameter);
            Array.Exists(mean, double.IsSubnormal).Should().BeFalse();
        }

        mean.Should().OnlyContain(number => number == 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AWeightThatDecaysIsNeverSubnormal(string name)
    {
        foreach (double l2 in new[] { 0, 0.05 })
        {
            var optimizer = BuiltInOptimizers.New[name]();
            var layer = new FCLayer(3, 2) { Weights = Matrix<double>.Build.Dense(3, 2, (row, column) => (row + column) * 1e-287) };
            layer.Parameters[0].L2 = l2;
            var network = new Network().Add(layer).Use(Losses.Mse, (_, yPred) => 0 * yPred);

            network.Fit([Draw.Row(0, 0, 0)], [Draw.Row(0, 0)], new FitOptions
            {
                Epochs = 3000,
                Optimizer = optimizer,
                BatchProgress = Training.Trained.Tell<BatchReport>(_ => layer.Weights.Exists(double.IsSubnormal).Should().BeFalse()),
            });

            layer.Weights.Exists(w => w != 0).Should().Be(optimizer is not (Sgd { WeightDecay: > 0 } or Adagrad { WeightDecay: > 0 }));
        }
    }

    [Fact]
    public void NumbersThatDoNotDecayKeepTheirBits()
    {
        var optimizer = new Sgd(0.5, momentum: 0.5);
        var parameter = new Parameter("W", Draw.Row(1e-300, 5e-324, -1e-290));
        for (int step = 0; step < 100; step++)
        {
            optimizer.Update(parameter);
        }

        parameter.Value.ShouldBeBitForBit(Draw.Row(1e-300, 5e-324, -1e-290));
    }

    [Fact]
    public void MeansAreThoseOfPlainArithmeticWithTinyOnesZero() =>
        (from size in Gen.Int[1, 40]
         from seed in Gen.Int
         from count in Gen.Int[1, 7]
         from l2 in Gen.OneOfConst(0, 0.25)
         from scale in Gen.OneOfConst(1, 1e-289, 1e160)
         select (size, seed, count, l2, scale)).Sample(
            one =>
            {
                var random = Draw.Seeded(one.seed);
                double[] sums = (one.scale * Draw.Matrix(1, one.size, random)).ToRowMajorArray();
                double[] w = (one.scale * Draw.Matrix(1, one.size, random)).ToRowMajorArray();
                double Mean(double g, double v) => one.l2 == 0 ? g / one.count : Math.FusedMultiplyAdd(one.l2, v, g / one.count);
                double[] expected = [.. sums.Zip(w, Mean).Select(mean => Math.Abs(mean) < UpdateRules.Tiny ? 0 : mean)];

                bool finite = UpdateRules.Mean(sums, one.count, one.l2, w);

                sums.Should().Equal(expected);
                finite.Should().Be(double.IsFinite(expected.Sum(mean => mean * mean)));
            },
            iter: 200,
            threads: 1);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void AMeanThatIsNotFiniteStaysSoAndIsTold(double value)
    {
        for (int at = 0; at < 11; at++)
        {
            double[] sums = new double[11];
            sums[at] = value;

            UpdateRules.Mean(sums, 2, 0, sums).Should().BeFalse();

            sums[at].Should().Be(value);
            sums.Count(mean => mean == 0).Should().Be(10);
        }
    }
}
