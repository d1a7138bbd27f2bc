using System.Numerics.Tensors;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Global average pooling: the mean of each feature over all steps of a sequence, or of each plane of an image.</summary>
/// <remarks>
/// <para>Y = the mean of a column or a plane; on the way back each of its values gets the same part of the error.</para>
/// <para>
/// Of a sequence X is T x n and Y is 1 x n; T may differ from sample to sample. Of an image X is height x (width * depth), the planes side
/// by side, and Y is 1 x depth.
/// </para>
/// <para>Min Lin, Qiang Chen and Shuicheng Yan, Network in network, 2013.</para>
/// </remarks>
public sealed class GlobalAveragePoolLayer : BatchLayer
{
    private readonly Shape? _image;

    /// <summary>Initializes a new instance of the <see cref="GlobalAveragePoolLayer"/> class for sequences.</summary>
    public GlobalAveragePoolLayer()
    {
    }

    /// <summary>Initializes a new instance of the <see cref="GlobalAveragePoolLayer"/> class for images.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or a matrix would be too large.</exception>
    public GlobalAveragePoolLayer((int Height, int Width, int Depth) inputShape) =>
        _image = Images.Check(inputShape, nameof(GlobalAveragePoolLayer));

    /// <summary>Gets the input's height, width and number of planes; null for sequences.</summary>
    public (int Height, int Width, int Depth)? InputShape => _image is { } image ? (image.Height, image.Width, image.Depth) : null;

    /// <inheritdoc/>
    protected internal override string Name => Images.GlobalPoolName(nameof(GlobalAveragePoolLayer), _image);

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<GlobalAveragePoolLayer>(
        write: (layer, entry) => _ = layer.InputShape is { } image ? entry.With("inputShape", image) : entry,
        read: entry =>
        {
            (int, int, int)? image = entry.Has("inputShape") ? entry.TakeImage("inputShape") : null;
            return new LayerPlan(() => image is { } shape ? new GlobalAveragePoolLayer(shape) : new GlobalAveragePoolLayer());
        });

    /// <inheritdoc/>
    protected internal override Shape? ExpectedInput => _image;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) => Images.GlobalPool(this, _image, input);

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() =>
        _image is null ? new Sum() : throw Images.HasNoSteps(this, $"new {nameof(GlobalAveragePoolLayer)}()");

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            GlobalPooling.Average(pass.InputOf(sample), pass.InputShape.Rows, _image?.Width ?? 1, pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            GlobalPooling.AverageInputError(
                pass.OutputErrorOf(sample), pass.InputShape.Rows, _image?.Width ?? 1, pass.InputErrorOf(sample));
        }
    }

    /// <summary>The sum of the steps so far, and their number.</summary>
    private sealed class Sum : StreamState
    {
        private double[] _values = [];
        private long _steps;

        protected internal override bool GivesOneRow => true;

        protected internal override void TakeStep(ReadOnlySpan<double> input, Span<double> output)
        {
            Array.Resize(ref _values, input.Length);
            TensorPrimitives.Add(_values, input, _values);
            _steps++;
            TensorPrimitives.Divide(_values, (double)_steps, output);
        }

        protected internal override void Reset()
        {
            Array.Clear(_values);
            _steps = 0;
        }
    }
}
