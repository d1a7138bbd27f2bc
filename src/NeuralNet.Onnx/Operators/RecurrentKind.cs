using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>A kind of recurrent layer in ONNX.</summary>
/// <param name="Name">ONNX's name.</param>
/// <param name="Layer">The type of layer.</param>
/// <param name="Gates">Which of ONNX's gates each of the library's is.</param>
/// <param name="Make">Makes a layer of zeros of n, h and whether it gives all states.</param>
/// <param name="Activations">The names of the functions in ONNX.</param>
internal sealed record RecurrentKind(
    string Name, Type Layer, int[] Gates, Func<int, int, bool, RecurrentLayer> Make, params string[] Activations)
{
    /// <summary>ONNX has the GRU's gates as z, r, n, and the LSTM's as i, o, f, g.</summary>
    public static IReadOnlyList<RecurrentKind> All { get; } =
    [
        new("RNN", typeof(RnnLayer), [0], (n, h, all) => new RnnLayer(n, h, all, Initializer.Zeros, Initializer.Zeros), "Tanh"),
        new(
            "GRU",
            typeof(GruLayer),
            [1, 0, 2],
            (n, h, all) => new GruLayer(n, h, all, Initializer.Zeros, Initializer.Zeros),
            "Sigmoid",
            "Tanh"),
        new(
            "LSTM",
            typeof(LstmLayer),
            [0, 2, 3, 1],
            (n, h, all) => new LstmLayer(n, h, all, Initializer.Zeros, Initializer.Zeros),
            "Sigmoid",
            "Tanh",
            "Tanh"),
    ];

    public static RecurrentKind Of(RecurrentLayer layer) => All.Single(kind => kind.Layer == layer.GetType());

    public bool HasRecurrentBias => Layer == typeof(GruLayer);

    /// <summary>The states that go from a step to the next: h, and the LSTM's c.</summary>
    public int States => Layer == typeof(LstmLayer) ? 2 : 1;

    /// <summary>The library's gates, blocks of a matrix's columns one after another, in ONNX's order; or the way back.</summary>
    public double[] Reorder(double[] columns, bool fromOnnx)
    {
        int block = columns.Length / Gates.Length;
        double[] reordered = new double[columns.Length];
        for (int gate = 0; gate < Gates.Length; gate++)
        {
            var (ours, theirs) = (gate * block, Gates[gate] * block);
            Array.Copy(columns, fromOnnx ? theirs : ours, reordered, fromOnnx ? ours : theirs, block);
        }

        return reordered;
    }

    /// <summary>
    /// A step: h and c of the step before and x(t)W + b to h and c; U, the GRU's b' and the sizes of the gates are values around it, all of
    /// one type but for the sizes.
    /// </summary>
    public GraphProto Step(string prefix, string u, string recurrentBias, string sizes, int type)
    {
        string[] states = [.. Enumerable.Range(0, States).Select(state => FormattableString.Invariant($"{prefix}State{state}"))];
        string xw = $"{prefix}X";
        var f = new FunctionBuilder(prefix, [.. states, xw]);
        string hu = f.Add("MatMul", [states[0], u]);
        string[] Parts(string all) => f.AddMany(Gates.Length, "Split", [all, sizes], Attributes.Of("axis", -1));
        string Sigmoid(string x) => f.Add("Sigmoid", [x]);
        string Tanh(string x) => f.Add("Tanh", [x]);
        string Add(string x, string y) => f.Add("Add", [x, y]);
        string Multiply(string x, string y) => f.Add("Mul", [x, y]);
        string h;
        string[] others = [];
        if (Layer == typeof(LstmLayer))
        {
            string[] gates = Parts(Add(xw, hu));
            var (i, forget, g, o) = (Sigmoid(gates[0]), Sigmoid(gates[1]), Tanh(gates[2]), Sigmoid(gates[3]));
            string c = Add(Multiply(forget, states[1]), Multiply(i, g));
            h = Multiply(o, Tanh(c));
            others = [c];
        }
        else if (Layer == typeof(GruLayer))
        {
            string[] xs = Parts(xw);
            string[] hs = Parts(Add(hu, recurrentBias));
            var (r, z) = (Sigmoid(Add(xs[0], hs[0])), Sigmoid(Add(xs[1], hs[1])));
            string n = Tanh(Add(xs[2], Multiply(r, hs[2])));
            h = Add(f.Add("Sub", [n, Multiply(z, n)]), Multiply(z, states[0]));
        }
        else
        {
            h = Tanh(Add(xw, hu));
        }

        return f.ToGraph(type, [h, .. others, f.Add("Identity", [h])]);
    }
}
