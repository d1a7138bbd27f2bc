using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>Convolution along steps against its naive twin, and the same bits however it is cut.</summary>
public class StepConvolutionTests
{
    private const int Shapes = 2000;

    private static readonly Gen<StepWindows> s_windows =
        from steps in Gen.Frequency((8, Gen.Int[1, 12]), (1, Gen.Int[13, 70]))
        from features in Gen.Int[1, 6]
        from kernel in Gen.Int[1, 5]
        from filters in Gen.Int[1, 9]
        from stride in Gen.Int[1, 4]
        from dilation in Gen.Int[1, 4]
        from before in Gen.Int[0, 6]
        from after in Gen.Int[0, 6]
        let left = steps + before + after - (((kernel - 1) * dilation) + 1)
        where left >= 0
        select new StepWindows(steps, features, kernel, filters, stride, dilation, before, (left / stride) + 1);

    [Fact]
    public void Correlate() => Gen.Select(s_windows, Gen.Int[1, 5], Gen.Int).Sample(
        (s, count, seed) =>
        {
            var values = new KernelValues(seed);
            double[] x = values.Row(count * s.InputSize);
            double[] w = values.Dense(s.Filters * s.WindowSize);
            double[] b = values.Dense(s.Filters);
            var (xs, ys) = (values.Border(x), values.Border(Unset(count * s.OutputSize)));

            StepConvolution.Correlate(s, count, xs.Values, w, b, ys.Values);

            double[] sums = NaiveStepConvolution.Correlate(s, Absolute(x), Absolute(w), Absolute(b));
            ys.ShouldBe(NaiveStepConvolution.Correlate(s, x, w, b), sums, s.WindowSize + 2, $"{s} y");
            xs.ShouldBeExactly(x, "x");
            for (int sample = 0; sample < count; sample++)
            {
                var alone = values.Border(Unset(s.OutputSize));
                StepConvolution.Correlate(s, 1, x.AsSpan(sample * s.InputSize, s.InputSize), w, b, alone.Values);
                alone.ShouldBeExactly(ys.Values.Slice(sample * s.OutputSize, s.OutputSize).ToArray(), "y alone");
            }
        },
        iter: Shapes);

    [Fact]
    public void InputErrors() => Gen.Select(s_windows, Gen.Int[1, 5], Gen.Int).Sample(
        (s, count, seed) =>
        {
            var values = new KernelValues(seed);
            double[] y = values.Row(count * s.OutputSize);
            double[] w = values.Dense(s.Filters * s.WindowSize);
            var (ys, xs) = (values.Border(y), values.Border(Unset(count * s.InputSize)));

            StepConvolution.InputErrors(s, count, ys.Values, w, xs.Values);

            double[] sums = NaiveStepConvolution.InputErrors(s, Absolute(y), Absolute(w));
            xs.ShouldBe(NaiveStepConvolution.InputErrors(s, y, w), sums, (s.Filters * s.KernelSize) + 2, $"{s} x");
            ys.ShouldBeExactly(y, "y");
            for (int sample = 0; sample < count; sample++)
            {
                var alone = values.Border(Unset(s.InputSize));
                StepConvolution.InputErrors(s, 1, y.AsSpan(sample * s.OutputSize, s.OutputSize), w, alone.Values);
                alone.ShouldBeExactly(xs.Values.Slice(sample * s.InputSize, s.InputSize).ToArray(), "x alone");
            }
        },
        iter: Shapes);

    [Fact]
    public void AddGradients() => Gen.Select(s_windows, Gen.Int[1, 5], Gen.Int).Sample(
        (s, count, seed) =>
        {
            var values = new KernelValues(seed);
            double[] x = values.Row(count * s.InputSize);
            double[] y = values.Row(count * s.OutputSize);
            double[] w = values.Dense(s.Filters * s.WindowSize);
            double[] b = values.Dense(s.Filters);
            int from = (seed & 0xFFFF) % s.Filters;
            int to = from + 1 + ((seed >>> 16) % (s.Filters - from));
            var part = new Range(from * s.WindowSize, to * s.WindowSize);
            var (xs, ys) = (values.Border(x), values.Border(y));
            var (ws, bs) = (values.Border(w[part]), values.Border(b[from..to]));

            StepConvolution.AddGradients(s, count, xs.Values, ys.Values, from, to, ws.Values, bs.Values);

            var expected = NaiveStepConvolution.AddGradients(s, x, y, from, to, w[part], b[from..to]);
            var sums = NaiveStepConvolution.AddGradients(
                s, Absolute(x), Absolute(y), from, to, Absolute(w[part]), Absolute(b[from..to]));
            ws.ShouldBe(expected.W, sums.W, (count * s.Outputs) + 2, $"{s} w");
            bs.ShouldBe(expected.B, sums.B, (count * s.Outputs) + 2, $"{s} b");
            xs.ShouldBeExactly(x, "x");
            ys.ShouldBeExactly(y, "y");
            double[] all = [.. w];
            double[] allBiases = [.. b];
            StepConvolution.AddGradients(s, count, x, y, 0, s.Filters, all, allBiases);
            ws.ShouldBeExactly(all[part], "w together with others");
            bs.ShouldBeExactly(allBiases[from..to], "b together with others");
        },
        iter: Shapes);

    [Fact]
    public void WideWindowsAndLongSequencesAreCutWithoutATrace()
    {
        // More values than are done at a time, in each direction.
        StepWindows[] all = [new(5, 500, 4, 3, 1, 1, 1, 3), new(3000, 12, 3, 2, 1, 2, 4, 3000), new(40_000, 1, 2, 2, 1, 1, 1, 40_000)];
        foreach (var s in all)
        {
            const int Count = 2;
            var values = new KernelValues(s.Steps);
            double[] x = values.Dense(Count * s.InputSize);
            double[] y = values.Dense(Count * s.OutputSize);
            double[] w = values.Dense(s.Filters * s.WindowSize);
            double[] b = values.Dense(s.Filters);
            var (outputs, inputErrors) = (values.Border(Unset(y.Length)), values.Border(Unset(x.Length)));
            var (ws, bs) = (values.Border([.. w]), values.Border([.. b]));

            StepConvolution.Correlate(s, Count, x, w, b, outputs.Values);
            StepConvolution.InputErrors(s, Count, y, w, inputErrors.Values);
            StepConvolution.AddGradients(s, Count, x, y, 0, s.Filters, ws.Values, bs.Values);

            outputs.ShouldBe(
                NaiveStepConvolution.Correlate(s, x, w, b),
                NaiveStepConvolution.Correlate(s, Absolute(x), Absolute(w), Absolute(b)), s.WindowSize + 2, "y");
            inputErrors.ShouldBe(
                NaiveStepConvolution.InputErrors(s, y, w),
                NaiveStepConvolution.InputErrors(s, Absolute(y), Absolute(w)), s.OutputSize + 2, "x");
            var expected = NaiveStepConvolution.AddGradients(s, x, y, 0, s.Filters, w, b);
            var sums = NaiveStepConvolution.AddGradients(s, Absolute(x), Absolute(y), 0, s.Filters, Absolute(w), Absolute(b));
            ws.ShouldBe(expected.W, sums.W, (Count * s.Outputs) + 2, "w");
            bs.ShouldBe(expected.B, sums.B, (Count * s.Outputs) + 2, "b");
        }
    }
}
