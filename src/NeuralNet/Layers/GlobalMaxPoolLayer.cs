using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Global max pooling: the greatest value of each feature over all steps of a sequence, or of each plane of an image.</summary>
/// <remarks>
/// <para>
/// Y = the greatest value of a column or a plane; on the way back the whole error goes to the first of its greatest values, row by row.
/// </para>
/// <para>
/// Of a sequence X is T x n and Y is 1 x n; T may differ from sample to sample. Of an image X is height x (width * depth), the planes side
/// by side, and Y is 1 x depth.
/// </para>
/// </remarks>
public sealed class GlobalMaxPoolLayer : BatchLayer
{
    private readonly Shape? _image;

    /// <summary>Initializes a new instance of the <see cref="GlobalMaxPoolLayer"/> class for sequences.</summary>
    public GlobalMaxPoolLayer()
    {
    }

    /// <summary>Initializes a new instance of the <see cref="GlobalMaxPoolLayer"/> class for images.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or a matrix would be too large.</exception>
    public GlobalMaxPoolLayer((int Height, int Width, int Depth) inputShape) =>
        _image = Images.Check(inputShape, nameof(GlobalMaxPoolLayer));

    /// <summary>Gets the input's height, width and number of planes; null for sequences.</summary>
    public (int Height, int Width, int Depth)? InputShape => _image is { } image ? (image.Height, image.Width, image.Depth) : null;

    /// <inheritdoc/>
    protected internal override string Name => Images.GlobalPoolName(nameof(GlobalMaxPoolLayer), _image);

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<GlobalMaxPoolLayer>(
        write: (layer, entry) => _ = layer.InputShape is { } image ? entry.With("inputShape", image) : entry,
        read: entry =>
        {
            (int, int, int)? image = entry.Has("inputShape") ? entry.TakeImage("inputShape") : null;
            return new LayerPlan(() => image is { } shape ? new GlobalMaxPoolLayer(shape) : new GlobalMaxPoolLayer());
        });

    /// <inheritdoc/>
    protected internal override Shape? ExpectedInput => _image;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) => Images.GlobalPool(this, _image, input);

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() =>
        _image is null ? new Greatest() : throw Images.HasNoSteps(this, $"new {nameof(GlobalMaxPoolLayer)}()");

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            GlobalPooling.Max(pass.InputOf(sample), pass.InputShape.Rows, _image?.Width ?? 1, pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            GlobalPooling.MaxInputError(
                pass.InputOf(sample),
                pass.OutputErrorOf(sample),
                pass.InputShape.Rows,
                _image?.Width ?? 1,
                pass.InputErrorOf(sample));
        }
    }

    /// <summary>The greatest values of the steps so far.</summary>
    private sealed class Greatest : StreamState
    {
        private double[] _values = [];
        private bool _hasBegun;

        protected internal override bool GivesOneRow => true;

        protected internal override void TakeStep(ReadOnlySpan<double> input, Span<double> output)
        {
            if (!_hasBegun)
            {
                Array.Resize(ref _values, input.Length);
                input.CopyTo(_values);
                _hasBegun = true;
            }

            GlobalPooling.TakeGreater(input, _values);
            _values.CopyTo(output);
        }

        protected internal override void Reset() => _hasBegun = false;
    }
}
