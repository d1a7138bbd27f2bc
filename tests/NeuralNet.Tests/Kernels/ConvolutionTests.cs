using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>10,000 random shapes for each kernel of the convolution, against loops over rows, columns and planes.</summary>
public class ConvolutionTests
{
    private const int Shapes = 10_000;

    [Fact]
    public void Correlate() => EveryShape((s, draw) =>
    {
        var (x, w, b, y) = (draw.Row(X(s)), draw.Values(W(s)), draw.Values(s.OutputDepth), draw.Guard(new double[Y(s)]));
        Convolution.Correlate(s, draw.Guard(x).Span, draw.Guard(w).Span, draw.Guard(b).Span, y.Span);
        var sums = new Sums(Y(s));
        for (int at = 0; at < Y(s); at++)
        {
            sums.Add(at, b[at / (s.OutputHeight * s.OutputWidth)]);
        }

        EveryProduct(s, (xAt, wAt, yAt) => sums.Add(yAt, x[xAt] * w[wAt]));
        y.ShouldBeWithin(sums.Result, (W(s) / s.OutputDepth) + 1, $"y of {s}");
    });

    [Fact]
    public void InputError() => EveryShape((s, draw) =>
    {
        var (y, w, x) = (draw.Row(Y(s)), draw.Values(W(s)), draw.Guard(draw.Values(X(s))));
        Convolution.InputError(s, draw.Guard(y).Span, draw.Guard(w).Span, x.Span);
        var sums = new Sums(X(s));
        EveryProduct(s, (xAt, wAt, yAt) => sums.Add(xAt, y[yAt] * w[wAt]));
        x.ShouldBeWithin(sums.Result, W(s), $"x of {s}");
    });

    [Fact]
    public void AddGradient() => EveryShape((s, draw) =>
    {
        var (x, y, w, b) = (draw.Row(X(s)), draw.Row(Y(s)), draw.Values(W(s)), draw.Values(s.OutputDepth));
        var (weights, bias) = (draw.Guard(w), draw.Guard(b));
        Convolution.AddGradient(s, -0.1, draw.Guard(x).Span, draw.Guard(y).Span, weights.Span, bias.Span);
        var (weightSums, biasSums) = (new Sums(W(s)), new Sums(s.OutputDepth));
        for (int at = 0; at < w.Length; at++)
        {
            weightSums.Add(at, w[at]);
        }

        for (int at = 0; at < b.Length; at++)
        {
            biasSums.Add(at, b[at]);
        }

        EveryProduct(s, (xAt, wAt, yAt) => weightSums.Add(wAt, -0.1 * x[xAt] * y[yAt]));
        for (int at = 0; at < y.Length; at++)
        {
            biasSums.Add(at / (s.OutputHeight * s.OutputWidth), -0.1 * y[at]);
        }

        weights.ShouldBeWithin(weightSums.Result, (s.OutputHeight * s.OutputWidth) + 2, $"weights of {s}");
        bias.ShouldBeWithin(biasSums.Result, (s.OutputHeight * s.OutputWidth) + 2, $"bias of {s}");
    });

    [Fact]
    public void PlanesAreTransposedAndBack() => EveryShape((s, draw) =>
    {
        var x = draw.Values(X(s));
        var (rows, back) = (draw.Guard(new double[x.Length]), draw.Guard(new double[x.Length]));
        Transposition.Planes(x, s.Height, s.Width, rows.Span);
        Transposition.Planes(rows.Span, s.Width, s.Height, back.Span);
        back.Values.Should().Equal(x);
        int plane = s.Depth - 1;
        int last = (plane * s.Height * s.Width) + ((s.Height - 1) * s.Width);
        rows.Values[last].Should().Be(x[(plane * s.Height * s.Width) + s.Height - 1], "the last row starts with the first column's last value");
    });

    private static int X(ConvolutionShape s) => s.Height * s.Width * s.Depth;

    private static int Y(ConvolutionShape s) => s.OutputHeight * s.OutputWidth * s.OutputDepth;

    private static int W(ConvolutionShape s) => s.KernelRows * s.KernelColumns * s.Depth * s.OutputDepth;

    /// <summary>Every place of x that meets a weight for a place of y.</summary>
    private static void EveryProduct(ConvolutionShape s, Action<int, int, int> visit)
    {
        for (int k = 0; k < s.OutputDepth; k++)
        {
            for (int d = 0; d < s.Depth; d++)
            {
                for (int i = 0; i < s.KernelRows; i++)
                {
                    for (int j = 0; j < s.KernelColumns; j++)
                    {
                        int w = (((((k * s.Depth) + d) * s.KernelRows) + i) * s.KernelColumns) + j;
                        for (int row = 0; row < s.OutputHeight; row++)
                        {
                            for (int column = 0; column < s.OutputWidth; column++)
                            {
                                visit(
                                    (((d * s.Width) + column + j) * s.Height) + row + i,
                                    w,
                                    (((k * s.OutputWidth) + column) * s.OutputHeight) + row);
                            }
                        }
                    }
                }
            }
        }
    }

    private static void EveryShape(Action<ConvolutionShape, KernelDraw> check)
    {
        var draw = new KernelDraw(11);
        for (int shape = 0; shape < Shapes; shape++)
        {
            int height = draw.One([1, 2, 3, 4, 5, 7, 9, 11, 13, 17]);
            int width = draw.Between(1, 7);
            check(new ConvolutionShape(height, width, draw.Between(1, 3), draw.Between(1, Math.Min(height, 4)), draw.Between(1, Math.Min(width, 4)), draw.Between(1, 3)), draw);
        }
    }

    private sealed class Sums(int count)
    {
        public (double[] Values, double[] Magnitudes) Result { get; } = (new double[count], new double[count]);

        public void Add(int at, double term)
        {
            Result.Values[at] += term;
            Result.Magnitudes[at] += Math.Abs(term);
        }
    }
}
