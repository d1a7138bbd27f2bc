using MathNet.Numerics.Integration;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>The activations of <see cref="Activations"/>: one node each, or the few of a formula.</summary>
internal sealed class ActivationFunctions : LayerOperator<ActivationLayer>
{
    /// <summary>All of them by name, which is ONNX's too where <see cref="Entry.Types"/> does not say otherwise.</summary>
    private static readonly Entry[] s_all =
    [
        new(ActivationFunction.Tanh),
        new(ActivationFunction.Sigmoid),
        new(ActivationFunction.Relu),
        new(ActivationFunction.LeakyRelu)
        {
            Write = graph => graph.Append("LeakyRelu", [graph.Value], Attributes.Of("alpha", 0.01f)),
            Check = node => RequireAlpha(node, 0.01f),
            Float64 = LeakyReluOfDoubles,
        },
        new(ActivationFunction.Elu) { Check = node => RequireAlpha(node, 1), Float64 = EluOfDoubles },
        new(ActivationFunction.Softplus) { Float64 = SoftplusOfDoubles },
        new(ActivationFunction.Swish) { Write = WriteSwish, Check = node => RequireAlpha(node, 1) },
        new(ActivationFunction.Gelu) { Write = WriteGelu, Check = RequireErf, Float64 = GeluOfDoubles },
        new(ActivationFunction.Linear) { Types = ["Identity"] },
    ];

    public override IReadOnlyList<string> Types => [.. s_all.SelectMany(entry => entry.Types), "Div"];

    /// <summary>x, where a layer is needed that changes nothing.</summary>
    public static ActivationLayer MakeLinear() => Named("Linear").Make();

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    public override bool Writes(Layer layer) => layer is ActivationLayer activation && EntryOf(activation) is not null;

    protected override void Write(ActivationLayer layer, OnnxGraph graph)
    {
        var entry = EntryOf(layer)!;
        if (graph.IsDouble && entry.Float64 is { } function)
        {
            graph.AddNode(entry.Name);
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

        var entry = Array.Find(s_all, one => one.Types.Contains(node.Type))!;
        if (!node.IsFunction)
        {
            entry.Check(node);
        }
        else if (entry.Float64 is { } function)
        {
            node.RequireFunction(null, 0, () => function(node.Opset));
        }

        node.Pass(1, 1);
        if (entry.Name != "Linear")
        {
            node.Add(entry.Make());
        }
    }

    private static Entry? EntryOf(ActivationLayer layer) => Array.Find(s_all, entry => entry.Function == layer.Function);

    private static Entry Named(string name) => Array.Find(s_all, entry => entry.Name == name)!;

    private static void RequireAlpha(NodeReader node, float value)
    {
        float actual = node.Attributes.Float("alpha", value);
        if (actual != value)
        {
            throw node.Refuse(FormattableString.Invariant($"has alpha = {actual}; the library has {node.Type} with {value} only"));
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

        /// <summary>The function for float64, where ONNX Runtime's CPU has no such operator.</summary>
        public Func<long, FunctionProto>? Float64 { get; init; }

        public ActivationLayer Make() => new(Function);
    }
}
