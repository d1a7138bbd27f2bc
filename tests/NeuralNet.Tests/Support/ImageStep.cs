using CsCheck;

namespace NeuralNet.Tests.Support;

/// <summary>The recipe of one layer on images in a <see cref="RandomNetwork"/>.</summary>
/// <param name="Kind">Which layer.</param>
/// <param name="Window">Rows and columns of its kernel or window, cut to the image.</param>
/// <param name="Depth">The kernels of a ConvLayer.</param>
/// <param name="Stride">Of a convolution or pooling.</param>
/// <param name="Padding">Of a convolution; -1 for Same.</param>
internal sealed record ImageStep(
    ImageStep.LayerKind Kind, (int Rows, int Columns) Window, int Depth, (int Rows, int Columns) Stride, int Padding)
{
    public enum LayerKind
    {
        Conv,
        StridedConv,
        MaxPool,
        AveragePool,
        Softmax,
        Dropout,
        BatchNorm,
    }

    public static Gen<ImageStep> WithoutDropout { get; } = Of(LayerKind.Softmax);

    public static Gen<ImageStep> Any { get; } = Of(LayerKind.Dropout);

    public static Gen<ImageStep> OrBatchNorm { get; } = Of(LayerKind.BatchNorm);

    /// <summary>The shape of the images that a layer gives, null where it is that of those it takes.</summary>
    public static (int Height, int Width, int Depth)? OutputShape(Layer layer) => layer switch
    {
        ConvLayer conv => conv.OutputShape,
        MaxPoolLayer pool => pool.OutputShape,
        AveragePoolLayer pool => pool.OutputShape,
        _ => null,
    };

    /// <summary>The layer for images of a shape; null where they are too small for it.</summary>
    /// <param name="shape">The images' height, width and depth.</param>
    /// <param name="random">Draws the weights.</param>
    /// <param name="ownRandom">Whether a DropoutLayer has a generator of its own.</param>
    public Layer? Make((int Height, int Width, int Depth) shape, Random random, bool ownRandom)
    {
        var window = (Math.Min(Window.Rows, shape.Height), Math.Min(Window.Columns, shape.Width));
        return Kind switch
        {
            LayerKind.Conv => new ConvLayer(shape, window, Depth, random: random),
            LayerKind.StridedConv =>
                new ConvLayer(shape, window, Depth, Stride, Padding < 0 ? NeuralNet.Padding.Same : Padding, random: random),
            LayerKind.MaxPool => new MaxPoolLayer(shape, window, Stride),
            LayerKind.AveragePool => new AveragePoolLayer(shape, window, Stride),
            LayerKind.Softmax => shape.Width * shape.Depth == 1 || (shape.Height > 1 && shape.Depth > 1) ? null : new SoftmaxLayer(),
            LayerKind.Dropout => new DropoutLayer(0.3, ownRandom ? Draw.Seeded(random.Next()) : null),
            // An epsilon that keeps planes of nearly equal values from blowing up the last bits.
            _ => shape.Height * shape.Width < 2 ? null : new BatchNormLayer(shape, epsilon: 0.01),
        };
    }

    private static Gen<ImageStep> Of(LayerKind last) =>
        from kind in Gen.Int[0, (int)last]
        from window in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from depth in Gen.Int[1, 3]
        from stride in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from padding in Gen.Int[-1, 2]
        select new ImageStep((LayerKind)kind, window, depth, stride, padding);
}
