using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>Makes the network of an ONNX model: follows the one value that depends on the input from node to node.</summary>
internal sealed partial class Importer
{
    /// <summary>The operators of these versions mean the same as long as what they are asked for is checked.</summary>
    private const long LeastOpset = 7;
    private const long GreatestOpset = 25;

    /// <summary>Adding a layer takes time in the number of those before it: so many are added in a part of a second.</summary>
    private const int MostLayers = 4096;

    private readonly GraphProto _graph;
    private readonly Constants _constants;
    private readonly Dictionary<string, FunctionProto> _functions = [];
    private readonly Dictionary<string, (WindowShape? Shape, int Depth)> _provenFunctions = [];
    private readonly Dictionary<string, List<NodeProto>> _readers = [];
    private readonly HashSet<NodeProto> _unread = new(ReferenceEqualityComparer.Instance);
    private readonly Network _network = new();
    private readonly long _opset;
    private readonly string _output;
    private readonly long? _fixedBatch;
    private string _value;
    private Form _form;

    private Importer(ModelProto model, long fileSize)
    {
        _graph = model.Graph ?? throw new OnnxFormatException("The model has no graph. Is it an ONNX model?");
        _opset = Opset(model);
        foreach (var function in model.Functions)
        {
            if (!_functions.TryAdd($"{function.Domain}:{function.Name}", function))
            {
                throw new OnnxFormatException($"The model has two functions named '{Refusal.Short(function.Name)}'.");
            }
        }

        _constants = new Constants(fileSize);
        foreach (var tensor in _graph.Initializer)
        {
            _constants.Add(tensor);
        }

        // Models of the first versions of the format list their weights as inputs too.
        ValueInfoProto[] inputs = [.. _graph.Input.Where(input => !_constants.Has(input.Name))];
        if (inputs.Length != 1 || _graph.Output.Count != 1)
        {
            throw new OnnxFormatException(FormattableString.Invariant($"The model has {inputs.Length} inputs and {_graph.Output.Count} outputs; a network has one each."));
        }

        (_value, _output) = (inputs[0].Name, _graph.Output[0].Name);
        (_form, _fixedBatch) = FormOf(inputs[0]);
        Index();
    }

    /// <exception cref="OnnxFormatException">The bytes are no model, or one of something else than a chain of layers.</exception>
    public static Network Import(byte[] file) => new Importer(Wire.Model(file), file.Length).Import();

    private Network Import()
    {
        while (Next() is { } node)
        {
            try
            {
                Add(node);
                if (_network.Layers.Count > MostLayers)
                {
                    throw new OnnxFormatException(FormattableString.Invariant($"The model has more than {MostLayers:N0} layers, the most that are read."));
                }
            }
            catch (ArgumentException exception)
            {
                throw new OnnxFormatException($"{Refusal.NameOf(node)} makes no layer: {exception.Message}", exception);
            }
        }

        if (_unread.Count > 0)
        {
            throw Refusal.Of(_unread.First(), "is no part of the chain from the model's input to its output");
        }

        return _network.Layers.Count > 0 ? _network : _network.Add(BuiltInActivation.Make("Linear"));
    }

    private static long Opset(ModelProto model)
    {
        long[] versions = [.. model.OpsetImport.Where(opset => IsStandard(opset.Domain)).Select(opset => opset.Version)];
        if (versions is not [>= LeastOpset and <= GreatestOpset])
        {
            throw new OnnxFormatException(FormattableString.Invariant(
                $"The model needs to state one version of ONNX' operators from {LeastOpset} to {GreatestOpset}, but has {(versions.Length == 0 ? "none" : string.Join(", ", versions.Take(5)))}. Export it with such an opset."));
        }

        return versions[0];
    }

    private static bool IsStandard(string domain) => domain is "" or "ai.onnx";

