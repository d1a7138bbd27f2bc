using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>
/// A recurrent layer, or one in both directions: RNN, GRU or LSTM between what turns [N, T, n] to [T, N, n] and back. ONNX Runtime's CPU
/// has these in float32 only: in float64, and where the two directions are of different kinds, a function that goes through the steps by
/// Scan.
/// </summary>
internal sealed class Recurrence : Operator
{
    private const string Both = "Bidirectional";
    private const string AllStates = "States";

    /// <summary>The names of the functions: the kinds of one direction or of two, and what they give.</summary>
    private static readonly Dictionary<string, (RecurrentKind[] Kinds, bool Sequences)> s_functions = Functions();

    public override IReadOnlyList<string> Types { get; } = [.. s_functions.Keys];

    public override bool Writes(Layer layer) => layer is RecurrentLayer or BidirectionalLayer;

    public override IEnumerable<Layer> Within(Layer layer) =>
        layer is BidirectionalLayer both ? [both.ForwardLayer, both.BackwardLayer] : [];

    public override Form? InputOf(Layer layer, OperatorList operators) => Form.Sequence(Directions(layer)[0].InputSize);

    public override void Write(Layer layer, OnnxGraph graph)
    {
        var layers = Directions(layer);
        int outputs = layers.Sum(one => one.HiddenSize);
        bool alike = layers.All(one => one.GetType() == layers[0].GetType() && one.HiddenSize == layers[0].HiddenSize);
        if (graph.IsDouble || !alike)
        {
            WriteFunction(layers, graph);
        }
        else
        {
            WriteOperator(layers, graph);
        }

        if (layers[0].ReturnSequences)
        {
            graph.SetSequence(outputs);
        }
        else
        {
            graph.SetRow(outputs);
        }
    }

    public override void Read(NodeReader node)
    {
        if (node.IsFunction)
        {
            ReadFunction(node);
        }
        else if (RecurrentKind.All.FirstOrDefault(kind => kind.Name == node.Type) is { } its)
        {
            ReadOperator(node, its);
        }
        else
        {
            throw node.Unknown();
        }
    }

    private static RecurrentLayer[] Directions(Layer layer) => layer switch
    {
        RecurrentLayer one => [one],
        BidirectionalLayer { ForwardLayer: RecurrentLayer forward, BackwardLayer: RecurrentLayer backward } => [forward, backward],
        _ => throw new NotSupportedException(
            $"ONNX has no operator for {layer}, whose layers are not RnnLayer, GruLayer or LstmLayer. Export a network of these."),
    };

    private static Dictionary<string, (RecurrentKind[] Kinds, bool Sequences)> Functions()
    {
        var kinds = RecurrentKind.All;
        RecurrentKind[][] directions =
            [.. kinds.Select(kind => new[] { kind }), .. kinds.SelectMany(one => kinds.Select(other => new[] { one, other }))];
        return directions.Select(one => (Kinds: one, Sequences: false)).Concat(directions.Select(one => (Kinds: one, Sequences: true)))
            .ToDictionary(one => NameOf(one.Kinds, one.Sequences));
    }

    private static string NameOf(RecurrentKind[] kinds, bool sequences) =>
        (kinds.Length > 1 ? Both : "") + string.Concat(kinds.Select(kind => kind.Name)) + (sequences ? AllStates : "");

    private static void WriteOperator(RecurrentLayer[] layers, OnnxGraph graph)
    {
        var (kind, first) = (RecurrentKind.Of(layers[0]), layers[0]);
        var (inputs, hidden, columns) = (first.InputSize, first.HiddenSize, (long)kind.Gates.Length * first.HiddenSize);
        double[] All(Func<RecurrentLayer, double[]> of) => [.. layers.SelectMany(of)];
        double[] Reordered(Matrix<double> of) => kind.Reorder(of.ToColumnMajorArray(), fromOnnx: false);
        double[] Biases(RecurrentLayer one) =>
            [.. Reordered(one.Bias), .. one is GruLayer gru ? Reordered(gru.RecurrentBias) : new double[columns]];
        string w = graph.AddTensor("Weights", All(one => Reordered(one.Weights)), layers.Length, columns, inputs);
        string u = graph.AddTensor("RecurrentWeights", All(one => Reordered(one.RecurrentWeights)), layers.Length, columns, hidden);
        string b = graph.AddTensor("Bias", All(Biases), layers.Length, 2 * columns);
        List<AttributeProto> attributes =
            [Attributes.Of("hidden_size", hidden), Attributes.Of("direction", layers.Length > 1 ? "bidirectional" : "forward")];
        if (kind.HasRecurrentBias)
        {
            attributes.Add(Attributes.Of("linear_before_reset", 1));
        }

        graph.Append("Transpose", [graph.Value], Attributes.OfMany("perm", 1, 0, 2));
        graph.Append(kind.Name, [graph.Value, w, u, b], [.. attributes]);
        if (first.ReturnSequences)
        {
            // [T, directions, N, h] to [T, N, directions * h] to [N, T, directions * h].
            graph.Append("Transpose", [graph.Value], Attributes.OfMany("perm", 0, 2, 1, 3));
            graph.Append("Reshape", [graph.Value, graph.AddConstant("Shape", [0, 0, layers.Length * hidden])]);
            graph.Append("Transpose", [graph.Value], Attributes.OfMany("perm", 1, 0, 2));
        }
        else
        {
            // The second output, [directions, N, h] to [N, directions * h].
            graph.TakeSecondOutput();
            graph.Append("Transpose", [graph.Value], Attributes.OfMany("perm", 1, 0, 2));
            graph.Append("Reshape", [graph.Value, graph.AddConstant("Shape", [0, layers.Length * hidden])]);
        }
    }

