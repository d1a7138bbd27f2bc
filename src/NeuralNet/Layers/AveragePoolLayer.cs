using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Average pooling: makes the planes of an image smaller, by the mean of each window.</summary>
/// <remarks>Y = the mean of the window's values; on the way back each of the window's values gets the same part of the error.</remarks>
public sealed class AveragePoolLayer : PoolLayer
{
    /// <summary>Initializes a new instance of the <see cref="AveragePoolLayer"/> class.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <param name="poolShape">A window's rows and columns, each 1 or more and no more than the input's.</param>
    /// <param name="stride">
    /// From one window to the next, in rows and columns, each 1 or more; the window's own size where none is given.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the window is larger than the input, or a matrix would be too large.
    /// </exception>
    public AveragePoolLayer(
        (int Height, int Width, int Depth) inputShape, (int Rows, int Columns) poolShape, (int Rows, int Columns)? stride = null)
        : base(inputShape, poolShape, stride)
    {
    }

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = KindOf((input, pool, stride) => new AveragePoolLayer(input, pool, stride));

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Pooling.Average(Windows, pass.InputOf(sample), pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Pooling.AverageInputError(Windows, pass.OutputErrorOf(sample), pass.InputErrorOf(sample));
        }
    }
}
