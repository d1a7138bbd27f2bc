using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Pooling: makes the planes of an image smaller, by one value for each window.</summary>
/// <remarks>
/// X is height x (width * depth), the planes side by side; Y has ⌊(height - poolRows) / strideRows⌋ + 1 rows, and planes of ⌊(width -
/// poolColumns) / strideColumns⌋ + 1 columns. Rows and columns that fill no window any more are left out.
/// </remarks>
public abstract class PoolLayer : BatchLayer
{
    private protected PoolLayer(
        (int Height, int Width, int Depth) inputShape, (int Rows, int Columns) poolShape, (int Rows, int Columns)? stride) =>
        Windows = Images.Windows(
            GetType().Name, ("window", "pool", nameof(poolShape)), inputShape, poolShape, stride ?? poolShape, Padding.Valid);

    /// <summary>Gets the input's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) InputShape => (Windows.Height, Windows.Width, Windows.Depth);

    /// <summary>Gets a window's rows and columns.</summary>
    public (int Rows, int Columns) PoolShape => (Windows.KernelRows, Windows.KernelColumns);

    /// <summary>Gets the rows and columns from one window to the next.</summary>
    public (int Rows, int Columns) Stride => Windows.Stride;

    /// <summary>Gets the output's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) OutputShape => (Windows.OutputHeight, Windows.OutputWidth, Windows.Depth);

    /// <inheritdoc/>
    protected internal sealed override string Name => Images.Name(GetType().Name, Windows);

    /// <inheritdoc/>
    protected internal sealed override Shape? ExpectedInput => new Shape(Windows.Height, Windows.Width, Windows.Depth);

    private protected WindowShape Windows { get; }

    /// <inheritdoc/>
    protected internal sealed override Shape GetOutputShape(Shape input)
    {
        Images.Require(this, input);
        return new Shape(Windows.OutputHeight, Windows.OutputWidth, Windows.Depth);
    }

    /// <inheritdoc/>
    protected internal sealed override StreamState NewStreamState() =>
        throw Images.HasNoSteps(this, $"a {nameof(GlobalMaxPoolLayer)} or {nameof(GlobalAveragePoolLayer)} of all steps");

    /// <summary>What files say of a pooling layer, and how it is made of that again.</summary>
    private protected static LayerKind KindOf<TLayer>(
        Func<(int Height, int Width, int Depth), (int Rows, int Columns), (int Rows, int Columns), TLayer> make)
        where TLayer : PoolLayer => LayerKind.Of<TLayer>(
            write: (layer, entry) => entry
                .With("inputShape", layer.InputShape)
                .With("poolShape", layer.PoolShape)
                .With("stride", layer.Stride),
            read: entry =>
            {
                var (input, pool, stride) = (entry.TakeImage("inputShape"), entry.TakePair("poolShape"), entry.TakePair("stride"));
                return new LayerPlan(() => make(input, pool, stride));
            });
}