    private static void WriteFunction(RecurrentLayer[] layers, OnnxGraph graph)
    {
        RecurrentKind[] kinds = [.. layers.Select(RecurrentKind.Of)];
        bool sequences = layers[0].ReturnSequences;
        List<string> inputs = [graph.Value];
        foreach (var layer in layers)
        {
            int hidden = layer.HiddenSize;
            inputs.Add(graph.AddConstant("Weights", layer.Weights));
            inputs.Add(graph.AddConstant("RecurrentWeights", layer.RecurrentWeights));
            inputs.Add(graph.AddColumns("Bias", layer.Bias, layer.Bias.ColumnCount));
            if (layer is GruLayer gru)
            {
                inputs.Add(graph.AddColumns("RecurrentBias", gru.RecurrentBias, gru.RecurrentBias.ColumnCount));
            }

            inputs.Add(graph.AddTensor("State", new double[hidden], 1, hidden));
            inputs.Add(graph.AddConstant("Sizes", [.. Enumerable.Repeat((long)hidden, RecurrentKind.Of(layer).Gates.Length)]));
        }

        graph.Append(NameOf(kinds, sequences), [.. inputs]);
        graph.Call(Formula(kinds, sequences, graph.Opset, graph.IsDouble ? Tensors.Double : Tensors.Float));
    }

    /// <summary>A Scan for each direction, over x(t)W + b of all steps, from states of 0; their outputs side by side.</summary>
    private static FunctionProto Formula(RecurrentKind[] kinds, bool sequences, long opset, int type)
    {
        string[] Names(int direction) =>
        [
            .. (string[])["W", "U", "B"], .. kinds[direction].HasRecurrentBias ? ["RecurrentB"] : Array.Empty<string>(), "State", "Sizes",
        ];
        string Of(int direction, string name) => direction == 0 ? name : $"Backward{name}";
        var f = new FunctionBuilder(
            NameOf(kinds, sequences),
            opset,
            ["X", .. kinds.SelectMany((_, direction) => Names(direction).Select(name => Of(direction, name)))]);
        string steps = f.Add("Transpose", ["X"], Attributes.OfMany("perm", 1, 0, 2));
        string count = f.Add("Slice", [f.Add("Shape", ["X"]), f.Ints(0), f.Ints(1)]);
        string[] outputs = [.. kinds.Select((kind, direction) =>
        {
            string Input(string name) => Of(direction, name);
            string xw = f.Add("Add", [f.Add("MatMul", [steps, Input("W")]), Input("B")]);
            string state = f.Add("Expand", [Input("State"), f.Add("Concat", [count, f.Ints(1)], Attributes.Of("axis", 0))]);
            string prefix = direction == 0 ? "Forward." : "Backward.";
            var step = kind.Step(prefix, Input("U"), Input("RecurrentB"), Input("Sizes"), type);
            AttributeProto[] attributes = [Attributes.Of("body", step), Attributes.Of("num_scan_inputs", 1)];
            string[] all = f.AddMany(
                kind.States + 1,
                "Scan",
                [.. Enumerable.Repeat(state, kind.States), xw],
                direction == 0
                    ? attributes
                    : [.. attributes, Attributes.OfMany("scan_input_directions", 1), Attributes.OfMany("scan_output_directions", 1)]);
            return sequences ? f.Add("Transpose", [all[^1]], Attributes.OfMany("perm", 1, 0, 2)) : all[0];
        })];
        return outputs.Length == 1
            ? f.Return("Identity", outputs[0])
            : f.Return("Concat", outputs, Attributes.Of("axis", -1));
    }

