using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Max pooling: makes the planes of an image smaller, by one value for each window.</summary>
/// <remarks>
/// <para>
/// Y = the greatest value of the window; on the way back the whole error goes to the first of the window's greatest values, row by row.
/// </para>
/// <para>
/// X is height x (width * depth), the planes side by side; Y has ⌊(height - poolRows) / strideRows⌋ + 1 rows, and planes of ⌊(width -
/// poolColumns) / strideColumns⌋ + 1 columns. Rows and columns that fill no window any more are left out.
/// </para>
/// </remarks>
public sealed class MaxPoolLayer : BatchLayer
{
    private readonly PoolShape _shape;

    /// <summary>Makes a layer.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <param name="poolShape">A window's rows and columns, each 1 or more and no more than the input's.</param>
    /// <param name="stride">
    /// From one window to the next, in rows and columns, each 1 or more; the window's own size where none is given.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the window is larger than the input, or a matrix would be too large.
    /// </exception>
    public MaxPoolLayer(
        (int Height, int Width, int Depth) inputShape, (int Rows, int Columns) poolShape, (int Rows, int Columns)? stride = null) =>
        _shape = Images.Pool("MaxPoolLayer", inputShape, poolShape, stride ?? poolShape);

    /// <summary>The input's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) InputShape => (_shape.Height, _shape.Width, _shape.Depth);

    /// <summary>A window's rows and columns.</summary>
    public (int Rows, int Columns) PoolShape => (_shape.PoolRows, _shape.PoolColumns);

    /// <summary>From one window to the next, in rows and columns.</summary>
    public (int Rows, int Columns) Stride => (_shape.StrideRows, _shape.StrideColumns);

    /// <summary>The output's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) OutputShape => (_shape.OutputHeight, _shape.OutputWidth, _shape.Depth);

    /// <inheritdoc/>
    protected internal override string Name => Images.Name("MaxPoolLayer", _shape);

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<MaxPoolLayer>(
        write: (layer, entry) => entry.With("inputShape", layer.InputShape).With("poolShape", layer.PoolShape).With("stride", layer.Stride),
        read: entry =>
        {
            var (input, pool, stride) = (entry.TakeImage("inputShape"), entry.TakePair("poolShape"), entry.TakePair("stride"));
            return new LayerPlan(() => new MaxPoolLayer(input, pool, stride));
        });

    /// <inheritdoc/>
    protected internal override Shape? ExpectedInput => new Shape(_shape.Height, _shape.Width, _shape.Depth);

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        Images.Require(this, input);
        return new Shape(_shape.OutputHeight, _shape.OutputWidth, _shape.Depth);
    }

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Pooling.Max(_shape, pass.InputOf(sample), pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Pooling.MaxInputError(_shape, pass.InputOf(sample), pass.OutputErrorOf(sample), pass.InputErrorOf(sample));
        }
    }
}
