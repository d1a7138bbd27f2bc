using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>Sizes that do not fit together are refused before anything is read or written.</summary>
public class BatchProductsDoorTests
{
    [Theory]
    [InlineData(6, 2, 12, 4, 8, null)]
    [InlineData(7, 2, 12, 4, 8, "x")]
    [InlineData(6, -1, 12, 4, 8, "x")]
    [InlineData(6, 0, 12, 4, 8, "x")]
    [InlineData(6, 2, 11, 4, 8, "w")]
    [InlineData(6, 1, 12, 4, 4, "w")]
    [InlineData(6, 2, 12, 4, 7, "y")]
    [InlineData(6, 2, 12, 4, 9, "y")]
    public void RowsTimesMatrix(int x, int count, int w, int b, int y, string? wrong) =>
        Holds(wrong, () => BatchProducts.RowsTimesMatrix(new double[x], count, new double[w], new double[b], new double[y]));

    [Theory]
    [InlineData(8, 2, 12, 6, null)]
    [InlineData(7, 2, 12, 6, "y")]
    [InlineData(8, 2, 12, 5, "e")]
    [InlineData(8, 2, 11, 6, "w")]
    [InlineData(8, -2, 12, 6, "e")]
    public void InputErrors(int y, int count, int w, int e, string? wrong) =>
        Holds(wrong, () => BatchProducts.InputErrors(new double[y], count, new double[w], new double[e]));

    [Theory]
    [InlineData(6, 8, 2, 1, 3, 6, null)]
    [InlineData(5, 8, 2, 1, 3, 6, "x")]
    [InlineData(6, 7, 2, 1, 3, 6, "e")]
    [InlineData(6, 8, 2, 1, 3, 5, "w")]
    [InlineData(6, 8, 2, -1, 3, 12, "from")]
    [InlineData(6, 8, 2, 3, 1, 6, "from")]
    [InlineData(6, 8, 2, 1, 5, 12, "from")]
    [InlineData(6, 8, -2, 1, 3, 6, "x")]
    public void AddOuters(int x, int e, int count, int from, int to, int w, string? wrong) =>
        Holds(wrong, () => BatchProducts.AddOuters(new double[x], new double[e], count, 3, 4, from, to, new double[w]));

    [Theory]
    [InlineData(8, 2, 1, 3, 2, null)]
    [InlineData(7, 2, 1, 3, 2, "e")]
    [InlineData(8, 2, 1, 3, 3, "b")]
    [InlineData(8, 2, 1, 5, 4, "from")]
    public void AddColumnSums(int e, int count, int from, int to, int b, string? wrong) =>
        Holds(wrong, () => BatchProducts.AddColumnSums(new double[e], count, 4, from, to, new double[b]));

    [Theory]
    [InlineData(3, 4, 12, 3, null)]
    [InlineData(3, 4, 11, 3, "w")]
    [InlineData(3, 4, 12, 4, "inputError")]
    public void TheArticlesUpdate(int x, int e, int w, int inputError, string? wrong)
    {
        Holds(wrong, () => BatchProducts.InputErrorThenAddOuter(0.5, new double[x], new double[e], new double[w], new double[inputError]));
        Holds(wrong == "w" ? wrong : null, () => BatchProducts.AddOuter(0.5, new double[x], new double[e], new double[w]));
        Holds(x == w ? null : "y", () => BatchProducts.AddScaled(0.5, new double[x], new double[w]));
    }

    private static void Holds(string? wrong, Action product)
    {
        if (wrong is null)
        {
            product.Should().NotThrow();
        }
        else
        {
            product.Should().Throw<ArgumentException>().WithParameterName(wrong);
        }
    }
}
