using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>A pooling layer's node, whatever is taken of each window.</summary>
internal abstract class Pooling<TLayer>(string type) : LayerOperator<TLayer>
    where TLayer : Layer
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
            ? new WindowShape(node.Form.Image, (node.Form.Height, node.Form.Width), (1, 1), default)
            : WindowShape.Read(node);
        if (windows.Pads != default)
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

        var (layer, output) = Make(windows);
        node.Pass(1, 1);
        node.Add(layer, new Form(output));
    }

    protected void Write(OnnxGraph graph, (int Rows, int Columns) pool, (int Rows, int Columns) stride) => graph.Append(
        type,
        [graph.Value],
        Attributes.OfMany("kernel_shape", pool.Rows, pool.Columns),
        Attributes.OfMany("strides", stride.Rows, stride.Columns));

    /// <summary>Reads what attributes the one operator has.</summary>
    protected abstract void ReadMore(NodeReader node, WindowShape windows);

    /// <summary>The layer over all steps of a sequence.</summary>
    protected abstract Layer OfAllSteps();

    protected abstract (TLayer Layer, (int Height, int Width, int Depth) Output) Make(WindowShape windows);
}

/// <summary>A max pooling layer: MaxPool; GlobalMaxPool from elsewhere.</summary>
internal sealed class MaxPooling() : Pooling<MaxPoolLayer>("MaxPool")
{
    protected override Form? InputOf(MaxPoolLayer layer, OperatorList operators) => new Form(layer.InputShape);

    protected override void Write(MaxPoolLayer layer, OnnxGraph graph)
    {
        Write(graph, layer.PoolShape, layer.Stride);
        graph.Form = new Form(layer.OutputShape);
    }

    protected override Layer OfAllSteps() => new GlobalMaxPoolLayer();

    // Says in which order places are numbered, which nobody asks for.
    protected override void ReadMore(NodeReader node, WindowShape windows) => node.Attributes.Int("storage_order", 0);

    protected override (MaxPoolLayer Layer, (int Height, int Width, int Depth) Output) Make(WindowShape windows)
    {
        var layer = new MaxPoolLayer(windows.Input, windows.Kernel, windows.Stride);
        return (layer, layer.OutputShape);
    }
}

/// <summary>An average pooling layer: AveragePool; GlobalAveragePool from elsewhere.</summary>
internal sealed class AveragePooling() : Pooling<AveragePoolLayer>("AveragePool")
{
    protected override Form? InputOf(AveragePoolLayer layer, OperatorList operators) => new Form(layer.InputShape);

    protected override void Write(AveragePoolLayer layer, OnnxGraph graph)
    {
        Write(graph, layer.PoolShape, layer.Stride);
        if (graph.IsDouble)
        {
            var windows = new WindowShape(layer.InputShape, layer.PoolShape, layer.Stride, default);
            graph.Call(Float64(graph.FunctionName("AveragePool"), windows, graph.Opset));
        }

        graph.Form = new Form(layer.OutputShape);
    }

    protected override void ReadMore(NodeReader node, WindowShape windows)
    {
        // Says which zeros count, and there are none.
        node.Attributes.Int("count_include_pad", 0);
        if (node.IsFunction)
        {
            node.RequireFunction(windows, windows.NodesAtLeast, () => Float64(node.FunctionName, windows, node.Opset));
        }
    }

    protected override Layer OfAllSteps() => new GlobalAveragePoolLayer();

    protected override (AveragePoolLayer Layer, (int Height, int Width, int Depth) Output) Make(WindowShape windows)
    {
        var layer = new AveragePoolLayer(windows.Input, windows.Kernel, windows.Stride);
        return (layer, layer.OutputShape);
    }

    /// <summary>The sum of the windows' rows, of the columns of that, divided by their number.</summary>
    private static FunctionProto Float64(string name, WindowShape windows, long opset)
    {
        var f = new FunctionBuilder(name, opset, ["X"], "kernel_shape", "strides");
        var (kernel, stride) = (windows.Kernel, windows.Stride);
        string x = f.Add("Sum", f.Slices("X", 2, kernel.Rows, stride.Rows, windows.OutputHeight));
        x = f.Add("Sum", f.Slices(x, 3, kernel.Columns, stride.Columns, windows.OutputWidth));
        return f.Return("Div", x, f.Number((double)kernel.Rows * kernel.Columns));
    }
}
