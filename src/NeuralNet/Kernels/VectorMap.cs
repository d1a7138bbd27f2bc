using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>A function of each value of a span.</summary>
internal static class VectorMap
{
    private const int Lanes = 4;

    /// <summary>y = f(x), value by value. A value depends on its argument alone, wherever in the span it stands.</summary>
    /// <typeparam name="TFunction">The function's type, a struct, for which the loop is compiled with the function in it.</typeparam>
    /// <param name="function">f.</param>
    /// <param name="x">x, any number of values.</param>
    /// <param name="y">Where f(x) goes: as many values or more; it may be the memory of x.</param>
    public static void Apply<TFunction>(TFunction function, ReadOnlySpan<double> x, Span<double> y)
        where TFunction : struct, IVectorFunction
    {
        y = y[..x.Length];
        int i = 0;
        for (; i + Lanes <= x.Length; i += Lanes)
        {
            function.Of(Vector256.Create(x.Slice(i, Lanes))).CopyTo(y.Slice(i, Lanes));
        }

        int left = x.Length - i;
        if (left > 0)
        {
            // Lane by lane: a vector loaded from values just stored one by one would have to wait for them.
            var rest = function.Of(Vector256.Create(x[i], left > 1 ? x[i + 1] : 0, left > 2 ? x[i + 2] : 0, 0));
            y[i] = rest.GetElement(0);
            if (left > 1)
            {
                y[i + 1] = rest.GetElement(1);
            }

            if (left > 2)
            {
                y[i + 2] = rest.GetElement(2);
            }
        }
    }
}
