using System.Globalization;
using MathNet.Numerics.Integration;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>The activations of <see cref="Activations"/>: one node each, or the few of a formula.</summary>
internal sealed class ActivationFunctions : LayerOperator<ActivationLayer>
{
    /// <summary>What the name of a function ends in whose alpha is an input.</summary>
    private const string WithAlpha = "WithAlpha";

    private const double SeluScale = 1.0507009873554804934193349852946;
    private const double SeluAlpha = 1.6732632423543772848170429916717;

    /// <summary>All of them by name, which is ONNX's too where <see cref="Entry.Types"/> does not say otherwise.</summary>
    private static readonly Entry[] s_all =
    [
        new(ActivationFunction.Tanh),
        new(ActivationFunction.Sigmoid),
        new(ActivationFunction.Relu),
        new(ActivationFunction.LeakyRelu)
        {
            With = ActivationFunction.LeakyReluWith,
            Alpha = 0.01f,
            Write = graph => graph.Append("LeakyRelu", [graph.Value], Attributes.Of("alpha", 0.01f)),
            Float64 = LeakyReluOfDoubles,
            Float64With = LeakyReluWithAlpha,
        },
        new(ActivationFunction.Elu)
        {
            With = ActivationFunction.EluWith, Alpha = 1, Float64 = EluOfDoubles, Float64With = EluWithAlpha,
        },
        new(ActivationFunction.Relu6) { Types = ["Clip"], Write = WriteRelu6, Check = RequireSix, MostInputs = 3 },
        new(ActivationFunction.Selu) { Check = RequireSelu, Float64 = SeluOfDoubles },
        new(ActivationFunction.Softplus) { Float64 = SoftplusOfDoubles },
        new(ActivationFunction.Mish) { Float64 = MishOfAnyType, FirstOpset = 18, Constants = [("Two", 2), ("Twenty", 20)] },
        new(ActivationFunction.HardSigmoid) { Write = WriteHardSigmoid, Check = RequireSixth, Float64 = HardSigmoidOfDoubles },
        new(ActivationFunction.HardSwish)
        {
            Float64 = HardSwishOfAnyType, FirstOpset = 14, Constants = [("Zero", 0), ("Three", 3), ("Six", 6)],
        },
        new(ActivationFunction.Swish) { Write = WriteSwish, Check = node => RequireFloat(node, "alpha", 1, 1) },
        new(ActivationFunction.Gelu) { Write = WriteGelu, Check = RequireErf, Float64 = GeluOfDoubles },
        new(ActivationFunction.Linear) { Types = ["Identity"] },
    ];

    public override IReadOnlyList<string> Types =>
        [.. s_all.SelectMany(entry => entry.Types), .. s_all.Where(entry => entry.With is not null).Select(AlphaType), "Div"];

    /// <summary>x, where a layer is needed that changes nothing.</summary>
    public static ActivationLayer MakeLinear() => Named("Linear").Make();

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    public override bool Writes(Layer layer) => layer is ActivationLayer activation && EntryOf(activation) is not null;

    protected override void Write(ActivationLayer layer, OnnxGraph graph)
    {
        var entry = EntryOf(layer)!;
        if (AlphaOf(layer.Function!, entry) is { } alpha)
        {
            WriteAlpha(entry, alpha, graph);
        }
        else if ((graph.IsDouble || graph.Opset < entry.FirstOpset) && entry.Float64 is { } function)
        {
            graph.AddNode(entry.Name, [graph.Value, .. entry.Constants.Select(one => graph.AddConstant(one.Name, one.Value))]);
            graph.Call(function(graph.Opset));
        }
        else
        {
            entry.Write(graph);
        }
    }

    public override NodeProto? Partner(NodeReader node) => node.Type switch
    {
        "Sigmoid" => SwishOf(node),
        "Div" => GeluOf(node)?.Product,
        _ => null,
    };

