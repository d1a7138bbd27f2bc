using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>
/// A convolution along the steps of a sequence: Conv between two Transpose, since it takes a step a column; Pad before it from elsewhere.
/// </summary>
internal sealed class SequenceConvolution : LayerOperator<Conv1DLayer>
{
    public override IReadOnlyList<string> Types => ["Pad"];

    protected override Form? InputOf(Conv1DLayer layer, OperatorList operators) => Form.Sequence(layer.InputSize);

    protected override void Write(Conv1DLayer layer, OnnxGraph graph)
    {
        int steps = graph.Form.Height;
        var windows = WindowsOf(layer, steps);
        string bias = graph.AddColumns("Bias", layer.Bias, layer.Filters);
        if (graph.IsDouble || windows.Zeros is null)
        {
            string weights = graph.AddTensor(
                "Weights", layer.Weights.ToRowMajorArray(), layer.Weights.RowCount, layer.Weights.ColumnCount);
            graph.Append("Conv", [graph.Value, weights, bias], windows.Attributes());
            graph.Call(Formula(graph.FunctionName("Conv"), windows, graph.Opset));
        }
        else
        {
            string weights = graph.AddTensor("Weights", FeatureByFeature(layer), layer.Filters, layer.InputSize, layer.KernelSize);
            graph.Append("Transpose", [graph.Value], Attributes.OfMany("perm", 0, 2, 1));
            graph.Append("Conv", [graph.Value, weights, bias], windows.Attributes());
            graph.Append("Transpose", [graph.Value], Attributes.OfMany("perm", 0, 2, 1));
        }

        graph.Form = FormAfter(layer, steps);
    }

    /// <summary>Reads a Pad of zeros before or behind the steps, and the Conv that follows.</summary>
    public override void Read(NodeReader node)
    {
        if (node.Form.Kind != FormKind.Channels || node.Opset < 11)
        {
            throw node.Refuse($"is given {node.Form}; the library pads the steps before a convolution only, [N, n, T], from opset 11 on");
        }

        if (node.Attributes.Text("mode", "constant") != "constant" || (node.HasInput(2) && node.Number(2) != 0) || node.HasInput(3))
        {
            throw node.Refuse("pads with something else than zeros, or along named axes");
        }

        if (node.Integers(1) is not [0, 0, >= 0 and <= int.MaxValue and var before, 0, 0, >= 0 and <= int.MaxValue and var after])
        {
            throw node.Refuse("has pads that are not 0 or more zeros before and behind the steps");
        }

        node.Pass(2, 3);
        var conv = node.Next("Conv") ?? throw node.Refuse("has no Conv behind it; the library pads before a convolution only");
        Read(conv, (before, after));
    }

    /// <summary>Reads a Conv of sequences, or the function that stands for one.</summary>
    public static void Read(NodeReader node, (long Before, long After) zeros = default)
    {
        var form = node.Form;
        long[] dimensions = node.Dimensions(1);
        bool fits = Array.TrueForAll(dimensions, size => size is >= 1 and <= int.MaxValue) && (node.IsFunction
            ? dimensions is [var rows, _] && rows % form.Width == 0
            : dimensions is [_, var inputs, _] && inputs == form.Width);
        if (!fits || form.Kind != (node.IsFunction ? FormKind.Sequence : FormKind.Channels))
        {
            throw node.Refuse($"has kernels of [{string.Join(", ", dimensions.Take(5))}] where {form} comes in");
        }

        int filters = (int)dimensions[node.IsFunction ? 1 : 0];
        int kernel = (int)(node.IsFunction ? dimensions[0] / form.Width : dimensions[2]);
        var windows = SequenceWindows.Read(node, kernel, zeros);
        node.Attributes.RequireInt("group", 1, "features in one group", 1);
        if (node.IsFunction)
        {
            node.RequireFunction(windows, kernel, () => Formula(node.FunctionName, windows, node.Opset));
        }

        var layer = new Conv1DLayer(
            form.Width, filters, kernel, windows.Stride, PaddingOf(node, windows, form.Height), windows.Dilation, Initializer.Zeros);
        if (form.Height > 0 && WindowsOf(layer, form.Height) is { Zeros: var (before, after) }
            && form.Height + before + after < windows.Reach)
        {
            throw node.Refuse(FormattableString.Invariant($"reaches over {windows.Reach} steps where {form} comes in"));
        }

        layer.Weights = node.IsFunction
            ? Matrix<double>.Build.DenseOfRowMajor(kernel * form.Width, filters, node.Numbers(1))
            : StepByStep(node.Numbers(1), filters, form.Width, kernel);
        if (node.HasInput(2))
        {
            layer.Bias = node.Vector(2, filters);
        }

        node.Pass(node.IsFunction ? 3 : 2, 3);
        node.Add(layer, FormAfter(layer, form.Height).As(form.Kind));
    }

