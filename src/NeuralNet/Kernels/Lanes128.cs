using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>Four doubles in two registers of 128 bits (ARM's AdvSimd), or in none: right on every machine, fast where there is such a register.</summary>
internal readonly struct Lanes128(Vector128<double> low, Vector128<double> high) : ILanes<Lanes128>
{
    private readonly Vector128<double> _low = low;
    private readonly Vector128<double> _high = high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(ref readonly double source, int offset) =>
        new(Vector128.LoadUnsafe(in source, (nuint)offset), Vector128.LoadUnsafe(in source, (nuint)offset + 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(double value) => new(Vector128.Create(value), Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 a, Lanes128 b, Lanes128 c) =>
        new(Vector128.FusedMultiplyAdd(a._low, b._low, c._low), Vector128.FusedMultiplyAdd(a._high, b._high, c._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref double target, int offset)
    {
        _low.StoreUnsafe(ref target, (nuint)offset);
        _high.StoreUnsafe(ref target, (nuint)offset + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Sum()
    {
        var pair = _low + _high;
        return pair.GetElement(0) + pair.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsZero() => Vector128.EqualsAll(_low, Vector128<double>.Zero) && Vector128.EqualsAll(_high, Vector128<double>.Zero);
}
