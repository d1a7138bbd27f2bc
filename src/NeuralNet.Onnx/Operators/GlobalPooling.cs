using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>A global pooling layer's node, whatever is taken: a reduction over the steps, or over an image's rows and columns.</summary>
internal abstract class GlobalPooling<TLayer>(string type) : LayerOperator<TLayer>
    where TLayer : Layer
{
    /// <summary>From it on the axes are an input.</summary>
    private const int AxesAreInput = 18;

    public sealed override IReadOnlyList<string> Types => [type];

    public sealed override bool ReadsSteps(Layer layer, OperatorList operators) => InputOf(layer, operators) is null;

    public override void Read(NodeReader node)
    {
        bool keeps = node.Attributes.Int("keepdims", 1) != 0;
        node.Attributes.RequireInt("noop_with_empty_axes", 0, "axes that are named", 0);
        bool areInput = node.Opset >= AxesAreInput;
        long[] axes = node.AxesOf(areInput) ?? throw node.Refuse("does not say over which dimensions it goes");
        var form = node.Form;
        bool isOfSteps = (form.Kind, axes) is (FormKind.Sequence, [1]) or (FormKind.Channels, [2]);
        if (!isOfSteps && (form.Kind, axes) is not (FormKind.Image, [2, 3] or [3, 2]))
        {
            throw node.Refuse(
                $"goes over the dimensions {string.Join(", ", axes.Take(5))} of {form}; the library's goes over the steps of a sequence, "
                + "or the rows and columns of an image");
        }

        node.Pass(areInput ? 2 : 1, areInput ? 2 : 1);
        Add(node, keeps);
    }

    /// <summary>Adds the layer of what comes in, behind a node that was passed.</summary>
    /// <param name="node">The node.</param>
    /// <param name="keeps">Whether dimensions of 1 are left.</param>
    protected void Add(NodeReader node, bool keeps)
    {
        var form = node.Form;
        var (layer, size) = form.IsImage ? (Make(form.Image), form.Depth) : (Make(null), form.Width);
        node.Add(layer, !keeps ? Form.Row(size) : form.IsImage ? new Form((1, 1, size)) : Form.Sequence(size, 1).As(form.Kind));
    }

    protected void Write((int Height, int Width, int Depth)? image, OnnxGraph graph)
    {
        if (image is null && !graph.IsSequence)
        {
            graph.Become(Form.Sequence((int)graph.Form.Columns, graph.Form.Height));
        }

        long[] axes = image is null ? [1] : [2, 3];
        int size = image?.Depth ?? graph.Form.Width;
        if (graph.Opset >= AxesAreInput)
        {
            graph.Append(type, [graph.Value, graph.AddConstant("Axes", axes)], Attributes.Of("keepdims", 0));
        }
        else
        {
            graph.Append(type, [graph.Value], Attributes.OfMany("axes", axes), Attributes.Of("keepdims", 0));
        }

        graph.SetRow(size);
    }

    protected abstract TLayer Make((int Height, int Width, int Depth)? image);
}

/// <summary>A global average pooling layer: ReduceMean, which may begin a layer normalisation spelled out in nodes, too.</summary>
internal sealed class GlobalAveragePooling() : GlobalPooling<GlobalAveragePoolLayer>("ReduceMean")
{
    /// <summary>X - mean of X, which reads X, too.</summary>
    public override NodeProto? Partner(NodeReader node) => LayerNormalization.DistanceOf(node);

    public override void Read(NodeReader node)
    {
        if (LayerNormalization.DistanceOf(node) is null)
        {
            base.Read(node);
        }
        else
        {
            LayerNormalization.ReadFormula(node);
        }
    }

    protected override Form? InputOf(GlobalAveragePoolLayer layer, OperatorList operators) =>
        layer.InputShape is { } image ? new Form(image) : null;

    protected override void Write(GlobalAveragePoolLayer layer, OnnxGraph graph) => Write(layer.InputShape, graph);

    protected override GlobalAveragePoolLayer Make((int Height, int Width, int Depth)? image) =>
        image is { } shape ? new(shape) : new();
}

/// <summary>A global max pooling layer: ReduceMax.</summary>
internal sealed class GlobalMaxPooling() : GlobalPooling<GlobalMaxPoolLayer>("ReduceMax")
{
    protected override Form? InputOf(GlobalMaxPoolLayer layer, OperatorList operators) =>
        layer.InputShape is { } image ? new Form(image) : null;

    protected override void Write(GlobalMaxPoolLayer layer, OnnxGraph graph) => Write(layer.InputShape, graph);

    protected override GlobalMaxPoolLayer Make((int Height, int Width, int Depth)? image) => image is { } shape ? new(shape) : new();
}
