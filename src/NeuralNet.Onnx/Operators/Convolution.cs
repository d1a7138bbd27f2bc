using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>A convolutional layer: Conv.</summary>
internal sealed class Convolution : LayerOperator<ConvLayer>
{
    public override IReadOnlyList<string> Types => ["Conv"];

    protected override Form? InputOf(ConvLayer layer, OperatorList operators) => new Form(layer.InputShape);

    protected override void Write(ConvLayer layer, OnnxGraph graph)
    {
        var (input, kernel, output) = (layer.InputShape, layer.KernelShape, layer.OutputShape);
        var windows = new WindowAttributes(input, kernel, layer.Stride, layer.Padding);
        var zeros = windows.Zeros;
        string weights = graph.AddColumns("Weights", layer.Weights, output.Depth, input.Depth, kernel.Rows, kernel.Columns);
        graph.Append(
            "Conv",
            [graph.Value, weights, graph.AddColumns("Bias", layer.Bias, output.Depth)],
            Attributes.OfMany("kernel_shape", kernel.Rows, kernel.Columns),
            Attributes.OfMany("pads", zeros.Top, zeros.Left, zeros.Bottom, zeros.Right),
            Attributes.OfMany("strides", layer.Stride.Rows, layer.Stride.Columns));
        if (graph.IsDouble)
        {
            graph.Call(Float64(graph.FunctionName("Conv"), windows, output.Depth, graph.Opset));
        }

        graph.Form = new Form(output);
    }

    public override void Read(NodeReader node)
    {
        if (node.Form.Kind is FormKind.Sequence or FormKind.Channels)
        {
            SequenceConvolution.Read(node);
            return;
        }

        node.RequireImage();
        long[] dimensions = node.Dimensions(1);
        if (dimensions.Length != 4 || dimensions[1] != node.Form.Depth || dimensions.Any(size => size is < 1 or > int.MaxValue))
        {
            throw node.Refuse($"has kernels of [{string.Join(", ", dimensions.Take(5))}] where {node.Form} comes in");
        }

        var (depth, kernel) = ((int)dimensions[0], ((int)dimensions[2], (int)dimensions[3]));
        var windows = WindowAttributes.Read(node, node.IsFunction ? null : kernel);
        if (windows.Kernel != kernel)
        {
            throw node.Refuse($"has kernels of [{string.Join(", ", dimensions)}] and another kernel_shape");
        }

        windows = windows with { Padding = PaddingOf(node, windows) };
        node.Attributes.RequireInt("group", 1, "planes in one group", 1);
        if (node.IsFunction)
        {
            node.RequireFunction((windows, depth), windows.NodesAtLeast, () => Float64(node.FunctionName, windows, depth, node.Opset));
        }

        var layer = new ConvLayer(windows.Input, kernel, depth, windows.Stride, windows.Padding, Initializer.Zeros);
        layer.Weights = Matrix<double>.Build.Dense(layer.Weights.RowCount, layer.Weights.ColumnCount, node.Numbers(1));
        if (node.HasInput(2))
        {
            layer.Bias = node.Vector(2, depth);
        }

        node.Pass(node.IsFunction ? 3 : 2, 3);
        node.Add(layer, new Form(layer.OutputShape));
    }

    private static Padding PaddingOf(NodeReader node, WindowAttributes windows)
    {
        var zeros = windows.ReadZeros(node);
        return zeros.Top == zeros.Bottom && zeros.Left == zeros.Right ? new Padding(zeros.Top, zeros.Left)
            : zeros == (windows with { Padding = Padding.Same }).Zeros ? Padding.Same
            : throw node.Refuse(
                FormattableString.Invariant($"has pads of {zeros.Top} and {zeros.Bottom} rows, {zeros.Left} and {zeros.Right} columns; ")
                + "the library pads both sides alike, or as SAME_UPPER");
    }

    /// <summary>
    /// The windows' values, cut out of X by rows and then by columns, become the planes of an image, over which the kernels are one
    /// matrix product.
    /// </summary>
    private static FunctionProto Float64(string name, WindowAttributes windows, int depth, long opset)
    {
        var f = new FunctionBuilder(name, opset, ["X", "W", "B"], "kernel_shape", "pads", "strides");
        var (kernel, stride, zeros, output) = (windows.Kernel, windows.Stride, windows.Zeros, windows.Output);
        string x = zeros == default
            ? "X"
            : f.Add("Pad", ["X", f.Ints(0, 0, zeros.Top, zeros.Left, 0, 0, zeros.Bottom, zeros.Right)]);
        x = f.Add("Concat", f.Slices(x, 2, kernel.Rows, stride.Rows, output.Height), Attributes.Of("axis", 1));
        x = f.Add("Concat", f.Slices(x, 3, kernel.Columns, stride.Columns, output.Width), Attributes.Of("axis", 1));
        long values = (long)kernel.Rows * kernel.Columns * windows.Input.Depth;
        x = f.Add("Reshape", [x, f.Ints(-1, values, (long)output.Height * output.Width)]);
        string w = f.Add("Transpose", ["W"], Attributes.OfMany("perm", 0, 3, 2, 1));
        w = f.Add("Reshape", [w, f.Ints(depth, values)]);
        string y = f.Add("Reshape", [f.Add("MatMul", [w, x]), f.Ints(-1, depth, output.Height, output.Width)]);
        return f.Return("Add", y, f.Add("Reshape", ["B", f.Ints(depth, 1, 1)]));
    }
}
