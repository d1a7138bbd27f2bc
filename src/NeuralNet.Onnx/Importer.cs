using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>Makes the network of an ONNX model: follows the one value that depends on the input from node to node.</summary>
internal sealed class Importer
{
    /// <summary>The operators of these versions mean the same as long as what they are asked for is checked.</summary>
    private const long LeastOpset = 7;
    private const long GreatestOpset = 25;

    private readonly GraphProto _graph;
    private readonly Constants _constants;
    private readonly Dictionary<string, FunctionProto> _functions = [];
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

    private void AddGemm(NodeProto node, NodeAttributes attributes)
    {
        RequireRow(node);
        attributes.RequireInt("transA", 0, "samples as rows", 0);
        long transposed = attributes.Int("transB", 0);
        float alpha = attributes.Float("alpha", 1);
        float beta = attributes.Float("beta", 1);
        var weights = WeightsOf(node, transposed switch
        {
            0 => false,
            1 => true,
            _ => throw Refusal.Of(node, "has a transB that is neither 0 nor 1"),
        });
        AddFC(alpha == 1 ? weights : weights * alpha, HasInput(node, 2) ? RowOf(node, 2, weights.ColumnCount) * beta : null);
    }

    private void AddMatMul(NodeProto node)
    {
        RequireRow(node);
        var weights = WeightsOf(node, transposed: false);
        Pass(node, InputsOf(node.OpType));
        Matrix<double>? bias = null;
        if (Only(_value, "Add") is { Input.Count: 2 } add && _value != _output && !add.Input.All(name => name == _value))
        {
            bias = RowOf(add, 1 - add.Input.IndexOf(_value), weights.ColumnCount);
            PassOver(add);
        }

        AddFC(weights, bias);
    }

    private void AddFC(Matrix<double> weights, Matrix<double>? bias)
    {
        var layer = new FCLayer(weights.RowCount, weights.ColumnCount, Initializer.Zeros) { Weights = weights };
        if (bias is not null)
        {
            layer.Bias = bias;
        }

        _network.Add(layer);
        _form = Form.Row(layer.OutputSize);
    }

    /// <summary>W, inputs x outputs.</summary>
    private Matrix<double> WeightsOf(NodeProto node, bool transposed)
    {
        long[] dimensions = _constants.Dimensions(node, 1);
        if (dimensions.Length != 2 || dimensions[transposed ? 1 : 0] != _form.Width || dimensions[transposed ? 0 : 1] < 1)
        {
            throw Refusal.Of(node, $"has weights of [{string.Join(", ", dimensions.Take(5))}] where {_form} comes in");
        }

        int outputs = checked((int)Math.Min(dimensions[transposed ? 0 : 1], int.MaxValue));
        double[] values = _constants.Numbers(node, 1);
        return transposed ? Matrix<double>.Build.Dense(_form.Width, outputs, values) : Matrix<double>.Build.DenseOfRowMajor(_form.Width, outputs, values);
    }

    /// <summary>A constant that is added to rows of so many values: 1 x size.</summary>
    private Matrix<double> RowOf(NodeProto node, int input, int size)
    {
        long[] dimensions = _constants.Dimensions(node, input);
        bool isRow = dimensions.Length <= 2 && dimensions.SkipLast(1).All(dimension => dimension == 1) && (dimensions.Length == 0 || dimensions[^1] == 1 || dimensions[^1] == size);
        if (!isRow)
        {
            throw Refusal.Of(node, FormattableString.Invariant($"adds [{string.Join(", ", dimensions.Take(5))}] to rows of {size} values"));
        }

        double[] values = _constants.Numbers(node, input);
        return Matrix<double>.Build.Dense(1, size, (_, column) => values[values.Length == 1 ? 0 : column]);
    }

    /// <summary>A constant of one number for each of something: 1 x size.</summary>
    private Matrix<double> VectorOf(NodeProto node, int input, int size)
    {
        long[] dimensions = _constants.Dimensions(node, input);
        return dimensions is [var length] && length == size
            ? Matrix<double>.Build.Dense(1, size, _constants.Numbers(node, input))
            : throw Refusal.Of(node, FormattableString.Invariant($"expects {size} numbers as input {input + 1}, but has [{string.Join(", ", dimensions.Take(5))}]"));
    }

