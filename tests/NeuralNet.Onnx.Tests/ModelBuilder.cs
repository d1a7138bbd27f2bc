using System.Runtime.InteropServices;
using Google.Protobuf;
using MathNet.Numerics.Random;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Tests;

/// <summary>A model as another tool would write it: float32, a chain of nodes from <c>x</c> to <c>y</c>.</summary>
internal sealed class ModelBuilder
{
    private readonly Xoshiro256StarStar _random = new(5);
    private string _value = "x";

    public ModelBuilder(params long[] inputShape)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" } } };
        shape.Dim.AddRange(inputShape.Select(size => size > 0
            ? new TensorShapeProto.Types.Dimension { DimValue = size }
            : new TensorShapeProto.Types.Dimension { DimParam = "steps" }));
        Model.Graph.Input.Add(Info("x", new TypeProto.Types.Tensor { ElemType = Tensors.Float, Shape = shape }));
        InputShape = inputShape.Length == 1 ? (1, (int)inputShape[0], 1)
            : inputShape.Length == 2 ? (inputShape[0] > 0 ? (int)inputShape[0] : 7, (int)inputShape[1], 1)
            : ((int)inputShape[1], (int)inputShape[2], (int)inputShape[0]);
    }

    public ModelProto Model { get; } = new()
    {
        IrVersion = 8,
        ProducerName = "by hand",
        OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        Graph = new GraphProto { Name = "g" },
    };

    public (int Height, int Width, int Depth) InputShape { get; private set; }

    /// <summary>How many whole numbers the input is drawn from; null for any numbers.</summary>
    public int? Vocabulary { get; private set; }

    public string Value => _value;

    public TensorShapeProto.Types.Dimension Batch => Model.Graph.Input[0].Type.TensorType.Shape.Dim[0];

    public static ValueInfoProto Info(string name, TypeProto.Types.Tensor type) =>
        new() { Name = name, Type = new TypeProto { TensorType = type } };

    /// <summary>Makes the input whole numbers, int64 [batch, steps].</summary>
    public ModelBuilder OfNumbers(int vocabulary)
    {
        Model.Graph.Input[0].Type.TensorType.ElemType = Tensors.Int64;
        (Vocabulary, InputShape) = (vocabulary, (7, 1, 1));
        return this;
    }

    /// <summary>An attribute that is a list of texts.</summary>
    public static AttributeProto Texts(string name, params string[] values) =>
        new() { Name = name, Strings = { values.Select(ByteString.CopyFromUtf8) }, Type = Attributes.StringsType };

    public ModelBuilder Opset(long version)
    {
        Model.OpsetImport[0].Version = version;
        return this;
    }

    /// <summary>Adds a node on the chain's value and constants.</summary>
    public ModelBuilder Node(string op, string[]? constants = null, params AttributeProto[] attributes) =>
        NodeOf(op, [_value, .. constants ?? []], attributes);

    public ModelBuilder NodeOf(string op, string[] inputs, params AttributeProto[] attributes)
    {
        _value = FormattableString.Invariant($"v{Model.Graph.Node.Count}");
        Model.Graph.Node.Add(
            new NodeProto { OpType = op, Name = $"/{op}_{_value}", Input = { inputs }, Output = { _value }, Attribute = { attributes } });
        return this;
    }

    /// <summary>A random initializer, its values as raw bytes or in the typed field.</summary>
    public string Weights(bool raw, params long[] dimensions) => WeightsFrom(-0.5f, raw, dimensions);

    public string WeightsFrom(float low, bool raw, params long[] dimensions)
    {
        float[] values = [
            .. Enumerable.Range(0, (int)dimensions.Aggregate(1L, (product, size) => product * size)).Select(
                _ => low + (float)_random.NextDouble())];
        var tensor = new TensorProto { DataType = Tensors.Float, Dims = { dimensions } };
        if (raw)
        {
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        else
        {
            tensor.FloatData.AddRange(values);
        }

        return Tensor(tensor);
    }

    public string Shape(params long[] shape) =>
        Tensor(new TensorProto { DataType = Tensors.Int64, Dims = { shape.Length }, Int64Data = { shape } });

    public string Scalar(float value) => Tensor(new TensorProto { DataType = Tensors.Float, FloatData = { value } });

    public string Tensor(TensorProto tensor)
    {
        tensor.Name = FormattableString.Invariant($"w{Model.Graph.Initializer.Count}");
        Model.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    public byte[] Bytes()
    {
        if (Model.Graph.Output.Count == 0)
        {
            Model.Graph.Output.Add(Info(_value, new TypeProto.Types.Tensor { ElemType = Tensors.Float }));
        }

        return Model.ToByteArray();
    }
}
