using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>
/// Convolution along steps, as the textbook has it, one value at a time. Samples, column-major, and filters lie as in
/// <see cref="StepConvolution"/>.
/// </summary>
internal static class NaiveStepConvolution
{
    /// <summary>y[t, k] = b[k] + Σ x[t * stride + place * dilation - zerosBefore, feature] w[place, feature, k].</summary>
    public static double[] Correlate(StepWindows s, double[] x, double[] w, double[] b)
    {
        double[] y = new double[x.Length / s.InputSize * s.OutputSize];
        ForEachProduct(s, x.Length / s.InputSize, (at, weight, to) => y[to] += at < 0 ? 0 : x[at] * w[weight]);
        return [.. y.Select((value, i) => value + b[i % s.OutputSize / s.Outputs])];
    }

    /// <summary>x[u, feature] = Σ y[t, k] w[place, feature, k].</summary>
    public static double[] InputErrors(StepWindows s, double[] y, double[] w)
    {
        double[] x = new double[y.Length / s.OutputSize * s.InputSize];
        ForEachProduct(s, y.Length / s.OutputSize, (at, weight, to) => _ = at < 0 ? 0 : x[at] += y[to] * w[weight]);
        return x;
    }

    /// <summary>w[place, feature, k] += Σ x y, b[k] += Σ y, for k in [fromFilter, toFilter).</summary>
    public static (double[] W, double[] B) AddGradients(
        StepWindows s, double[] x, double[] y, int fromFilter, int toFilter, double[] w, double[] b)
    {
        double[] all = new double[s.Filters * s.WindowSize];
        ForEachProduct(s, x.Length / s.InputSize, (at, weight, to) => all[weight] += at < 0 ? 0 : x[at] * y[to]);
        double[] sums = new double[s.Filters];
        for (int i = 0; i < y.Length; i++)
        {
            sums[i % s.OutputSize / s.Outputs] += y[i];
        }

        return (
            [.. w.Zip(all[(fromFilter * s.WindowSize)..(toFilter * s.WindowSize)], (old, more) => old + more)],
            [.. b.Zip(sums[fromFilter..toFilter], (old, more) => old + more)]);
    }

    /// <summary>The places of each product: in x, or -1 where there is a zero; in w; and in y.</summary>
    private static void ForEachProduct(StepWindows s, int count, Action<int, int, int> product)
    {
        for (int sample = 0; sample < count; sample++)
        {
            for (int t = 0; t < s.Outputs; t++)
            {
                for (int k = 0; k < s.Filters; k++)
                {
                    for (int place = 0; place < s.KernelSize; place++)
                    {
                        for (int feature = 0; feature < s.Features; feature++)
                        {
                            int step = (t * s.Stride) + (place * s.Dilation) - s.ZerosBefore;
                            product(
                                step < 0 || step >= s.Steps ? -1 : (sample * s.InputSize) + (feature * s.Steps) + step,
                                (k * s.WindowSize) + (place * s.Features) + feature,
                                (sample * s.OutputSize) + (k * s.Outputs) + t);
                        }
                    }
                }
            }
        }
    }
}