    private void AddConv(NodeProto node, NodeAttributes attributes)
    {
        RequireImage(node);
        attributes.RequireInt("group", 1, "planes in one group", 1);
        long[] dimensions = _constants.Dimensions(node, 1);
        if (dimensions.Length != 4 || dimensions[1] != _form.Depth || dimensions.Any(size => size is < 1 or > int.MaxValue))
        {
            throw Refusal.Of(node, $"has kernels of [{string.Join(", ", dimensions.Take(5))}] where {_form} comes in");
        }

        var shape = WindowsOf(node, attributes, ((int)dimensions[2], (int)dimensions[3]));
        if (shape.Kernel != ((int)dimensions[2], (int)dimensions[3]))
        {
            throw Refusal.Of(node, $"has kernels of [{string.Join(", ", dimensions)}] and another kernel_shape");
        }

        double[] weights = _constants.Numbers(node, 1);
        var layer = new ConvLayer(shape.Input, shape.Kernel, (int)dimensions[0], shape.Stride, PaddingOf(node, shape), Initializer.Zeros);
        layer.Weights = Matrix<double>.Build.Dense(layer.Weights.RowCount, layer.Weights.ColumnCount, weights);
        if (HasInput(node, 2))
        {
            layer.Bias = VectorOf(node, 2, layer.OutputShape.Depth);
        }

        _network.Add(layer);
        _form = new Form(layer.OutputShape);
    }

    /// <summary>How a node's windows lie over the image that comes in.</summary>
    private WindowShape WindowsOf(NodeProto node, NodeAttributes attributes, (int Rows, int Columns)? kernelOfWeights)
    {
        long[] Sizes(string name, long[] fallback) => attributes.Ints(name, 2) is not { } sizes ? fallback
            : Array.TrueForAll(sizes, size => size is >= 1 and <= int.MaxValue) ? sizes
            : throw Refusal.Of(node, $"has a size in {name} that is not 1 or more");

        long[] kernel = Sizes("kernel_shape", kernelOfWeights is var (rows, columns) ? [rows, columns] : []);
        if (kernel.Length == 0)
        {
            throw Refusal.Of(node, "has no kernel_shape");
        }

        long[] strides = Sizes("strides", [1, 1]);
        if (Sizes("dilations", [1, 1]) is not [1, 1])
        {
            throw Refusal.Of(node, "has dilations; the library's windows have no gaps (dilations = 1, 1)");
        }

        long[]? pads = attributes.Ints("pads", 4);
        string auto = attributes.Text("auto_pad", "NOTSET");
        var (top, bottom) = SamePadding.Of(_form.Height, kernel[0], strides[0]);
        var (left, right) = SamePadding.Of(_form.Width, kernel[1], strides[1]);
        (long Top, long Left, long Bottom, long Right) zeros = auto switch
        {
            "NOTSET" when pads is not null => (pads[0], pads[1], pads[2], pads[3]),
            "NOTSET" or "VALID" => default,
            "SAME_UPPER" => (top, left, bottom, right),
            "SAME_LOWER" => (bottom, right, top, left),
            _ => throw Refusal.Of(node, $"has the unknown auto_pad '{Refusal.Short(auto)}'"),
        };
        if (zeros.Top is < 0 or > int.MaxValue || zeros.Left is < 0 or > int.MaxValue || zeros.Bottom is < 0 or > int.MaxValue || zeros.Right is < 0 or > int.MaxValue)
        {
            throw Refusal.Of(node, "has pads that are not 0 or more");
        }

        return new WindowShape(_form.Image, ((int)kernel[0], (int)kernel[1]), ((int)strides[0], (int)strides[1]), zeros);
    }

    private static Padding PaddingOf(NodeProto node, WindowShape shape)
    {
        var pads = shape.Pads;
        var (top, bottom) = SamePadding.Of(shape.Input.Height, shape.Kernel.Rows, shape.Stride.Rows);
        var (left, right) = SamePadding.Of(shape.Input.Width, shape.Kernel.Columns, shape.Stride.Columns);
        return pads.Top == pads.Bottom && pads.Left == pads.Right ? new Padding((int)pads.Top, (int)pads.Left)
            : pads == (top, left, bottom, right) ? Padding.Same
            : throw Refusal.Of(node, FormattableString.Invariant(
                $"has pads of {pads.Top} and {pads.Bottom} rows, {pads.Left} and {pads.Right} columns; the library pads both sides alike, or as SAME_UPPER"));
    }

