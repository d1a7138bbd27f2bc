using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>Four values of a span at a time, or the fewer that are left at its end: the rest reads as 0 and is not written.</summary>
internal static class Lanes4
{
    public const int Count = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load(ReadOnlySpan<double> values, int i) => values.Length - i >= Count
        ? Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(values), (uint)i)
        : LoadRest(values[i..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<double> vector, Span<double> values, int i)
    {
        if (values.Length - i >= Count)
        {
            vector.StoreUnsafe(ref MemoryMarshal.GetReference(values), (uint)i);
        }
        else
        {
            StoreRest(vector, values[i..]);
        }
    }

    /// <summary>The values from the first on whose address is a multiple of 32 bytes, where vectors do not cross cache lines.</summary>
    public static Span<double> Aligned(Span<double> values) => values[Products.ValuesBeforeAlignment(values)..];

    private static Vector256<double> LoadRest(ReadOnlySpan<double> rest) =>
        Vector256.Create(rest[0], rest.Length > 1 ? rest[1] : 0, rest.Length > 2 ? rest[2] : 0, 0);

    private static void StoreRest(Vector256<double> vector, Span<double> rest)
    {
        for (int i = 0; i < rest.Length; i++)
        {
            rest[i] = vector.GetElement(i);
        }
    }
}
