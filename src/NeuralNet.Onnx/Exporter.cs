using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>Makes the ONNX model of a network: one or a few nodes for each layer, in a row.</summary>
internal sealed partial class Exporter
{
    private const long FirstIrVersionOfFunctions = 8;

    private readonly Network _network;
    private readonly OnnxExportOptions _options;
    private readonly GraphProto _graph = new() { Name = "NeuralNet" };
    private readonly List<FunctionProto> _functions = [];
    private readonly HashSet<string> _names = [];
    private readonly bool _isDouble;
    private long _bytes;
    private int _layer;
    private string _value;
    private Form _form;

    public Exporter(Network network, OnnxExportOptions options)
    {
        _network = network;
        _options = options;
        _isDouble = options.DataType == OnnxDataType.Float64;
        CheckOptions();
        _form = InputForm();
        _value = options.InputName;
    }

    public ModelProto Model()
    {
        _graph.Input.Add(Info(_options.InputName, _form));
        for (_layer = 0; _layer < _network.Layers.Count; _layer++)
        {
            Add(_network.Layers[_layer]);
        }

        if (_graph.Node.Count == 0)
        {
            _layer = 0;
            Node("Identity");
        }

        RefuseTakenNames();
        _graph.Node[^1].Output[0] = _options.OutputName;
        _graph.Output.Add(Info(_options.OutputName, _form));
        var model = new ModelProto
        {
            IrVersion = IrVersion(_options.Opset),
            ProducerName = _options.ProducerName,
            ProducerVersion = _options.ProducerVersion,
            DocString = _options.DocString ?? _network.ToString(),
            OpsetImport = { new OperatorSetIdProto { Version = _options.Opset } },
            Graph = _graph,
            Functions = { _functions },
        };
        if (_functions.Count > 0)
        {
            model.IrVersion = Math.Max(model.IrVersion, FirstIrVersionOfFunctions);
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = Float64Functions.Domain, Version = Float64Functions.DomainVersion });
        }

        return model;
    }

    /// <summary>The version of the file format that came with an opset.</summary>
    private static long IrVersion(int opset) => opset switch
    {
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        _ => 10,
    };

    private void CheckOptions()
    {
        if (_options.Opset is < OnnxExportOptions.LeastOpset or > OnnxExportOptions.GreatestOpset)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"ExportOnnx expects an Opset from {OnnxExportOptions.LeastOpset} to {OnnxExportOptions.GreatestOpset}, but got {_options.Opset}."), "options");
        }

        if (!Enum.IsDefined(_options.DataType))
        {
            throw new ArgumentException($"ExportOnnx expects the DataType Float32 or Float64, but got {_options.DataType}.", "options");
        }

        if (string.IsNullOrEmpty(_options.InputName) || string.IsNullOrEmpty(_options.OutputName) || _options.InputName == _options.OutputName)
        {
            throw new ArgumentException($"ExportOnnx expects two different names for input and output, but got '{_options.InputName}' and '{_options.OutputName}'.", "options");
        }

        if (_options.ProducerName is null || _options.ProducerVersion is null)
        {
            throw new ArgumentException("ExportOnnx expects a ProducerName and a ProducerVersion, but got null. Leave them out or give an empty text.", "options");
        }

        if (_options.InputShape is var (height, width, depth) && (height < 1 || width < 1 || depth < 1))
        {
            throw new ArgumentException(FormattableString.Invariant($"ExportOnnx expects an InputShape of 1 or more in each direction, but got {height} x {width} x {depth}."), "options");
        }

        if (_network.Layers.Count == 0)
        {
            throw new InvalidOperationException("The network has no layers. Call Add before ExportOnnx.");
        }
    }

    private void RefuseTakenNames()
    {
        foreach (string name in (string[])[_options.InputName, _options.OutputName])
        {
            if (_names.Contains(name))
            {
                throw new ArgumentException($"ExportOnnx names a value inside the model '{name}' already. Take another name for input or output.", "options");
            }
        }
    }

    /// <summary>The shape of a sample, from the first layer that tells it behind ones that keep any shape.</summary>
    private Form InputForm()
    {
        Form? known = null;
        foreach (var layer in _network.Layers)
        {
            known = FormOf(layer);
            if (known is not null || layer is not (ActivationLayer or SoftmaxLayer or DropoutLayer))
            {
                break;
            }
        }

        var given = _options.InputShape is { } shape ? (shape.Height == 1 && shape.Depth == 1 ? Form.Row(shape.Width) : new Form(shape)) : (Form?)null;
        if (known is { } told)
        {
            if (given is { } other && other.Image != told.Image)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"The network takes {told.Height} x {told.Width} x {told.Depth}, but the InputShape is {other.Height} x {other.Width} x {other.Depth}. Leave it out."), "options");
            }

            return told;
        }

        var form = given ?? throw new ArgumentException(
            $"{_network.Layers[0]} takes more than one shape, and ONNX needs to know it. Give it: new OnnxExportOptions {{ InputShape = (height, width, depth) }}, (1, n, 1) for a row.", "options");
        RefuseOwn();
        long columns = (long)form.Width * form.Depth;
        if (columns * form.Height > Array.MaxLength)
        {
            throw new ArgumentException(FormattableString.Invariant($"The InputShape {form.Height} x {form.Width} x {form.Depth} is larger than any matrix."), "options");
        }

        // The layers themselves tell what does not fit.
        _network.Predict(Matrix<double>.Build.Dense(form.Height, (int)columns));
        return form;
    }

    private static Form? FormOf(Layer layer) => layer switch
    {
        FCLayer fc => Form.Row(fc.InputSize),
        ConvLayer conv => new Form(conv.InputShape),
        MaxPoolLayer pool => new Form(pool.InputShape),
        AveragePoolLayer pool => new Form(pool.InputShape),
        BatchNormLayer norm => norm.InputShape is { } shape ? new Form(shape) : Form.Row(norm.Gamma.ColumnCount),
        _ => null,
    };

    private void RefuseOwn()
    {
        foreach (var layer in _network.Layers)
        {
            if (layer is ActivationLayer activation)
            {
                BuiltInActivation.NameOf(activation);
            }
            else if (FormOf(layer) is null && layer is not (FlattenLayer or SoftmaxLayer or DropoutLayer))
            {
                throw NoOperator(layer);
            }
        }
    }

    private static NotSupportedException NoOperator(Layer layer) =>
        new($"ONNX has no operator for {layer}, a layer of your own. Export a network of the library's layers.");

    /// <summary>Gives the value the form that a layer reads the same matrix in: what the library takes for height x (width * depth) either way may be two tensors.</summary>
    private void Become(Form form, Layer layer)
    {
        if (_form == form)
        {
            return;
        }

        if (!_form.SameMatrix(form))
        {
            throw new InvalidOperationException($"{layer} takes {form}, but is given {_form}.");
        }

        if (form.IsRow)
        {
            Flatten();
        }
        else if (form.Height == 1 || _form.IsRow)
        {
            Reshape(form);
        }
        else
        {
            // Columns side by side in one plane become planes: [N, 1, height, depth * width] to [N, depth, height, width].
            Reshape(new Form((form.Depth, form.Width, form.Height)));
            Node("Transpose", [_value], Attributes.OfMany("perm", 0, 2, 1, 3));
        }

        _form = form;
    }

    private void Reshape(Form form)
    {
        // The batch is the one dimension that is found out.
        Node("Reshape", [_value, Shape([-1, .. form.Dimensions])]);
        _form = form;
    }

    private void Node(string op) => Node(op, [_value]);

    private void Node(string op, string[] inputs, params AttributeProto[] attributes)
    {
        string name = NewName(op);
        _graph.Node.Add(new NodeProto { OpType = op, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes } });
        _value = name;
    }

    /// <summary>Makes the last node a call of a function.</summary>
    private void Call(FunctionProto function)
    {
        var node = _graph.Node[^1];
        (node.Domain, node.OpType) = (function.Domain, function.Name);
        if (!_functions.Exists(other => other.Name == function.Name))
        {
            _functions.Add(function);
        }
    }

    private string Name(string part) => FormattableString.Invariant($"layer{_layer}.{part}");

    /// <summary>The layer's name for a part, with a number where it has several.</summary>
    private string NewName(string part)
    {
        string name = Name(part);
        for (int i = 2; !_names.Add(name); i++)
        {
            name = Name(part + i.ToString(CultureInfo.InvariantCulture));
        }

        return name;
    }

    private string Weights(Matrix<double> weights, long[] dimensions) => Tensor("Weights", weights.ToColumnMajorArray(), dimensions);

    private string Tensor(string part, Matrix<double> row) => Tensor(part, row.ToColumnMajorArray(), [row.ColumnCount]);

    private string Scalar(string part, double value) => Tensor(part, [value], []);

    private string Tensor(string part, double[] values, long[] dimensions)
    {
        int size = _isDouble ? sizeof(double) : sizeof(float);
        _bytes += (long)values.Length * size;
        if (_bytes > int.MaxValue - (1 << 24))
        {
            throw new NotSupportedException(
                $"The model would be larger than 2 GB, the most that an ONNX file holds.{(_isDouble ? " Take DataType = OnnxDataType.Float32." : "")}");
        }

        byte[] raw = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"{_network.Layers[_layer]} holds {values[i]} in its {part}, which predicts nothing. Train again from what was finite."));
            }

            var to = raw.AsSpan(i * size);
            if (_isDouble)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(to, values[i]);
                continue;
            }

            float value = (float)values[i];
            if (!float.IsFinite(value))
            {
                throw new NotSupportedException(
                    FormattableString.Invariant($"{_network.Layers[_layer]} holds {values[i]} in its {part}, which no float32 holds. Take DataType = OnnxDataType.Float64."));
            }

            BinaryPrimitives.WriteSingleLittleEndian(to, value);
        }

        return Add(part, new TensorProto { DataType = _isDouble ? Tensors.Double : Tensors.Float, Dims = { dimensions }, RawData = UnsafeByteOperations.UnsafeWrap(raw) });
    }

    private string Shape(long[] dimensions)
    {
        byte[] raw = new byte[dimensions.Length * sizeof(long)];
        for (int i = 0; i < dimensions.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(i * sizeof(long)), dimensions[i]);
        }

        return Add("Shape", new TensorProto { DataType = Tensors.Int64, Dims = { dimensions.Length }, RawData = UnsafeByteOperations.UnsafeWrap(raw) });
    }

    private string Add(string part, TensorProto tensor)
    {
        tensor.Name = NewName(part);
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private ValueInfoProto Info(string name, Form form)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } } };
        shape.Dim.AddRange(form.Dimensions.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = _isDouble ? Tensors.Double : Tensors.Float, Shape = shape } },
        };
    }
}