    public override void Read(NodeReader node)
    {
        if (node.Type == "Sigmoid" && SwishOf(node) is { } product)
        {
            node.Pass(1, 1);
            node.PassOver(product);
            node.Add(Named("Swish").Make());
            return;
        }

        if (node.Type == "Div")
        {
            ReadGelu(node);
            return;
        }

        if (node.Type.EndsWith(WithAlpha, StringComparison.Ordinal))
        {
            ReadAlpha(node, Array.Find(s_all, one => AlphaType(one) == node.Type)!);
            return;
        }

        var entry = Array.Find(s_all, one => one.Types.Contains(node.Type))!;
        var function = entry.Function;
        if (node.IsFunction)
        {
            if (entry.Float64 is { } expected)
            {
                node.RequireFunction(null, 0, () => expected(node.Opset));
            }

            for (int i = 0; i < entry.Constants.Length; i++)
            {
                if (!node.HasInput(i + 1) || node.Number(i + 1) != entry.Constants[i].Value)
                {
                    throw node.Refuse(FormattableString.Invariant($"expects {entry.Constants[i].Value} as input {i + 2}"));
                }
            }
        }
        else if (entry.With is { } with)
        {
            function = with(Attributes.Meant(node.Attributes.Float("alpha", entry.Alpha)));
        }
        else
        {
            entry.Check(node);
        }

        node.Pass(1, node.IsFunction ? 1 + entry.Constants.Length : entry.MostInputs);
        if (entry.Name != "Linear")
        {
            node.Add(new ActivationLayer(function));
        }
    }

    private static string AlphaType(Entry entry) => entry.Name + WithAlpha;

    private static Entry? EntryOf(ActivationLayer layer) => layer.Function is { } function
        ? Array.Find(s_all, entry => entry.Function == function || AlphaOf(function, entry) is not null)
        : null;