    /// <summary>The windows over so many steps, 0 for any number.</summary>
    private static SequenceWindows WindowsOf(Conv1DLayer layer, int steps)
    {
        long reach = ((long)(layer.KernelSize - 1) * layer.Dilation) + 1;
        (long, long)? zeros = layer.Padding == Padding.Causal ? (reach - 1, 0)
            : layer.Padding != Padding.Same ? (layer.Padding.Rows, layer.Padding.Rows)
            : SequenceWindows.SameZeros(reach, layer.Stride, steps);
        return new(layer.KernelSize, layer.Stride, layer.Dilation, zeros);
    }

    private static Form FormAfter(Conv1DLayer layer, int steps)
    {
        if (steps == 0)
        {
            return Form.Sequence(layer.Filters);
        }

        var windows = WindowsOf(layer, steps);
        var (before, after) = windows.Zeros!.Value;
        long outputs = ((steps + before + after - windows.Reach) / layer.Stride) + 1;
        return outputs <= Array.MaxLength
            ? Form.Sequence(layer.Filters, (int)outputs)
            : throw new ArgumentException(FormattableString.Invariant($"{layer} makes {outputs} steps, more than a matrix holds."));
    }

    private static Padding PaddingOf(NodeReader node, SequenceWindows windows, int steps) => windows.Zeros switch
    {
        null => Padding.Same,
        (0, 0) => Padding.Valid,
        var zeros when zeros == SequenceWindows.SameZeros(windows.Reach, windows.Stride, steps) => Padding.Same,
        var (before, after) when before == windows.Reach - 1 && after == 0 => Padding.Causal,
        var (before, after) when before == after => new Padding((int)before),
        var (before, after) => throw node.Refuse(
            FormattableString.Invariant($"has {before} zeros before and {after} behind the steps; the library pads both ends alike, as ")
            + "SAME_UPPER, or before the first step only so that no later one is seen"),
    };

    /// <summary>[filter][feature][place], as ONNX has it.</summary>
    private static double[] FeatureByFeature(Conv1DLayer layer)
    {
        var weights = layer.Weights;
        return
        [
            .. from filter in Enumerable.Range(0, layer.Filters)
               from feature in Enumerable.Range(0, layer.InputSize)
               from place in Enumerable.Range(0, layer.KernelSize)
               select weights[(place * layer.InputSize) + feature, filter],
        ];
    }

    private static Matrix<double> StepByStep(double[] weights, int filters, int inputs, int kernel) => Matrix<double>.Build.Dense(
        kernel * inputs, filters, (row, filter) => weights[(((filter * inputs) + (row % inputs)) * kernel) + (row / inputs)]);

    /// <summary>
    /// What the windows see at each place, cut out of all steps, side by side; over them the filters are one matrix product. The zeros of
    /// SAME_UPPER with a stride depend on the number of steps.
    /// </summary>
    private static FunctionProto Formula(string name, SequenceWindows windows, long opset)
    {
        var f = new FunctionBuilder(name, opset, ["X", "W", "B"], [.. windows.Attributes().Select(attribute => attribute.Name)]);
        string x = windows.Zeros switch
        {
            (0, 0) => "X",
            var (before, after) => f.Add("Pad", ["X", f.Ints(0, before, 0, 0, after, 0)]),
            null => f.Add("Pad", ["X", SamePads(f, windows)]),
        };
        string[] places =
        [
            .. Enumerable.Range(0, windows.Kernel).Select(place =>
            {
                long first = (long)place * windows.Dilation;
                long behind = windows.Reach - 1 - first;
                return f.Add(
                    "Slice", [x, f.Ints(first), f.Ints(behind > 0 ? -behind : long.MaxValue), f.Ints(1), f.Ints(windows.Stride)]);
            }),
        ];
        return f.Return("Add", f.Add("MatMul", [f.Add("Concat", places, Attributes.Of("axis", 2)), "W"]), "B");
    }

    private static string SamePads(FunctionBuilder f, SequenceWindows windows)
    {
        // zeros = max((⌈T / stride⌉ - 1) * stride + reach - T, 0), the one more of an odd number behind.
        string steps = f.Add("Slice", [f.Add("Shape", ["X"]), f.Ints(1), f.Ints(2)]);
        string stride = f.Ints(windows.Stride);
        string last = f.Add("Mul", [f.Add("Div", [f.Add("Sub", [steps, f.Ints(1)]), stride]), stride]);
        string zeros = f.Add("Max", [f.Add("Sub", [f.Add("Add", [last, f.Ints(windows.Reach)]), steps]), f.Ints(0)]);
        string before = f.Add("Div", [zeros, f.Ints(2)]);
        string none = f.Ints(0);
        return f.Add("Concat", [none, before, none, none, f.Add("Sub", [zeros, before]), none], Attributes.Of("axis", 0));
    }
}
