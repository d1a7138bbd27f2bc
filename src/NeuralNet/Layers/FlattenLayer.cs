using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Turns an image into a row: plane by plane, each row by row.</summary>
/// <remarks>
/// For one plane this is the article's <c>flatten()</c>; for several it is the order of PyTorch and ONNX (NCHW).
/// X is height x (width * depth), the planes side by side; Y is 1 x (height * width * depth).
/// </remarks>
public sealed class FlattenLayer : BatchLayer
{
    private int? _depth;

    /// <summary>
    /// Makes a layer that learns from the layers before it in a <see cref="Network"/> how many planes an image has; on its own it takes
    /// one plane.
    /// </summary>
    /// <remarks>
    /// A layer of your own between is taken to keep the number of planes; where it does not, give the number with
    /// <see cref="FlattenLayer(int)"/>.
    /// </remarks>
    public FlattenLayer()
    {
    }

    /// <summary>Makes a layer for images of a given number of planes.</summary>
    /// <param name="depth">The number of planes side by side in X, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="depth"/> is less than 1.</exception>
    public FlattenLayer(int depth) => _depth = Check.Positive(depth, "FlattenLayer's depth", nameof(depth));

    /// <summary>The number of planes side by side in X.</summary>
    public int Depth => _depth ?? 1;

    /// <inheritdoc/>
    protected internal override string Name => Depth == 1 ? "FlattenLayer" : $"FlattenLayer(depth {Depth})";

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<FlattenLayer>(
        write: (layer, entry) => entry.With("depth", layer.Depth),
        read: entry =>
        {
            int depth = entry.TakeSize("depth");
            return new LayerPlan(() => new FlattenLayer(depth));
        });

    /// <summary>Takes the number of planes that the network knows, where none was given.</summary>
    internal override void SetInputDepth(int depth) => _depth ??= depth;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) =>
        input.Columns % Depth == 0 && (input.Depth == 1 || input.Depth == Depth)
            ? Shape.Row(input.Size)
            : throw new ArgumentException(
                $"{Name} expects {Depth} planes of the same width side by side, but got {input}. Give the number of planes: "
                + "new FlattenLayer(depth).",
                nameof(input));

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => throw new InvalidOperationException(
        $"{Name} makes a row of all steps that is longer with each of them. For a row of a fixed size take a recurrent layer that returns "
        + "its last state, or a global pooling layer; or call Predict with the whole sequence.");

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass) =>
        Transposition.ToRows(pass.Input, pass.InputShape.Rows, pass.InputShape.Columns / Depth, pass.Output);

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass) =>
        Transposition.ToColumns(pass.OutputError, pass.InputShape.Rows, pass.InputShape.Columns / Depth, pass.InputError);
}
