using System.Runtime.CompilerServices;
using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Optimizers;

public class OptimizerTests
{
    public static TheoryData<string> All => BuiltInOptimizers.Names;

    [Theory]
    [MemberData(nameof(All))]
    public void EachValueFollowsTheFormulas(string name)
    {
        var random = Draw.Seeded(1);
        var optimizer = BuiltInOptimizers.New[name]();
        var parameter = new Parameter("W", Draw.Matrix(3, 5, random));
        var expected = parameter.Value.Clone();
        var naive = Enumerable.Range(0, 15).Select(_ => new NaiveOptimizer(optimizer)).ToArray();
        for (int step = 0; step < 30; step++)
        {
            Draw.Matrix(3, 5, random).CopyTo(parameter.Gradient);
            expected.MapIndexedInplace((row, column, w) => naive[(row * 5) + column].Update(w, parameter.Gradient[row, column]));

            optimizer.Update(parameter);

            // What centering takes away cancels: where the squares' mean is near the mean's square, the last bits of both are what is left.
            parameter.Value.ShouldBeNear(
                expected, name.Contains("centered") ? 1e-9 : 1e-12, name.Contains("centered") ? 1e-9 : 1e-13, $"W after step {step + 1}");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TheBitsAreTheSameHoweverTheParameterIsSliced(string name) =>
        (from size in Gen.Int[1, 40]
         from cuts in Gen.Int[0, size].Array[0, 5]
         from seed in Gen.Int
         from scale in Gen.OneOfConst(1, UpdateRules.Tiny)
         select (size, cuts, seed, scale)).Sample(
            one =>
            {
                var random = Draw.Seeded(one.seed);
                var (whole, sliced) = (BuiltInOptimizers.New[name](), BuiltInOptimizers.New[name]());
                var value = Draw.Matrix(1, one.size, random);
                var (expected, actual) = (new Parameter("W", value), new Parameter("W", value));
                for (int step = 0; step < 20; step++)
                {
                    var gradient = one.scale * Draw.Matrix(1, one.size, random);
                    gradient.CopyTo(expected.Gradient);
                    gradient.CopyTo(actual.Gradient);

                    whole.Update(expected);
                    sliced.CanSlice.Should().BeTrue();
                    var state = sliced.Begin(actual);
                    int[] ends = [0, .. one.cuts.Order(), one.size];
                    for (int i = ends.Length - 1; i > 0; i--)
                    {
                        sliced.UpdateSlice(actual, state, ends[i - 1], ends[i]);
                    }
                }

                actual.Value.ShouldBeBitForBit(expected.Value);
            },
            iter: 50,
            threads: 1);

    [Fact]
    public void PlainSgdHasTheBitsOfTheArticlesUpdate()
    {
        var random = Draw.Seeded(2);
        var value = Draw.Matrix(1, 37, random);
        var (article, layer) = (new UserLayers.Scale(value), new UserLayers.Scale(value));
        var (x, error) = (Draw.Matrix(1, 37, random), Draw.Matrix(1, 37, random));
        article.ForwardPropagation(x);
        layer.ForwardPropagation(x);

        article.BackwardPropagation(error, 0.1);
        layer.Backward(error);
        new Sgd(0.1).Step(layer.Parameters);

        layer.Parameters[0].Value.ShouldBeBitForBit(article.Parameters[0].Value);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void EachParameterHasAStateOfItsOwn(string name)
    {
        var random = Draw.Seeded(3);
        var (together, alone) = (BuiltInOptimizers.New[name](), new[] { BuiltInOptimizers.New[name](), BuiltInOptimizers.New[name]() });
        Matrix<double>[] values = [Draw.Matrix(2, 3, random), Draw.Matrix(1, 5, random)];
        Parameter[] shared = [.. values.Select(value => new Parameter("W", value))];
        Parameter[] single = [.. values.Select(value => new Parameter("W", value))];
        for (int step = 0; step < 4; step++)
        {
            for (int i = 0; i < values.Length; i++)
            {
                var gradient = Draw.Matrix(values[i].RowCount, values[i].ColumnCount, random);
                gradient.CopyTo(shared[i].Gradient);
                gradient.CopyTo(single[i].Gradient);
                alone[i].Step([single[i]]);
            }

            together.Step(shared);
        }

        shared.Select(parameter => parameter.Value).ToArray().ShouldBeBitForBit([.. single.Select(parameter => parameter.Value)], "W");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AForgottenParameterStartsAnew(string name)
    {
        var optimizer = BuiltInOptimizers.New[name]();
        var value = Draw.Matrix(2, 3, Draw.Seeded(4));
        var (used, fresh) = (WithGradient(value, 5), WithGradient(value, 5));
        optimizer.Update(used);
        optimizer.Update(used);
        value.CopyTo(used.Value);

        optimizer.Forget(used);
        optimizer.Update(used);
        optimizer.Update(fresh);

        used.Value.ShouldBeBitForBit(fresh.Value);
        optimizer.StateOf(used)!.Steps.Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TheStateIsCountedAndAsLongAsTheParameter(string name)
    {
        var optimizer = BuiltInOptimizers.New[name]();
        var parameter = WithGradient(Draw.Matrix(2, 3, Draw.Seeded(6)), 7);
        optimizer.StateOf(parameter).Should().BeNull();

        optimizer.Update(parameter);
        optimizer.Update(parameter);

        var state = optimizer.StateOf(parameter)!;
        state.Steps.Should().Be(2);
        state.Values.Should().HaveCount(optimizer switch
        {
            Sgd sgd => sgd.Momentum == 0 ? 0 : 1,
            Adagrad => 1,
            RmsProp rms => 1 + (rms.Momentum == 0 ? 0 : 1) + (rms.Centered ? 1 : 0),
            _ => 2,
        });
        state.Values.SelectMany(values => values).Should().HaveCount(6 * state.Values.Length).And.NotContain(0);
    }

    [Fact]
    public void TheStatesStandInTheOrderThatIsDocumented()
    {
        var parameter = new Parameter("W", Draw.Row(1));
        parameter.Gradient[0, 0] = 2;
        double[] State(Optimizer optimizer)
        {
            optimizer.Update(parameter);
            parameter.Value[0, 0] = 1;
            return [.. optimizer.StateOf(parameter)!.Values.Select(values => Math.Round(values[0], 9))];
        }

        State(new Sgd(0.1, momentum: 0.9)).Should().Equal(2);
        State(new Adagrad(initialAccumulator: 0.5)).Should().Equal(4.5);
        State(new RmsProp(decay: 0.75, momentum: 0.5, centered: true)).Should().Equal(1, Math.Round(2 / (Math.Sqrt(0.75) + 1e-8), 9), 0.5);
        State(new Adam(beta1: 0.75, beta2: 0.5)).Should().Equal(0.5, 2);
        State(new AdamW(beta1: 0.75, beta2: 0.5)).Should().Equal(0.5, 2);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AnOptimizerDoesNotKeepANetworkAlive(string name)
    {
        var optimizer = BuiltInOptimizers.New[name]();
        var (parameter, state) = UpdateAndDrop(optimizer);

        for (int i = 0; i < 10 && (parameter.IsAlive || state.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        parameter.IsAlive.Should().BeFalse();
        state.IsAlive.Should().BeFalse();
        GC.KeepAlive(optimizer);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void StepsAllocateNothing(string name)
    {
        var optimizer = BuiltInOptimizers.New[name]();
        (optimizer.ClipNorm, optimizer.ClipValue) = (1e-3, 1e-2);
        Parameter[] parameters =
            [WithGradient(Draw.Matrix(20, 30, Draw.Seeded(8)), 9), WithGradient(Draw.Matrix(1, 30, Draw.Seeded(10)), 11)];
        optimizer.Step(parameters);
        long before = GC.GetAllocatedBytesForCurrentThread();

        optimizer.Step(parameters);
        optimizer.Step(parameters);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TheLearningRateMayChangeBetweenSteps(string name)
    {
        var optimizer = BuiltInOptimizers.New[name]();
        var value = Draw.Matrix(1, 6, Draw.Seeded(12));
        var parameter = WithGradient(value, 13);
        optimizer.LearningRate = 0.25;
        var naive = new NaiveOptimizer(optimizer);
        double expected = naive.Update(value[0, 0], parameter.Gradient[0, 0]);
        optimizer.Update(parameter);
        optimizer.LearningRate = 0.03125;

        optimizer.Update(parameter);

        parameter.Value[0, 0].ShouldBeNear(naive.Update(expected, parameter.Gradient[0, 0]), 1e-9);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ARateOfZeroAsASchedulesLastChangesNothing(string name)
    {
        var optimizer = BuiltInOptimizers.New[name]();
        var parameter = WithGradient(Draw.Matrix(2, 3, Draw.Seeded(14)), 15);
        var before = parameter.Value.Clone();

        optimizer.Rate = 0;
        optimizer.Update(parameter);

        parameter.Value.ShouldBeBitForBit(before);
        optimizer.LearningRate.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void GradientsOfZeroLeaveNoNaN(string name)
    {
        var optimizer = BuiltInOptimizers.New[name]();
        var parameter = new Parameter("W", Draw.Row(0, 0, 0, 0, 0));
        for (int step = 0; step < 3; step++)
        {
            optimizer.Update(parameter);
        }

        parameter.Value.Enumerate().Should().OnlyContain(value => value == 0);
    }

    [Fact]
    public void CenteredRmsPropStaysFiniteWhereAllGradientsAreTheSame()
    {
        var optimizer = new RmsProp(centered: true, decay: 0.3);
        var parameter = new Parameter("W", Draw.Row(1, 1, 1, 1, 1));
        for (int step = 0; step < 500; step++)
        {
            Draw.Row(0.1, 0.7, 1.3, 1e-3, 123.456).CopyTo(parameter.Gradient);
            optimizer.Update(parameter);
        }

        parameter.Value.Enumerate().Should().OnlyContain(value => double.IsFinite(value));
    }

    [Fact]
    public void AUsersOwnOptimizerNeedsUpdateOnly()
    {
        var optimizer = new SignSgd { LearningRate = 0.5, ClipValue = 1 };
        var parameter = new Parameter("W", Draw.Row(1, 2, 3));
        Draw.Row(-7, 0, 0.25).CopyTo(parameter.Gradient);

        optimizer.Step([parameter]);

        parameter.Value.ShouldBeBitForBit(Draw.Row(1.5, 2, 2.5));
        parameter.Gradient.ShouldBeBitForBit(Draw.Row(-1, 0, 0.25));
        optimizer.CanSlice.Should().BeFalse();
        optimizer.StateOf(parameter).Should().BeNull();
        optimizer.ToString().Should().Be("SignSgd(0.5, clip value 1)");
        new SignSgd().LearningRate.Should().Be(0.01);
    }

    [Fact]
    public void OptimizersPrintTheirRateAndWhatIsNotAsByDefault()
    {
        new Adam().ToString().Should().Be("Adam(0.001)");
        new Adam(0.002, 0.8, 0.99, 1e-7, 0.02) { ClipNorm = 1 }.ToString()
            .Should().Be("Adam(0.002, beta1 0.8, beta2 0.99, epsilon 1E-07, weight decay 0.02, clip norm 1)");
        new AdamW().ToString().Should().Be("AdamW(0.001)");
        new AdamW(weightDecay: 0).ToString().Should().Be("AdamW(0.001, weight decay 0)");
        new Sgd(0.1, 0.9, true) { ClipValue = 5 }.ToString().Should().Be("Sgd(0.1, momentum 0.9, Nesterov, clip value 5)");
        new Sgd(0.1) { LearningRate = 0.05 }.ToString().Should().Be("Sgd(0.05)");
        new Adagrad(initialAccumulator: 0.1).ToString().Should().Be("Adagrad(0.01, initial accumulator 0.1)");
        new RmsProp(decay: 0.9, centered: true).ToString().Should().Be("RmsProp(0.01, decay 0.9, centered)");
    }

    [Fact]
    public void PlainSgdIsWithoutMomentumDecayAndClipping()
    {
        new Sgd(0.1).IsPlain.Should().BeTrue();
        new Sgd(0.1, momentum: 0.9).IsPlain.Should().BeFalse();
        new Sgd(0.1, weightDecay: 1e-4).IsPlain.Should().BeFalse();
        new Sgd(0.1) { ClipNorm = 1 }.IsPlain.Should().BeFalse();
        new Sgd(0.1) { ClipValue = 1 }.IsPlain.Should().BeFalse();
    }

    private static Parameter WithGradient(Matrix<double> value, int seed)
    {
        var parameter = new Parameter("W", value);
        Draw.Matrix(value.RowCount, value.ColumnCount, Draw.Seeded(seed)).CopyTo(parameter.Gradient);
        return parameter;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Parameter, WeakReference State) UpdateAndDrop(Optimizer optimizer)
    {
        var parameter = WithGradient(Draw.Matrix(2, 3, Draw.Seeded(16)), 17);
        optimizer.Step([parameter]);
        return (new WeakReference(parameter), new WeakReference(optimizer.StateOf(parameter)));
    }

    private sealed class SignSgd : Optimizer
    {
        public override void Update(Parameter parameter) =>
            parameter.Value.Subtract(LearningRate * parameter.Gradient.PointwiseSign(), parameter.Value);
    }
}
