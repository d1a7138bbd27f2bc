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

    /// <summary>SplitMix64's output function (Guy Steele, Doug Lea and Christine Flood, 2014).</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
