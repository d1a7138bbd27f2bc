using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Max pooling: makes the planes of an image smaller, by the greatest value of each window.</summary>
/// <remarks>
/// Y = the greatest value of the window; on the way back the whole error goes to the first of the window's greatest values, row by row.
/// </remarks>
public sealed class MaxPoolLayer : PoolLayer
{
    /// <summary>Initializes a new instance of the <see cref="MaxPoolLayer"/> class.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <param name="poolShape">A window's rows and columns, each 1 or more and no more than the input's.</param>
    /// <param name="stride">
    /// From one window to the next, in rows and columns, each 1 or more; the window's own size where none is given.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the window is larger than the input, or a matrix would be too large.
    /// </exception>
    public MaxPoolLayer(
        (int Height, int Width, int Depth) inputShape, (int Rows, int Columns) poolShape, (int Rows, int Columns)? stride = null)
        : base(inputShape, poolShape, stride)
    {
    }

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = KindOf((input, pool, stride) => new MaxPoolLayer(input, pool, stride));

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Pooling.Max(Windows, pass.InputOf(sample), pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Pooling.MaxInputError(Windows, pass.InputOf(sample), pass.OutputErrorOf(sample), pass.InputErrorOf(sample));
        }
    }
}
