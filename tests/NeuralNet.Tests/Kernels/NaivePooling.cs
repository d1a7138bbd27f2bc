using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>Pooling of planes, as the textbook has it. Planes are column-major: X_d[r, c] is x[d * H * W + c * H + r].</summary>
internal sealed class NaivePooling(WindowShape shape)
{
    private int OutputHeight => ((shape.Height - shape.KernelRows) / shape.Stride.Rows) + 1;

    private int OutputWidth => ((shape.Width - shape.KernelColumns) / shape.Stride.Columns) + 1;

    public int InputSize => shape.Height * shape.Width * shape.Depth;

    public int OutputSize => OutputHeight * OutputWidth * shape.Depth;

    /// <summary>Y_d[r, c] = max over i, j of X_d[r * strideRows + i, c * strideColumns + j].</summary>
    public double[] Max(double[] x)
    {
        double[] y = new double[OutputSize];
        ForEachWindow((output, window) => y[output] = x[FirstMax(x, window)]);
        return y;
    }

    /// <summary>dE/dX is the sum of dE/dY over the windows whose first maximum it is.</summary>
    public double[] MaxInputError(double[] x, double[] yError)
    {
        double[] xError = new double[InputSize];
        ForEachWindow((output, window) => xError[FirstMax(x, window)] += yError[output]);
        return xError;
    }

    /// <summary>Y_d[r, c] = the mean over i, j of X_d[r * strideRows + i, c * strideColumns + j].</summary>
    public double[] Average(double[] x)
    {
        double[] y = new double[OutputSize];
        ForEachWindow((output, window) => y[output] = window.Sum(input => x[input]) / window.Length);
        return y;
    }

    /// <summary>dE/dX is the sum of dE/dY over its windows, divided by a window's size.</summary>
    public double[] AverageInputError(double[] yError)
    {
        double[] xError = new double[InputSize];
        ForEachWindow((output, window) => Array.ForEach(window, input => xError[input] += yError[output] / window.Length));
        return xError;
    }

    private static int FirstMax(double[] x, int[] window)
    {
        double max = window.Max(input => double.IsNaN(x[input]) ? double.PositiveInfinity : x[input]);
        return window.Any(input => double.IsNaN(x[input]))
            ? window.Last(input => double.IsNaN(x[input]))
            : window.First(input => x[input] == max);
    }

    /// <summary>Calls with the place of Y_d[r, c] and those of its window in X, row by row.</summary>
    private void ForEachWindow(Action<int, int[]> action)
    {
        for (int d = 0; d < shape.Depth; d++)
        {
            for (int r = 0; r < OutputHeight; r++)
            {
                for (int c = 0; c < OutputWidth; c++)
                {
                    int[] window =
                    [
                        .. from i in Enumerable.Range(0, shape.KernelRows)
                           from j in Enumerable.Range(0, shape.KernelColumns)
                           select (d * shape.Height * shape.Width) + (((c * shape.Stride.Columns) + j) * shape.Height)
                               + (r * shape.Stride.Rows)
                               + i,
                    ];
                    action((d * OutputHeight * OutputWidth) + (c * OutputHeight) + r, window);
                }
            }
        }
    }
}
