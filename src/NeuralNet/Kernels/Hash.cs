using System.Numerics;
using System.Runtime.InteropServices;

namespace NeuralNet.Kernels;

/// <summary>
/// A number of 64 bits that tells values apart by their bits; the same on every machine, and no defence against somebody who looks for two
/// of the same.
/// </summary>
internal static class Hash
{
    /// <summary>Adds values to those hashed before, 0 for none.</summary>
    public static ulong Add(ulong hash, ReadOnlySpan<double> values)
    {
        foreach (ulong bits in MemoryMarshal.Cast<double, ulong>(values))
        {
            hash = (BitOperations.RotateLeft(hash, 5) ^ bits) * 0x9E3779B97F4A7C15;
        }

        return hash;
    }
}
