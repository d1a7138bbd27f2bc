namespace NeuralNet.Kernels;

/// <summary>
/// Convolution of planes. Plane d of an image is values [d*height*width, (d+1)*height*width), column-major.
/// Kernel k is values [k*n, (k+1)*n) of the weights, n = depth * kernelRows * kernelColumns, plane by plane, each row by row.
/// </summary>
internal static class Convolution
{
    /// <summary>y_k = Σ_d x_d ⋆ w_kd + b_k.</summary>
    public static void Correlate(in ConvolutionShape s, ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        for (int k = 0; k < s.OutputDepth; k++)
        {
            for (int column = 0; column < s.OutputWidth; column++)
            {
                for (int row = 0; row < s.OutputHeight; row++)
                {
                    double sum = b[k];
                    for (int d = 0; d < s.Depth; d++)
                    {
                        for (int i = 0; i < s.KernelRows; i++)
                        {
                            for (int j = 0; j < s.KernelColumns; j++)
                            {
                                sum = Math.FusedMultiplyAdd(x[X(s, d, row + i, column + j)], w[W(s, k, d, i, j)], sum);
                            }
                        }
                    }

                    y[Y(s, k, row, column)] = sum;
                }
            }
        }
    }

    /// <summary>x_d = Σ_k y_k * w_kd, the full convolution.</summary>
    public static void InputError(in ConvolutionShape s, ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> x)
    {
        x.Clear();
        for (int k = 0; k < s.OutputDepth; k++)
        {
            for (int d = 0; d < s.Depth; d++)
            {
                for (int i = 0; i < s.KernelRows; i++)
                {
                    for (int j = 0; j < s.KernelColumns; j++)
                    {
                        double weight = w[W(s, k, d, i, j)];
                        for (int column = 0; column < s.OutputWidth; column++)
                        {
                            for (int row = 0; row < s.OutputHeight; row++)
                            {
                                ref double value = ref x[X(s, d, row + i, column + j)];
                                value = Math.FusedMultiplyAdd(weight, y[Y(s, k, row, column)], value);
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>w_kd += scale * x_d ⋆ y_k, b_k += scale * Σ y_k.</summary>
    public static void AddGradient(in ConvolutionShape s, double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w, Span<double> b)
    {
        for (int k = 0; k < s.OutputDepth; k++)
        {
            double total = 0;
            foreach (double error in y.Slice(Y(s, k, 0, 0), s.OutputHeight * s.OutputWidth))
            {
                total += error;
            }

            b[k] = Math.FusedMultiplyAdd(scale, total, b[k]);
            for (int d = 0; d < s.Depth; d++)
            {
                for (int i = 0; i < s.KernelRows; i++)
                {
                    for (int j = 0; j < s.KernelColumns; j++)
                    {
                        double sum = 0;
                        for (int column = 0; column < s.OutputWidth; column++)
                        {
                            for (int row = 0; row < s.OutputHeight; row++)
                            {
                                sum = Math.FusedMultiplyAdd(x[X(s, d, row + i, column + j)], y[Y(s, k, row, column)], sum);
                            }
                        }

                        ref double weight = ref w[W(s, k, d, i, j)];
                        weight = Math.FusedMultiplyAdd(scale, sum, weight);
                    }
                }
            }
        }
    }

    private static int X(in ConvolutionShape s, int plane, int row, int column) => (((plane * s.Width) + column) * s.Height) + row;

    private static int Y(in ConvolutionShape s, int plane, int row, int column) => (((plane * s.OutputWidth) + column) * s.OutputHeight) + row;

    private static int W(in ConvolutionShape s, int kernel, int plane, int row, int column) =>
        (((((kernel * s.Depth) + plane) * s.KernelRows) + row) * s.KernelColumns) + column;
}
