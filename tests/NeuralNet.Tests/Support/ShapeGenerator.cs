using CsCheck;

namespace NeuralNet.Tests.Support;

/// <summary>Random sizes for property tests.</summary>
internal static class ShapeGenerator
{
    /// <summary>An image, a kernel no larger than it, a number of kernels, and a seed for the values.</summary>
    public static readonly Gen<(
        (int Height, int Width, int Depth) Image, (int Rows, int Columns) Kernel, int LayerDepth, int Seed)> Convolutions =
        from rows in Gen.Int[1, 4]
        from columns in Gen.Int[1, 4]
        from height in Gen.Int[rows, rows + 4]
        from width in Gen.Int[columns, columns + 4]
        from depth in Gen.Int[1, 3]
        from layerDepth in Gen.Int[1, 4]
        from seed in Gen.Int
        select ((height, width, depth), (rows, columns), layerDepth, seed);
}