    private void AddPool(NodeProto node, NodeAttributes attributes)
    {
        RequireImage(node);
        bool isMax = node.OpType == "MaxPool";
        var shape = WindowsOf(node, attributes, null);
        if (shape.Pads != default)
        {
            throw Refusal.Of(node, "has pads; the library's pooling has none");
        }

        bool isExact = (shape.Input.Height - shape.Kernel.Rows) % shape.Stride.Rows == 0 && (shape.Input.Width - shape.Kernel.Columns) % shape.Stride.Columns == 0;
        if (attributes.Int("ceil_mode", 0) != 0 && !isExact)
        {
            throw Refusal.Of(node, "has ceil_mode, and windows that reach beyond the image; the library leaves those out");
        }

        if (isMax)
        {
            attributes.Int("storage_order", 0);
        }
        else
        {
            // Says which zeros count, and there are none.
            attributes.Int("count_include_pad", 0);
        }

        AddPool(isMax, shape.Kernel, shape.Stride);
    }

    private void AddPool(bool isMax, (int Rows, int Columns) pool, (int Rows, int Columns) stride)
    {
        if (isMax)
        {
            var layer = new MaxPoolLayer(_form.Image, pool, stride);
            _network.Add(layer);
            _form = new Form(layer.OutputShape);
        }
        else
        {
            var layer = new AveragePoolLayer(_form.Image, pool, stride);
            _network.Add(layer);
            _form = new Form(layer.OutputShape);
        }
    }

    private void AddBatchNorm(NodeProto node, NodeAttributes attributes)
    {
        attributes.RequireInt("training_mode", 0, "running statistics", 0);
        attributes.RequireInt("spatial", 1, "one mean for each plane", 1);
        double epsilon = attributes.Float("epsilon", 1e-5f);
        // ONNX weighs the old mean; and where nothing may be learnt, predictions are the same whatever the weight.
        double momentum = 1 - (double)attributes.Float("momentum", 0.9f);
        momentum = momentum is > 0 and <= 1 ? momentum : 0.1;
        int size = _form.IsRow ? _form.Width : _form.Depth;
        var (gamma, beta, mean, variance) = (VectorOf(node, 1, size), VectorOf(node, 2, size), VectorOf(node, 3, size), VectorOf(node, 4, size));
        var layer = _form.IsRow ? new BatchNormLayer(size, momentum, epsilon) : new BatchNormLayer(_form.Image, momentum, epsilon);
        (layer.Gamma, layer.Beta, layer.RunningMean, layer.RunningVariance) = (gamma, beta, mean, variance);
        _network.Add(layer);
    }

    private void AddFlatten(NodeProto node, NodeAttributes attributes)
    {
        long axis = attributes.Int("axis", 1);
        int rank = _form.Dimensions.Length + 1;
        if (axis != 1 && axis != 1 - rank)
        {
            throw Refusal.Of(node, FormattableString.Invariant($"flattens from axis {axis} on; a layer keeps the samples apart (axis 1)"));
        }

        AddFlatten(node);
    }

    private void AddFlatten(NodeProto node)
    {
        if (_form.IsRow)
        {
            return;
        }

        // The softmax of an image: ONNX' is over one axis, the library's over the whole sample.
        Pass(node, InputsOf(node.OpType));
        if (Only(_value, "Softmax") is { Output.Count: 1 } softmax && Only(softmax.Output[0], "Reshape") is { } back && ShapeAfter(back, Form.Row(checked((int)_form.Size))) == _form)
        {
            var image = _form;
            _form = Form.Row(checked((int)image.Size));
            var attributes = new NodeAttributes(softmax);
            AddSoftmax(softmax, attributes);
            attributes.RequireNoMore();
            Pass(softmax, (1, 1));
            Pass(back, (2, 2));
            _form = image;
            return;
        }

        _network.Add(new FlattenLayer(_form.Depth));
        _form = Form.Row(checked((int)_form.Size));
    }

    private void AddReshape(NodeProto node, NodeAttributes attributes)
    {
        attributes.RequireInt("allowzero", 0, "shapes whose 0 is the size that was there", 0);
        var to = ShapeAfter(node, _form);
        if (to == _form)
        {
            return;
        }

        if (to is { IsRow: true } row && row.Width == _form.Size)
        {
            AddFlatten(node);
            return;
        }

        // Height 1: the same row, which the next layer takes for planes side by side.
        if (to is { IsRow: false, Height: 1 } planes && _form.Height == 1 && planes.Size == _form.Size)
        {
            _form = planes;
            return;
        }

        // One plane whose columns, in equal parts, become planes of their own: the same matrix.
        if (to is { } cut && !_form.IsRow && _form.Depth == 1 && cut.Depth == _form.Height && cut.Size == _form.Size && Only(node.Output.FirstOrDefault(""), "Transpose") is { } transpose)
        {
            Pass(node, (2, 2));
            var perm = new NodeAttributes(transpose);
            if (perm.Ints("perm") is not [0, 2, 1, 3])
            {
                throw Refusal.Of(transpose, "changes the order of values; the library has Flatten only");
            }

            perm.RequireNoMore();
            Pass(transpose, (1, 1));
            _form = new Form((cut.Depth, cut.Width, cut.Height));
            return;
        }

        throw Refusal.Of(node, $"makes [{string.Join(", ", _constants.Integers(node, 1))}] of {_form}; the library has Flatten only, [0, -1]");
    }