    private static (Form Form, long? Batch) FormOf(ValueInfoProto input)
    {
        string name = $"The model's input '{Refusal.Short(input.Name)}'";
        var type = input.Type?.TensorType;
        if (type?.ElemType is not (Tensors.Float or Tensors.Double))
        {
            throw new OnnxFormatException(FormattableString.Invariant($"{name} needs to be a tensor of float32 (type 1) or float64 (11), but has the type {type?.ElemType ?? 0}."));
        }

        if (type.Shape is not { Dim: { Count: 2 or 4 } dimensions })
        {
            throw new OnnxFormatException(FormattableString.Invariant(
                $"{name} needs two dimensions, samples and values, or four, samples, planes, rows and columns, but has {type.Shape?.Dim.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "an unknown number"}."));
        }

        long size = 1;
        foreach (var dimension in dimensions.Skip(1))
        {
            if (dimension.DimValue < 1 || (size *= Math.Min(dimension.DimValue, int.MaxValue)) > Array.MaxLength)
            {
                throw new OnnxFormatException($"{name} needs a known shape that fits into a matrix, from its second dimension on. Export it with only the first dimension dynamic.");
            }
        }

        int Size(int dimension) => (int)dimensions[dimension].DimValue;
        long? batch = dimensions[0].DimValue > 0 ? dimensions[0].DimValue : null;
        return (dimensions.Count == 2 ? Form.Row(Size(1)) : new Form((Size(2), Size(3), Size(1))), batch);
    }

    /// <summary>Who reads each value, and that nobody makes one twice.</summary>
    private void Index()
    {
        HashSet<string> made = [_value];
        foreach (var node in _graph.Node)
        {
            foreach (string output in node.Output.Where(output => output.Length > 0))
            {
                if (_constants.Has(output) || !made.Add(output))
                {
                    throw Refusal.Of(node, $"makes the value '{Refusal.Short(output)}', which is made elsewhere too");
                }
            }

            if (node.OpType == "Constant" && IsStandard(node.Domain))
            {
                _constants.Add(node);
                continue;
            }

            _unread.Add(node);
            foreach (string input in node.Input.Distinct())
            {
                if (!_readers.TryGetValue(input, out var readers))
                {
                    _readers[input] = readers = [];
                }

                readers.Add(node);
            }
        }
    }

