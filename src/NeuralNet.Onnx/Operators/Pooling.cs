using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>A pooling layer's node, whatever is taken of each window.</summary>
internal abstract class Pooling<TLayer>(string type) : LayerOperator<TLayer>
    where TLayer : PoolLayer
{
    public sealed override IReadOnlyList<string> Types => [type, Global];

    /// <summary>The name of the operator whose window is the whole image.</summary>
    private string Global => $"Global{type}";

    public sealed override void Read(NodeReader node)
    {
        var form = node.Form;
        if (node.Type == Global && form.Kind == FormKind.Channels)
        {
            node.Pass(1, 1);
            node.Add(OfAllSteps(), Form.Sequence(form.Width, 1).As(form.Kind));
            return;
        }

        node.RequireImage();
        var windows = node.Type == Global
            ? new WindowAttributes(node.Form.Image, (node.Form.Height, node.Form.Width), (1, 1))
            : WindowAttributes.Read(node);
        if (node.Type == type && windows.ReadZeros(node) != default)
        {
            throw node.Refuse("has pads; the library's pooling has none");
        }

        var (input, kernel, stride) = (windows.Input, windows.Kernel, windows.Stride);
        bool isExact = (input.Height - kernel.Rows) % stride.Rows == 0 && (input.Width - kernel.Columns) % stride.Columns == 0;
        if (node.Type == type && node.Attributes.Int("ceil_mode", 0) != 0 && !isExact)
        {
            throw node.Refuse("has ceil_mode, and windows that reach beyond the image; the library leaves those out");
        }

        if (node.Type == type)
        {
            ReadMore(node, windows);
        }

        var layer = Make(windows);
        node.Pass(1, 1);
        node.Add(layer, new Form(layer.OutputShape));
    }

    protected sealed override Form? InputOf(TLayer layer, OperatorList operators) => new Form(layer.InputShape);

    protected sealed override void Write(TLayer layer, OnnxGraph graph)
    {
        graph.Append(
            type,
            [graph.Value],
            Attributes.OfMany("kernel_shape", layer.PoolShape.Rows, layer.PoolShape.Columns),
            Attributes.OfMany("strides", layer.Stride.Rows, layer.Stride.Columns));
        WriteMore(graph, new WindowAttributes(layer.InputShape, layer.PoolShape, layer.Stride));
        graph.Form = new Form(layer.OutputShape);
    }

    /// <summary>Writes what the one operator needs besides its node.</summary>
    protected virtual void WriteMore(OnnxGraph graph, WindowAttributes windows)
    {
    }

    /// <summary>Reads what attributes the one operator has.</summary>
    protected abstract void ReadMore(NodeReader node, WindowAttributes windows);

    /// <summary>The layer over all steps of a sequence.</summary>
    protected abstract Layer OfAllSteps();

    protected abstract TLayer Make(WindowAttributes windows);
}

/// <summary>A max pooling layer: MaxPool; GlobalMaxPool from elsewhere.</summary>
internal sealed class MaxPooling() : Pooling<MaxPoolLayer>("MaxPool")
{
    protected override Layer OfAllSteps() => new GlobalMaxPoolLayer();

    // Says in which order places are numbered, which nobody asks for.
    protected override void ReadMore(NodeReader node, WindowAttributes windows) => node.Attributes.Int("storage_order", 0);

    protected override MaxPoolLayer Make(WindowAttributes windows) => new(windows.Input, windows.Kernel, windows.Stride);
}

/// <summary>An average pooling layer: AveragePool; GlobalAveragePool from elsewhere.</summary>
internal sealed class AveragePooling() : Pooling<AveragePoolLayer>("AveragePool")
{
    protected override void WriteMore(OnnxGraph graph, WindowAttributes windows)
    {
        if (graph.IsDouble)
        {
            graph.Call(Float64(graph.FunctionName("AveragePool"), windows, graph.Opset));
        }
    }

    protected override void ReadMore(NodeReader node, WindowAttributes windows)
    {
        // Says which zeros count, and there are none.
        node.Attributes.Int("count_include_pad", 0);
        if (node.IsFunction)
        {
            node.RequireFunction(windows, windows.NodesAtLeast, () => Float64(node.FunctionName, windows, node.Opset));
        }
    }

    protected override Layer OfAllSteps() => new GlobalAveragePoolLayer();

    protected override AveragePoolLayer Make(WindowAttributes windows) => new(windows.Input, windows.Kernel, windows.Stride);

    /// <summary>The sum of the windows' rows, of the columns of that, divided by their number.</summary>
    private static FunctionProto Float64(string name, WindowAttributes windows, long opset)
    {
        var f = new FunctionBuilder(name, opset, ["X"], "kernel_shape", "strides");
        var (kernel, stride) = (windows.Kernel, windows.Stride);
        string x = f.Add("Sum", f.Slices("X", 2, kernel.Rows, stride.Rows, windows.Output.Height));
        x = f.Add("Sum", f.Slices(x, 3, kernel.Columns, stride.Columns, windows.Output.Width));
        return f.Return("Div", x, f.Number((double)kernel.Rows * kernel.Columns));
    }
}
