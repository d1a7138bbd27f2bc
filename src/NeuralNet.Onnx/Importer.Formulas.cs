using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <content>Layers that are several nodes, or a function that the exporter made.</content>
internal sealed partial class Importer
{
    /// <summary>x sigmoid(x)</summary>
    private void AddSwish(NodeProto sigmoid)
    {
        string x = _value;
        Pass(sigmoid, (1, 1));
        var product = Product(sigmoid, x);
        PassOver(product);
        _network.Add(BuiltInActivation.Make("Swish"));
    }

    /// <summary>x (1 + erf(x / √2)) / 2, as PyTorch writes Gelu before opset 20.</summary>
    private void AddGeluOfErf(NodeProto division)
    {
        string x = _value;
        RequireNumber(division, 1, Math.Sqrt(2));
        Pass(division, (2, 2));
        var erf = Only(_value, "Erf") ?? throw NoGelu(division);
        Pass(erf, (1, 1));
        var sum = Only(_value, "Add") ?? throw NoGelu(division);
        RequireNumber(sum, Other(sum, division), 1);
        PassOver(sum);
        var product = Product(division, x);
        PassOver(product);
        var half = Only(_value, "Mul") ?? throw NoGelu(division);
        RequireNumber(half, Other(half, division), 0.5);
        PassOver(half);
        foreach (var node in (NodeProto[])[division, erf, sum, product, half])
        {
            new NodeAttributes(node).RequireNoMore();
        }

        _network.Add(BuiltInActivation.Make("Gelu"));
    }

    private static OnnxFormatException NoGelu(NodeProto node) => Refusal.Of(node, "is no part of x (1 + erf(x / √2)) / 2, the one formula with this operator that the library knows");

    private void RequireNumber(NodeProto node, int input, double value)
    {
        double? actual = input < node.Input.Count ? _constants.Number(node, node.Input[input]) : null;
        if (actual is null || Math.Abs(actual.Value - value) > 1e-6)
        {
            throw NoGelu(node);
        }
    }

    /// <summary>The other of two inputs.</summary>
    private int Other(NodeProto node, NodeProto first) => node.Input.Count == 2 && node.Input.IndexOf(_value) is var input and >= 0 ? 1 - input : throw NoGelu(first);

    /// <summary>The product of x and the value, which nobody else reads.</summary>
    private NodeProto Product(NodeProto first, string x) =>
        Only(_value, "Mul") is { Input.Count: 2 } product && product.Input.Contains(x) && product.Input.Contains(_value) && x != _value
            ? product
            : throw Refusal.Of(first, $"is a branch of '{Refusal.Short(x)}'. A network is a chain of layers");

    /// <summary>Adds the layer of a function that the exporter makes, if it is that function.</summary>
    private void AddFunction(NodeProto node)
    {
        if (!_functions.TryGetValue($"{node.Domain}:{node.OpType}", out var function))
        {
            throw Unknown(node);
        }

        var attributes = new NodeAttributes(node);
        string kind = node.OpType[(node.OpType.LastIndexOf('.') + 1)..];
        switch (kind)
        {
            case "Conv":
                RequireImage(node);
                var shape = WindowsOf(node, new NodeAttributes(node), null);
                int depth = DepthOf(node);
                RequireFunction(node, function, shape, depth, () => Float64Functions.Conv(node.OpType, shape, depth, _opset));
                AddConv(node, attributes);
                break;
            case "AveragePool":
                RequireImage(node);
                var windows = WindowsOf(node, attributes, null);
                RequireFunction(node, function, windows, 0, () => Float64Functions.AveragePool(node.OpType, windows, _opset));
                AddPool(isMax: false, windows.Kernel, windows.Stride);
                break;
            default:
                RequireFunction(node, function, null, 0, () => Float64Functions.Activation(node.OpType, _opset) ?? throw Unknown(node));
                _network.Add(BuiltInActivation.Make(kind));
                break;
        }

        attributes.RequireNoMore();
        Pass(node, kind == "Conv" ? (3, 3) : (1, 1));
    }

    private int DepthOf(NodeProto node) => (int)Math.Clamp(_constants.Dimensions(node, 1).FirstOrDefault(), 0, int.MaxValue);

    /// <summary>
    /// The number of nodes is looked at before a function is made to compare with: its size is the file's to say. And it is made once for all the nodes that call it alike: their number is the file's to say too.
    /// </summary>
    private void RequireFunction(NodeProto node, FunctionProto function, WindowShape? shape, int depth, Func<FunctionProto> expected)
    {
        if (_provenFunctions.TryGetValue(node.OpType, out var proven) && proven == (shape, depth))
        {
            return;
        }

        long leastNodes = shape is null ? 0 : 2 * ((long)shape.Kernel.Rows + shape.Kernel.Columns);
        if (function.Node.Count < leastNodes || !function.Equals(expected()))
        {
            throw Refusal.Of(node, "calls a function that is not the one this library writes under its name");
        }

        _provenFunctions[node.OpType] = (shape, depth);
    }
}