    private static void ReadFunction(NodeReader node)
    {
        var (kinds, sequences) = s_functions[node.Type];
        int type = node.TypeOf(1);
        node.RequireFunction(type, 0, () => Formula(kinds, sequences, node.Opset, type));
        var form = node.Form;
        if (!form.IsSequence)
        {
            throw node.Refuse($"is given {form}; the library's is over the steps of a sequence, [N, T, n]");
        }

        int input = 1;
        var layers = new List<RecurrentLayer>();
        foreach (var kind in kinds)
        {
            var (w, u) = (node.Dimensions(input), node.Dimensions(input + 1));
            int gates = kind.Gates.Length;
            if (u is not [>= 1 and var hidden, var columns] || columns != gates * hidden || hidden > int.MaxValue / gates
                || w is not [var inputs, var same] || inputs != form.Width || same != columns)
            {
                throw WrongWeights(node, w, u);
            }

            // The numbers first: sizes are the file's to say, and a layer takes memory as large as they are.
            int states = (int)hidden;
            var weights = Matrix<double>.Build.DenseOfRowMajor(form.Width, (int)columns, node.Numbers(input++));
            var recurrent = Matrix<double>.Build.DenseOfRowMajor(states, (int)columns, node.Numbers(input++));
            var layer = kind.Make(form.Width, states, sequences);
            (layer.Weights, layer.RecurrentWeights) = (weights, recurrent);
            layer.Bias = node.Vector(input++, (int)columns);
            if (layer is GruLayer gru)
            {
                gru.RecurrentBias = node.Vector(input++, (int)columns);
            }

            if (node.Dimensions(input) is not [1, var state] || state != states || Array.Exists(node.Numbers(input++), value => value != 0)
                || node.Integers(input++).Any(one => one != states) || node.Integers(input - 1).Length != gates)
            {
                throw node.Refuse("has states that do not start at 0, or gates of other sizes than its weights");
            }

            layers.Add(layer);
        }

        node.Pass(input, input);
        int size = layers.Sum(layer => layer.HiddenSize);
        Add(node, layers, sequences ? Form.Sequence(size, form.Height) : Form.Row(size));
    }

    private static void ReadOperator(NodeReader node, RecurrentKind kind)
    {
        var form = node.Form;
        var (w, u) = (node.Dimensions(1), node.Dimensions(2));
        int gates = kind.Gates.Length;
        string direction = node.Attributes.Text("direction", "forward");
        int directions = direction switch
        {
            "forward" => 1,
            "bidirectional" => 2,
            _ => throw node.Refuse(
                $"goes through the steps in the direction '{Refusal.Short(direction)}'; the library has forward and bidirectional"),
        };
        if (form.Kind != FormKind.StepsFirst)
        {
            throw node.Refuse($"is given {form}; it takes the steps of sequences, [T, N, n], as a Transpose makes of [N, T, n]");
        }

        if (u is not [var count, var columns, >= 1 and var hidden] || count != directions || columns != gates * hidden
            || columns > int.MaxValue || w is not [var alike, var same, var inputs]
            || alike != directions || same != columns || inputs != form.Width)
        {
            throw WrongWeights(node, w, u);
        }

        RequirePlain(node, kind, directions, hidden);
        double[] weights = node.Numbers(1);
        double[] recurrent = node.Numbers(2);
        double[] biases = node.HasInput(3) ? node.Numbers(3) : new double[directions * 2 * columns];
        if (biases.Length != directions * 2 * columns)
        {
            throw node.Refuse(FormattableString.Invariant($"has {biases.Length} biases, where {directions * 2 * columns} are needed"));
        }

        bool sequences = PassToStates(node, directions, (int)hidden);
        var layers = new List<RecurrentLayer>();
        for (int i = 0; i < directions; i++)
        {
            double[] Part(double[] all, int parts, int part) =>
                kind.Reorder(all[(all.Length / parts * part)..(all.Length / parts * (part + 1))], fromOnnx: true);
            var layer = kind.Make(form.Width, (int)hidden, sequences);
            Matrix<double> Row(int part) => Matrix<double>.Build.Dense(1, (int)columns, Part(biases, directions * 2, (i * 2) + part));
            layer.Weights = Matrix<double>.Build.Dense(form.Width, (int)columns, Part(weights, directions, i));
            layer.RecurrentWeights = Matrix<double>.Build.Dense((int)hidden, (int)columns, Part(recurrent, directions, i));
            layer.Bias = layer is GruLayer ? Row(0) : Row(0) + Row(1);
            if (layer is GruLayer gru)
            {
                gru.RecurrentBias = Row(1);
            }

            layers.Add(layer);
        }

        Add(node, layers, node.Form);
    }