    /// <summary>The node that reads the value; null at the model's output.</summary>
    private NodeProto? Next()
    {
        var readers = Readers(_value);
        if (_value == _output && readers.Count == 0)
        {
            return null;
        }

        if (readers.Count == 0)
        {
            throw new OnnxFormatException($"The chain of nodes ends at '{Refusal.Short(_value)}', not at the model's output '{Refusal.Short(_output)}'.");
        }

        if (readers.Count == 1 && _value != _output)
        {
            return readers[0];
        }

        // What is made of several nodes that read x has the first of them as the one to look at.
        return readers.Count == 2 && _value != _output && readers.Find(node => IsStandard(node.Domain) && node.OpType is "Sigmoid" or "Div") is { } first
            ? first
            : throw new OnnxFormatException($"The value '{Refusal.Short(_value)}' branches: {string.Join(" and ", readers.Take(3).Select(Refusal.NameOf))} read it{(_value == _output ? ", and it is the model's output" : "")}. A network is a chain of layers.");
    }

    private List<NodeProto> Readers(string value) => _readers.GetValueOrDefault(value, []);

    private void Add(NodeProto node)
    {
        if (node.Domain == Float64Functions.Domain)
        {
            AddFunction(node);
            return;
        }

        if (!IsStandard(node.Domain))
        {
            throw Unknown(node);
        }

        var attributes = new NodeAttributes(node);
        switch (node.OpType)
        {
            case "Gemm":
                AddGemm(node, attributes);
                break;
            case "MatMul":
                AddMatMul(node);
                break;
            case "Conv":
                AddConv(node, attributes);
                break;
            case "MaxPool":
            case "AveragePool":
                AddPool(node, attributes);
                break;
            case "GlobalMaxPool":
            case "GlobalAveragePool":
                RequireImage(node);
                AddPool(node.OpType == "GlobalMaxPool", (_form.Height, _form.Width), (1, 1));
                break;
            case "BatchNormalization":
                AddBatchNorm(node, attributes);
                break;
            case "Flatten":
                AddFlatten(node, attributes);
                break;
            case "Reshape":
                AddReshape(node, attributes);
                break;
            case "Softmax":
                AddSoftmax(node, attributes);
                break;
            case "Dropout":
                AddDropout(node, attributes);
                break;
            case "Identity":
                break;
            case "Sigmoid" when Readers(_value).Count == 2:
                AddSwish(node);
                break;
            case "Div":
                AddGeluOfErf(node);
                break;
            case "LeakyRelu":
                RequireFloat(node, attributes, "alpha", 0.01f, 0.01f);
                _network.Add(BuiltInActivation.Make(node.OpType));
                break;
            case "Elu":
            case "Swish":
                RequireFloat(node, attributes, "alpha", 1, 1);
                _network.Add(BuiltInActivation.Make(node.OpType));
                break;
            case "Gelu":
                if (attributes.Text("approximate", "none") is not "none")
                {
                    throw Refusal.Of(node, "approximates by tanh; the library has Gelu by erf only (approximate = \"none\")");
                }

                _network.Add(BuiltInActivation.Make(node.OpType));
                break;
            case "Relu":
            case "Tanh":
            case "Sigmoid":
            case "Softplus":
                _network.Add(BuiltInActivation.Make(node.OpType));
                break;
            default:
                throw Unknown(node);
        }

        attributes.RequireNoMore();
        if (_unread.Contains(node))
        {
            Pass(node, InputsOf(node.OpType));
        }
    }

    private static (int Least, int Most) InputsOf(string op) => op switch
    {
        "Gemm" or "Conv" => (2, 3),
        "MatMul" or "Reshape" => (2, 2),
        "BatchNormalization" => (5, 5),
        "Dropout" => (1, 3),
        _ => (1, 1),
    };

    private static OnnxFormatException Unknown(NodeProto node) =>
        Refusal.Of(node, "is of an operator that the library has no layer for");

    /// <summary>Goes on from the value that a node reads to the one that it makes.</summary>
    private void Pass(NodeProto node, (int Least, int Most) inputs)
    {
        if (node.Input.Count < inputs.Least || node.Input.Count > inputs.Most || node.Input[0] != _value)
        {
            throw Refusal.Of(node, $"expects the value '{Refusal.Short(_value)}' as the first of {(inputs.Least == inputs.Most ? "" : $"{inputs.Least} to ")}{inputs.Most} inputs, but got {node.Input.Count}");
        }

        string[] made = [.. node.Output.Where(output => output.Length > 0)];
        if (made is not [var output] && (made.Length == 0 || made.Skip(1).Any(name => name == _output || _readers.ContainsKey(name))))
        {
            throw Refusal.Of(node, $"makes {made.Length} values; a layer has one output");
        }

        if (!_unread.Remove(node))
        {
            throw Refusal.Of(node, "is in a circle");
        }

        _value = made[0];
    }

    private static void RequireFloat(NodeProto node, NodeAttributes attributes, string name, float value, float fallback)
    {
        float actual = attributes.Float(name, fallback);
        if (actual != value)
        {
            throw Refusal.Of(node, FormattableString.Invariant($"has {name} = {actual}; the library has {node.OpType} with {value} only"));
        }
    }

    private void RequireRow(NodeProto node)
    {
        if (!_form.IsRow)
        {
            throw Refusal.Of(node, $"expects rows [N, n], but is given {_form}");
        }
    }

    private void RequireImage(NodeProto node)
    {
        if (_form.IsRow)
        {
            throw Refusal.Of(node, $"expects images [N, planes, rows, columns], but is given {_form}");
        }
    }

    private static bool HasInput(NodeProto node, int input) => node.Input.Count > input && node.Input[input].Length > 0;

    /// <summary>The only node that reads a value, if it is of the operator.</summary>
    private NodeProto? Only(string value, string op) => value != _output && Readers(value) is [var node] && node.OpType == op && IsStandard(node.Domain) ? node : null;

    /// <summary>Goes on over a node that reads the value in any place.</summary>
    private void PassOver(NodeProto node)
    {
        if (node.Output.Count != 1 || node.Output[0].Length == 0 || node.Attribute.Count > 0 || !_unread.Remove(node))
        {
            throw Unknown(node);
        }

        _value = node.Output[0];
    }
}