    /// <summary>The number of a function that is the entry's with another one, which its name tells: <c>Elu(0.5)</c>.</summary>
    private static double? AlphaOf(ActivationFunction function, Entry entry) =>
        entry.With is not null && function.Name.StartsWith(entry.Name + "(", StringComparison.Ordinal) && function.Name[^1] == ')'
        && double.TryParse(
            function.Name.AsSpan()[(entry.Name.Length + 1)..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double alpha)
            ? alpha : null;

    private static Entry Named(string name) => Array.Find(s_all, entry => entry.Name == name)!;

    private static void WriteAlpha(Entry entry, double alpha, OnnxGraph graph)
    {
        if (graph.IsDouble)
        {
            graph.AddNode(AlphaType(entry), [graph.Value, graph.AddConstant("Alpha", alpha)]);
            graph.Call(entry.Float64With!(graph.Opset));
            return;
        }

        if (!float.IsFinite((float)alpha))
        {
            throw new NotSupportedException(FormattableString.Invariant(
                $"{entry.Name} has the number {alpha}, which no float32 holds. Take DataType = OnnxDataType.Float64."));
        }

        graph.Append(entry.Name, [graph.Value], Attributes.Of("alpha", (float)alpha));
    }

    private static void ReadAlpha(NodeReader node, Entry entry)
    {
        if (!node.IsFunction)
        {
            throw node.Unknown();
        }

        node.RequireFunction(null, 0, () => entry.Float64With!(node.Opset));
        double alpha = node.Number(1) ?? throw node.Refuse("expects one number as input 2");
        node.Pass(2, 2);
        node.Add(new ActivationLayer(entry.With!(alpha)));
    }

    private static void RequireFloat(NodeReader node, string name, float value, float fallback)
    {
        float actual = node.Attributes.Float(name, fallback);
        if (actual != value)
        {
            throw node.Refuse(FormattableString.Invariant($"has {name} = {actual}; the library has {node.Type} with {value} only"));
        }
    }

    private static void RequireSelu(NodeReader node)
    {
        RequireFloat(node, "alpha", (float)SeluAlpha, (float)SeluAlpha);
        RequireFloat(node, "gamma", (float)SeluScale, (float)SeluScale);
    }

    private static void WriteHardSigmoid(OnnxGraph graph) =>
        graph.Append("HardSigmoid", [graph.Value], Attributes.Of("alpha", 1f / 6), Attributes.Of("beta", 0.5f));

    private static void RequireSixth(NodeReader node)
    {
        RequireFloat(node, "alpha", 1f / 6, 0.2f);
        RequireFloat(node, "beta", 0.5f, 0.5f);
    }

    private static void WriteRelu6(OnnxGraph graph) =>
        graph.Append("Clip", [graph.Value, graph.AddConstant("Zero", 0), graph.AddConstant("Six", 6)]);

    private static void RequireSix(NodeReader node)
    {
        // Before opset 11 the ends are attributes.
        double? End(int input, string name, float fallback) =>
            node.Opset < 11 ? node.Attributes.Float(name, fallback) : node.HasInput(input) ? node.Number(input) : fallback;
        if (End(1, "min", float.MinValue) != 0 || End(2, "max", float.MaxValue) != 6)
        {
            throw node.Refuse("cuts off elsewhere than at 0 and 6, where the library has Relu6");
        }
    }

    private static void RequireErf(NodeReader node)
    {
        if (node.Attributes.Text("approximate", "none") is not "none")
        {
            throw node.Refuse("approximates by tanh; the library has Gelu by erf only (approximate = \"none\")");
        }
    }

    /// <summary>x sigmoid(x)</summary>
    private static void WriteSwish(OnnxGraph graph)
    {
        string x = graph.Value;
        graph.Append("Mul", [x, graph.Append("Sigmoid", [x])]);
    }

    /// <summary>The product of x and its sigmoid, which nobody else reads.</summary>
    private static NodeProto? SwishOf(NodeReader sigmoid) =>
        sigmoid.Follow("Mul") is [var product] && sigmoid.IsProductWithInput(product) ? product : null;

    /// <summary>x (1 + erf(x / √2)) / 2, as PyTorch writes Gelu before opset 20.</summary>
    private static void WriteGelu(OnnxGraph graph)
    {
        string x = graph.Value;
        if (graph.Opset >= 20)
        {
            graph.Append("Gelu", [x]);
            return;
        }

        string erf = graph.Append("Erf", [graph.Append("Div", [x, graph.AddConstant("SquareRootOf2", Math.Sqrt(2))])]);
        string sum = graph.Append("Add", [erf, graph.AddConstant("One", 1)]);
        graph.Append("Mul", [graph.Append("Mul", [x, sum]), graph.AddConstant("Half", 0.5)]);
    }

    private static void ReadGelu(NodeReader division)
    {
        var (erf, sum, product, half) = GeluOf(division) ?? throw NoGelu(division);
        RequireNumber(division, division.Node, 1, Math.Sqrt(2));
        division.Pass(2, 2);
        division.PassOver(erf);
        RequireNumber(division, sum, division.OtherInput(sum), 1);
        division.PassOver(sum);
        division.PassOver(product);
        RequireNumber(division, half, division.OtherInput(half), 0.5);
        division.PassOver(half);
        division.Add(Named("Gelu").Make());
    }

    private static (NodeProto Erf, NodeProto Sum, NodeProto Product, NodeProto Half)? GeluOf(NodeReader division) =>
        division.Follow("Erf", "Add", "Mul", "Mul") is [var erf, var sum, var product, var half]
        && sum.Input.Count == 2 && half.Input.Count == 2 && division.IsProductWithInput(product)
            ? (erf, sum, product, half) : null;

    private static OnnxFormatException NoGelu(NodeReader node) =>
        node.Refuse("is no part of x (1 + erf(x / √2)) / 2, the one formula with this operator that the library knows");

    private static void RequireNumber(NodeReader division, NodeProto node, int input, double value)
    {
        if (division.NumberOf(node, input) is not { } actual || Math.Abs(actual - value) > 1e-6)
        {
            throw NoGelu(division);
        }
    }

    /// <summary>max(x, 0.01 x): the operator has its slope as a float, and 0.01 is none.</summary>
    private static FunctionProto LeakyReluOfDoubles(long opset)
    {
        var f = new FunctionBuilder("LeakyRelu", opset, ["X"]);
        return f.Return("Max", "X", f.Add("Mul", ["X", f.Number(0.01)]));
    }

    /// <summary>max(x, 0) + (exp(min(x, 0)) - 1)</summary>
    private static FunctionProto EluOfDoubles(long opset)
    {
        var f = new FunctionBuilder("Elu", opset, ["X"]);
        string exponential = f.Add("Exp", [f.Add("Min", ["X", f.Number(0)])]);
        return f.Return("Add", f.Add("Max", ["X", f.Number(0)]), f.Add("Sub", [exponential, f.Number(1)]));
    }

    /// <summary>max(x, 0) + alpha min(x, 0)</summary>
    private static FunctionProto LeakyReluWithAlpha(long opset)
    {
        var f = new FunctionBuilder("LeakyRelu" + WithAlpha, opset, ["X", "Alpha"]);
        string zero = f.Number(0);
        return f.Return("Add", f.Add("Max", ["X", zero]), f.Add("Mul", ["Alpha", f.Add("Min", ["X", zero])]));
    }

    /// <summary>max(x, 0) + alpha (exp(min(x, 0)) - 1)</summary>
    private static FunctionProto EluWithAlpha(long opset)
    {
        var f = new FunctionBuilder("Elu" + WithAlpha, opset, ["X", "Alpha"]);
        string zero = f.Number(0);
        string power = f.Add("Sub", [f.Add("Exp", [f.Add("Min", ["X", zero])]), f.Number(1)]);
        return f.Return("Add", f.Add("Max", ["X", zero]), f.Add("Mul", ["Alpha", power]));
    }

    /// <summary>λ max(x, 0) + λα (exp(min(x, 0)) - 1)</summary>
    /// <remarks>A product with λ at the end would be taken into a MatMul behind it by ONNX Runtime, with λ in float32.</remarks>
    private static FunctionProto SeluOfDoubles(long opset)
    {
        var f = new FunctionBuilder("Selu", opset, ["X"]);
        string zero = f.Number(0);
        string power = f.Add("Sub", [f.Add("Exp", [f.Add("Min", ["X", zero])]), f.Number(1)]);
        string positive = f.Add("Mul", [f.Number(SeluScale), f.Add("Max", ["X", zero])]);
        return f.Return("Add", positive, f.Add("Mul", [f.Number(SeluScale * SeluAlpha), power]));
    }

    /// <summary>x n / (n + 2) with n = e (e + 2), e = exp(min(x, 20)), which is x tanh ln(1 + exp(x)).</summary>
    private static FunctionProto MishOfAnyType(long opset)
    {
        var f = new FunctionBuilder("Mish", opset, ["X", "Two", "Twenty"]);
        string power = f.Add("Exp", [f.Add("Min", ["X", "Twenty"])]);
        string n = f.Add("Mul", [power, f.Add("Add", [power, "Two"])]);
        return f.Return("Mul", "X", f.Add("Div", [n, f.Add("Add", [n, "Two"])]));
    }

    /// <summary>min(max(x, -3), 3) / 6 + 1/2</summary>
    /// <remarks>A division at the beginning would be taken into a MatMul before it by ONNX Runtime, as a float32.</remarks>
    private static FunctionProto HardSigmoidOfDoubles(long opset)
    {
        var f = new FunctionBuilder("HardSigmoid", opset, ["X"]);
        string cut = f.Add("Min", [f.Add("Max", ["X", f.Number(-3)]), f.Number(3)]);
        return f.Return("Add", f.Add("Div", [cut, f.Number(6)]), f.Number(0.5));
    }

    /// <summary>x min(max(x + 3, 0), 6) / 6</summary>
    private static FunctionProto HardSwishOfAnyType(long opset)
    {
        var f = new FunctionBuilder("HardSwish", opset, ["X", "Zero", "Three", "Six"]);
        string part = f.Add("Min", [f.Add("Max", [f.Add("Add", ["X", "Three"]), "Zero"]), "Six"]);
        return f.Return("Mul", "X", f.Add("Div", [part, "Six"]));
    }

    /// <summary>max(x, 0) + ln(1 + exp(-|x|))</summary>
    private static FunctionProto SoftplusOfDoubles(long opset)
    {
        var f = new FunctionBuilder("Softplus", opset, ["X"]);
        string exponential = f.Add("Exp", [f.Add("Neg", [f.Add("Abs", ["X"])])]);
        return f.Return("Add", f.Add("Max", ["X", f.Number(0)]), f.Add("Log", [f.Add("Add", [exponential, f.Number(1)])]));
    }

    /// <summary>
    /// x (1/2 + c / √(2π) ∫ exp(-(c t)² / 2) dt), t from 0 to 1, by Gauss and Legendre's rule; c is x, cut off where Φ is 0 or 1.
    /// </summary>
    private static FunctionProto GeluOfDoubles(long opset)
    {
        const double End = 8.5;
        var rule = new GaussLegendreRule(0, 1, 64);
        var f = new FunctionBuilder("Gelu", opset, ["X"]);
        string c = f.Add("Max", [f.Add("Min", ["X", f.Number(End)]), f.Number(-End)]);
        string places = f.Numbers([.. rule.Abscissas.Select(t => -t * t / 2)], 1, rule.Order);
        string weights = f.Numbers([.. rule.Weights.Select(weight => weight / Math.Sqrt(2 * Math.PI))], rule.Order, 1);
        string squares = f.Add("Unsqueeze", [f.Add("Mul", [c, c]), f.Ints(-1)]);
        string integral = f.Add("Squeeze", [f.Add("MatMul", [f.Add("Exp", [f.Add("Mul", [squares, places])]), weights]), f.Ints(-1)]);
        return f.Return("Mul", "X", f.Add("Add", [f.Add("Mul", [c, integral]), f.Number(0.5)]));
    }

    private sealed record Entry(ActivationFunction Function)
    {
        public string Name => Function.Name;

        /// <summary>ONNX's names of it.</summary>
        public string[] Types { get; init; } = [Function.Name];

        /// <summary>Adds the nodes; one of the first of <see cref="Types"/> unless given.</summary>
        public Action<OnnxGraph> Write { get => field ?? (graph => graph.AddNode(Types[0])); init; }

        /// <summary>Refuses attributes that ask for another function; there are none unless given.</summary>
        public Action<NodeReader> Check { get; init; } = _ => { };

        /// <summary>The function for float64, where ONNX Runtime's CPU has no such operator, and before <see cref="FirstOpset"/>.</summary>
        public Func<long, FunctionProto>? Float64 { get; init; }

        /// <summary>The constants that the function is given besides x, where it is for any type.</summary>
        public (string Name, double Value)[] Constants { get; init; } = [];

        /// <summary>The first version of ONNX that has the operator.</summary>
        public int FirstOpset { get; init; }

        /// <summary>The inputs that the operator may have.</summary>
        public int MostInputs { get; init; } = 1;

        /// <summary>The function with a number of its own, the operator's alpha; null where there is none.</summary>
        public Func<double, ActivationFunction>? With { get; init; }

        /// <summary>The operator's alpha where none is given.</summary>
        public float Alpha { get; init; }

        /// <summary>The function for float64 with alpha as its second input.</summary>
        public Func<long, FunctionProto>? Float64With { get; init; }

        public ActivationLayer Make() => new(Function);
    }
}