    /// <summary>Refuses what the library's layers do not do.</summary>
    private static void RequirePlain(NodeReader node, RecurrentKind kind, int directions, long hidden)
    {
        node.Attributes.RequireInt("layout", 0, "steps first", 0);
        node.Attributes.RequireInt("hidden_size", hidden, "states of as many values as the weights are for");
        if (kind.HasRecurrentBias)
        {
            node.Attributes.RequireInt("linear_before_reset", 1, "GRUs whose reset gate acts behind the product", 0);
        }
        else if (kind.States > 1)
        {
            node.Attributes.RequireInt("input_forget", 0, "forget gates of their own", 0);
        }

        string[] functions = [.. Enumerable.Repeat(kind.Activations, directions).SelectMany(names => names)];
        if (node.Attributes.Texts("activations") is { } given && !given.SequenceEqual(functions, StringComparer.OrdinalIgnoreCase))
        {
            throw node.Refuse(
                $"has the functions {Refusal.Short(string.Join(", ", given.Take(6)))}; the library's are {string.Join(", ", functions)}");
        }

        for (int input = 4; input < node.Node.Input.Count; input++)
        {
            bool isZero = input is 5 or 6 && node.HasInput(input) && node.IsConstant(input)
                && Array.TrueForAll(node.Numbers(input), value => value == 0);
            if (node.HasInput(input) && !isZero)
            {
                throw node.Refuse("is given the lengths of its sequences, states to start from, or weights of the cell; the library's "
                    + "states start at 0, and the lengths are the samples' own");
            }
        }
    }

    /// <summary>Passes over the node, and those after it that make a sequence of all states, or rows of the last ones.</summary>
    /// <returns>Whether it is a sequence.</returns>
    private static bool PassToStates(NodeReader node, int directions, int hidden)
    {
        int steps = node.Form.Height;
        bool sequences = node.PassToOne(3, 8) switch
        {
            0 => true,
            1 => false,
            _ => throw node.Refuse("gives its cell's state; the library's layers give their state only"),
        };
        long directionAxis = sequences ? 1 : 0;
        int size = directions * hidden;
        if (directions == 1 && node.Next("Squeeze") is { } squeeze)
        {
            long[]? axes = squeeze.HasInput(1) ? squeeze.Integers(1) : squeeze.Attributes.Ints("axes");
            if (axes is not [var axis] || axis != directionAxis)
            {
                throw squeeze.Refuse("leaves out another dimension than that of the directions");
            }

            squeeze.Pass(1, 2);
        }
        else
        {
            var transpose = node.Next("Transpose") ?? throw NoStates(node);
            long[] perm = transpose.Attributes.Ints("perm") ?? [];
            if (!perm.SequenceEqual(sequences ? [0L, 2, 1, 3] : [1L, 0, 2]))
            {
                throw NoStates(transpose);
            }

            transpose.Pass(1, 1);
            if (!sequences && node.Next("Flatten") is { } flatten)
            {
                flatten.Attributes.RequireInt("axis", 1, "samples apart", 1);
                flatten.Pass(1, 1);
            }
            else
            {
                var reshape = node.Next("Reshape") ?? throw NoStates(node);
                reshape.Attributes.RequireInt("allowzero", 0, Flattening.MeaningOfZero, 0);
                long[] shape = reshape.Integers(1);
                bool keeps = sequences ? shape is [0, 0, _] : shape is [0 or -1, _] && (shape[0] == 0 || shape[1] == size);
                if (!keeps || (shape[^1] != size && shape[^1] != -1))
                {
                    throw NoStates(reshape);
                }

                reshape.Pass(2, 2);
            }
        }

        node.Form = sequences ? Form.Sequence(size, steps).As(FormKind.StepsFirst) : Form.Row(size);
        return sequences && !PassToLastStep(node, directions);
    }

    /// <summary>Passes over what takes the last step out of a sequence, where it is that.</summary>
    private static bool PassToLastStep(NodeReader node, int directions)
    {
        var transpose = node.Next("Transpose");
        var gather = transpose?.Attributes.Ints("perm") is [1, 0, 2] ? transpose.NextOf("Gather") : node.Next("Gather");
        long steps = transpose is null ? 0 : 1;
        if (directions > 1 || gather is null || !gather.HasInput(1) || !gather.IsConstant(1) || gather.Dimensions(1).Length > 0
            || gather.Attributes.Int("axis", 0) != steps || gather.Integers(1) is not [-1])
        {
            return false;
        }

        transpose?.Pass(1, 1);
        gather.Pass(2, 2);
        node.Form = Form.Row(node.Form.Width);
        return true;
    }

    private static void Add(NodeReader node, List<RecurrentLayer> layers, Form form) =>
        node.Add(layers.Count == 1 ? layers[0] : new BidirectionalLayer(layers[0], layers[1]), form);

    private static OnnxFormatException WrongWeights(NodeReader node, long[] w, long[] u) => node.Refuse(
        $"has weights of [{string.Join(", ", w.Take(5))}] and [{string.Join(", ", u.Take(5))}] where {node.Form} comes in");

    private static OnnxFormatException NoStates(NodeReader node) => node.Refuse(
        "is not followed by what makes a sequence of its states, [T, N, h], or rows of the last ones, [N, h]");
}