    /// <summary>What a Reshape makes of a form; null where that is no form, or the samples do not stay apart.</summary>
    private Form? ShapeAfter(NodeProto node, Form from)
    {
        if (node.Input.Count != 2 || !_constants.Has(node.Input[1]))
        {
            throw Refusal.Of(node, "has a shape that is no constant of the model");
        }

        long[] shape = _constants.Integers(node, 1);
        if (shape.Length is not (2 or 4) || shape.Count(size => size == -1) > 1)
        {
            return null;
        }

        long[] before = from.Dimensions;
        for (int i = 1; i < shape.Length; i++)
        {
            if (shape[i] == 0)
            {
                shape[i] = i <= before.Length ? before[i - 1] : -2;
            }
        }

        Int128 known = 1;
        foreach (long size in shape.Skip(1).Where(size => size != -1))
        {
            if (size < 1 || (known *= size) > from.Size)
            {
                return null;
            }
        }

        bool keepsSamples = shape[0] == 0 || shape[0] == _fixedBatch || (shape[0] == -1 && known == from.Size);
        if (!keepsSamples || from.Size % known != 0)
        {
            return null;
        }

        int[] sizes = [.. shape.Skip(1).Select(size => (int)(size == -1 ? from.Size / known : size))];
        return sizes.Aggregate(1L, (product, size) => product * size) != from.Size ? null
            : sizes.Length == 1 ? Form.Row(sizes[0]) : new Form((sizes[1], sizes[2], sizes[0]));
    }

    private void AddSoftmax(NodeProto node, NodeAttributes attributes)
    {
        // Before opset 13 everything from the axis on is one row.
        bool isWhole = _opset < 13;
        int rank = _form.Dimensions.Length + 1;
        long axis = attributes.Int("axis", isWhole ? 1 : -1);
        axis += axis < 0 ? rank : 0;
        if (axis != 1 || (rank > 2 && !isWhole))
        {
            throw Refusal.Of(node, FormattableString.Invariant($"goes along axis {axis} of {_form}; the library's is over a whole sample"));
        }

        _network.Add(new SoftmaxLayer());
    }

    private void AddDropout(NodeProto node, NodeAttributes attributes)
    {
        double rate = attributes.Float("ratio", 0.5f);
        attributes.Int("seed", 0);
        if (_opset >= 12)
        {
            rate = HasInput(node, 1) ? _constants.Number(node, node.Input[1]) ?? throw Refusal.Of(node, "has a ratio that is no constant number") : rate;
            if (HasInput(node, 2))
            {
                throw Refusal.Of(node, "has an input training_mode. Export the model for inference");
            }
        }

        _network.Add(new DropoutLayer(rate));
    }

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
                RequireFunction(node, function, 2 * ((long)shape.Kernel.Rows + shape.Kernel.Columns), () => Float64Functions.Conv(node.OpType, shape, DepthOf(node), _opset));
                AddConv(node, attributes);
                break;
            case "AveragePool":
                RequireImage(node);
                var windows = WindowsOf(node, attributes, null);
                RequireFunction(node, function, 2 * ((long)windows.Kernel.Rows + windows.Kernel.Columns), () => Float64Functions.AveragePool(node.OpType, windows, _opset));
                AddPool(isMax: false, windows.Kernel, windows.Stride);
                break;
            default:
                RequireFunction(node, function, 0, () => Float64Functions.Activation(node.OpType, _opset) ?? throw Unknown(node));
                _network.Add(BuiltInActivation.Make(kind));
                break;
        }

        attributes.RequireNoMore();
        Pass(node, kind == "Conv" ? (3, 3) : (1, 1));
    }

    private int DepthOf(NodeProto node) => (int)Math.Clamp(_constants.Dimensions(node, 1).FirstOrDefault(), 0, int.MaxValue);

    /// <summary>The number of nodes is looked at before a function is made to compare with: its size is the file's to say.</summary>
    private static void RequireFunction(NodeProto node, FunctionProto function, long leastNodes, Func<FunctionProto> expected)
    {
        if (function.Node.Count < leastNodes || !function.Equals(expected()))
        {
            throw Refusal.Of(node, "calls a function that is not the one this library writes under its name");
        }
    }
}
