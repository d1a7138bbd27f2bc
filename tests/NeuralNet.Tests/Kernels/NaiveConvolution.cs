using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>
/// Convolution of planes, as the textbook has it, with r' = r * strideRows - paddingTop and c' = c * strideColumns - paddingLeft, and X 0
/// outside its bounds. Planes are column-major: X_d[r, c] is x[d * H * W + c * H + r]; kernels are row by row: K_kd[i, j] is w[((k * D + d)
/// * rows + i) * columns + j].
/// </summary>
internal sealed class NaiveConvolution(ConvolutionShape shape)
{
    private int InputPlane => shape.Height * shape.Width;

    private int OutputHeight => ((shape.Height + shape.Padding.Top + shape.Padding.Bottom - shape.KernelRows) / shape.Stride.Rows) + 1;

    private int OutputWidth => ((shape.Width + shape.Padding.Left + shape.Padding.Right - shape.KernelColumns) / shape.Stride.Columns) + 1;

    public int InputSize => InputPlane * shape.Depth;

    public int OutputSize => OutputHeight * OutputWidth * shape.OutputDepth;

    public int WeightsSize => shape.KernelRows * shape.KernelColumns * shape.Depth * shape.OutputDepth;

    /// <summary>Y_k[r, c] = B_k + Σ_d Σ_i Σ_j X_d[r' + i, c' + j] K_kd[i, j].</summary>
    public double[] Correlate(double[] x, double[] w, double[] b)
    {
        double[] y = new double[OutputSize];
        for (int k = 0; k < shape.OutputDepth; k++)
        {
            for (int at = 0; at < OutputHeight * OutputWidth; at++)
            {
                y[(k * OutputHeight * OutputWidth) + at] = b[k];
            }
        }

        ForEachProduct((input, output, weight) => y[output] += x[input] * w[weight]);
        return y;
    }

    /// <summary>dE/dX_d[r' + i, c' + j] = Σ dE/dY_k[r, c] K_kd[i, j] over all that meet there.</summary>
    public double[] InputError(double[] y, double[] w)
    {
        double[] x = new double[InputSize];
        ForEachProduct((input, output, weight) => x[input] += y[output] * w[weight]);
        return x;
    }

    /// <summary>K_kd[i, j] + scale * Σ X_d[r' + i, c' + j] dE/dY_k[r, c], and B_k + scale * Σ dE/dY_k[r, c].</summary>
    public (double[] Weights, double[] Bias) AddGradient(double scale, double[] x, double[] y, double[] w, double[] b)
    {
        double[] weights = new double[WeightsSize];
        double[] bias = new double[shape.OutputDepth];
        ForEachProduct((input, output, weight) => weights[weight] += x[input] * y[output]);
        for (int output = 0; output < OutputSize; output++)
        {
            bias[output / (OutputHeight * OutputWidth)] += y[output];
        }

        return ([.. w.Zip(weights, (value, sum) => value + (scale * sum))], [.. b.Zip(bias, (value, sum) => value + (scale * sum))]);
    }

    /// <summary>Calls with the places of X_d[r' + i, c' + j], Y_k[r, c] and K_kd[i, j] in their arrays.</summary>
    private void ForEachProduct(Action<int, int, int> action)
    {
        for (int k = 0; k < shape.OutputDepth; k++)
        {
            for (int d = 0; d < shape.Depth; d++)
            {
                for (int r = 0; r < OutputHeight; r++)
                {
                    for (int c = 0; c < OutputWidth; c++)
                    {
                        for (int i = 0; i < shape.KernelRows; i++)
                        {
                            for (int j = 0; j < shape.KernelColumns; j++)
                            {
                                int row = (r * shape.Stride.Rows) + i - shape.Padding.Top;
                                int column = (c * shape.Stride.Columns) + j - shape.Padding.Left;
                                if (row >= 0 && row < shape.Height && column >= 0 && column < shape.Width)
                                {
                                    int input = (d * InputPlane) + (column * shape.Height) + row;
                                    int output = (k * OutputHeight * OutputWidth) + (c * OutputHeight) + r;
                                    int weight = (((((k * shape.Depth) + d) * shape.KernelRows) + i) * shape.KernelColumns) + j;
                                    action(input, output, weight);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
