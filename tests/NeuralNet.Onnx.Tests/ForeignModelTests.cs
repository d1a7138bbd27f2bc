using Google.Protobuf;
using NeuralNet.Onnx.Messages;
using static NeuralNet.Onnx.Attributes;

namespace NeuralNet.Onnx.Tests;

/// <summary>Models as PyTorch and others write them, against ONNX Runtime.</summary>
public class ForeignModelTests
{
    private static readonly Dictionary<string, Func<ModelBuilder>> s_models = new()
    {
        ["perceptron of Gemm transB, as PyTorch's Linear"] = () =>
        {
            var m = new ModelBuilder(6);
            m.Node("Gemm", [m.Weights(true, 5, 6), m.Weights(true, 5)], Of("alpha", 1f), Of("beta", 1f), Of("transB", 1)).Node("Relu");
            return m.Node("Gemm", [m.Weights(false, 3, 5), m.Weights(false, 3)], Of("transB", 1)).Node("Softmax", null, Of("axis", 1));
        },
        ["Gemm without transB, scaled, one bias for all"] = () =>
        {
            var m = new ModelBuilder(6);
            return m.Node("Gemm", [m.Weights(true, 6, 4), m.Weights(true, 1)], Of("alpha", 0.5f), Of("beta", 2f));
        },
        ["Gemm without bias"] = () =>
        {
            var m = new ModelBuilder(6);
            return m.Node("Gemm", [m.Weights(true, 6, 4)]);
        },
        ["MatMul and Add, as Keras' Dense"] = () =>
        {
            var m = new ModelBuilder(6);
            m.Node("MatMul", [m.Weights(true, 6, 4)]);
            m.Node("Add", [m.Weights(true, 4)]).Node("Tanh").Node("MatMul", [m.Weights(false, 4, 3)]);
            return m.NodeOf("Add", [m.Weights(false, 1, 3), m.Value]).Node("Sigmoid");
        },
        ["activations with numbers of their own"] = () => new ModelBuilder(6).Node("LeakyRelu", null, Of("alpha", 0.2f))
            .Node("Elu", null, Of("alpha", 2f)).Node("LeakyRelu").Node("Elu").Node("Selu"),
        ["MobileNet's activations"] = () =>
        {
            var m = new ModelBuilder(6).Opset(18).Node("HardSigmoid", null, Of("alpha", 1f / 6)).Node("HardSwish").Node("Mish");
            return m.Node("Clip", [m.Scalar(0), m.Scalar(6)]);
        },
        ["Clip with ends as attributes"] = () => new ModelBuilder(6).Opset(10).Node("Clip", null, Of("min", 0f), Of("max", 6f)),
        ["MatMul of rows, as PyTorch's Linear on steps"] = () =>
        {
            var m = new ModelBuilder(1, 5, 6);
            m.Node("MatMul", [m.Weights(true, 6, 4)]);
            return m.Node("Add", [m.Weights(true, 4)]).Node("Softmax", null, Of("axis", -1));
        },
        ["MatMul alone"] = () =>
        {
            var m = new ModelBuilder(6);
            return m.Node("MatMul", [m.Weights(true, 6, 4)]).Node("Elu", null, Of("alpha", 1f));
        },
        ["LeNet with Reshape to [0, -1]"] = () =>
        {
            var m = new ModelBuilder(2, 12, 10);
            m.Node(
                "Conv",
                [m.Weights(true, 4, 2, 3, 5), m.Weights(true, 4)],
                OfMany("dilations", 1, 1),
                Of("group", 1),
                OfMany("kernel_shape", 3, 5),
                OfMany("pads", 1, 2, 1, 2),
                OfMany("strides", 1, 1));
            m.Node("Relu").Node(
                "MaxPool",
                null,
                Of("ceil_mode", 0),
                OfMany("dilations", 1, 1),
                OfMany("kernel_shape", 2, 2),
                OfMany("pads", 0, 0, 0, 0),
                OfMany("strides", 2, 2));
            m.Node("Reshape", [m.Shape(0, -1)], Of("allowzero", 0));
            return m.Node("Gemm", [m.Weights(true, 3, 120), m.Weights(true, 3)], Of("transB", 1));
        },
        ["Reshape to [-1, n]"] = () =>
        {
            var m = new ModelBuilder(2, 3, 4);
            m.Node("AveragePool", null, OfMany("kernel_shape", 2, 3), Of("count_include_pad", 1));
            m.Node("Reshape", [m.Shape(-1, 8)]);
            return m.Node("MatMul", [m.Weights(true, 8, 2)]);
        },
        ["Reshape of a fixed batch"] = () =>
        {
            var m = new ModelBuilder(2, 3, 4);
            m.Batch.DimValue = 1;
            m.Node("Reshape", [m.Shape(1, -1)]);
            return m.Node("MatMul", [m.Weights(true, 24, 2)]);
        },
        ["LSTM of all states, as PyTorch's with batch_first"] = () => Steps(Recurrent(Steps(new ModelBuilder(5, 3)), "LSTM", 4, 1), 1),
        ["LSTM in both directions, stacked"] = () =>
        {
            var m = Steps(Recurrent(Steps(new ModelBuilder(5, 3)), "LSTM", 4, 2), 2);
            return Steps(Recurrent(Steps(m), "LSTM", 4, 2, inputs: 8), 2);
        },
        ["LSTM of the last row of all states, then Gemm"] = () =>
        {
            var m = Steps(Recurrent(Steps(new ModelBuilder(5, 3)), "LSTM", 4, 1), 1);
            m.Node("Gather", [m.Tensor(new TensorProto { DataType = Tensors.Int64, Int64Data = { -1 } })], Of("axis", 1));
            return m.Node("Gemm", [m.Weights(true, 2, 4), m.Weights(true, 2)], Of("transB", 1));
        },
        ["GRU of its last states, with states of 0"] = () =>
        {
            var m = Recurrent(Steps(new ModelBuilder(5, 3)), "GRU", 3, 1, Of("linear_before_reset", 1));
            m.Batch.DimValue = 1;
            m.Model.Graph.Node[^1].Input.Add(
                (string[])["", m.Tensor(new TensorProto { DataType = Tensors.Float, Dims = { 1, 1, 4 }, FloatData = { new float[4] } })]);
            m.Model.Graph.Node[^1].Output.Insert(0, "");
            return m.Node("Squeeze", [m.Shape(0)]);
        },
        ["RNN in both directions, of the last states, with its functions and without biases"] = () =>
        {
            var m = Recurrent(Steps(new ModelBuilder(5, 3)), "RNN", 1, 2, ModelBuilder.Texts("activations", "Tanh", "Tanh"));
            m.Model.Graph.Node[^1].Input.RemoveAt(3);
            m.Model.Graph.Node[^1].Output.Insert(0, "");
            return m.Node("Transpose", null, OfMany("perm", 1, 0, 2)).Node("Flatten");
        },
        ["GRU, steps squeezed, last of the steps, before opset 13"] = () =>
        {
            var m = Recurrent(Steps(new ModelBuilder(5, 3)), "GRU", 3, 1, Of("linear_before_reset", 1)).Opset(11);
            m.Node("Squeeze", null, OfMany("axes", 1));
            return m.Node("Gather", [m.Tensor(new TensorProto { DataType = Tensors.Int64, Int64Data = { -1 } })], Of("axis", 0));
        },
        ["Conv without bias, strides and no kernel_shape"] = () =>
        {
            var m = new ModelBuilder(3, 7, 8);
            return m.Node("Conv", [m.Weights(true, 2, 3, 3, 2)], OfMany("strides", 2, 3));
        },
        ["Conv of SAME_UPPER"] = () =>
        {
            var m = new ModelBuilder(1, 7, 8);
            return m.Node(
                "Conv",
                [m.Weights(true, 2, 1, 4, 3)],
                new AttributeProto { Name = "auto_pad", S = ByteString.CopyFromUtf8("SAME_UPPER"), Type = StringType },
                OfMany("strides", 2, 1));
        },
        ["Conv of VALID"] = () =>
        {
            var m = new ModelBuilder(1, 7, 8);
            return m.Node(
                "Conv",
                [m.Weights(true, 2, 1, 4, 3), ""],
                new AttributeProto { Name = "auto_pad", S = ByteString.CopyFromUtf8("VALID"), Type = StringType });
        },
        ["BatchNormalization and GlobalAveragePool"] = () =>
        {
            var m = new ModelBuilder(3, 4, 5);
            m.Node(
                "BatchNormalization",
                [m.Weights(true, 3), m.Weights(true, 3), m.Weights(true, 3), m.WeightsFrom(0.5f, true, 3)],
                Of("epsilon", 0.001f),
                Of("momentum", 0.99f));
            m.Node("GlobalAveragePool").Node("Flatten");
            return m.Node("BatchNormalization", [m.Weights(true, 3), m.Weights(true, 3), m.Weights(true, 3), m.WeightsFrom(0.5f, true, 3)]);
        },
        ["GlobalMaxPool"] = () => new ModelBuilder(3, 4, 5).Node("GlobalMaxPool").Node("Flatten", null, Of("axis", -3)),
        ["ceil_mode where it changes nothing"] = () =>
            new ModelBuilder(3, 4, 6).Node("MaxPool", null, OfMany("kernel_shape", 2, 2), OfMany("strides", 2, 2), Of("ceil_mode", 1)),
        ["Gelu as PyTorch writes it"] = () =>
        {
            var m = new ModelBuilder(6);
            m.Node("MatMul", [m.Weights(true, 6, 6)]);
            string x = m.Value;
            m.Node("Div", [m.Scalar(1.4142135f)]).Node("Erf").Node("Add", [m.Scalar(1)]);
            return m.NodeOf("Mul", [x, m.Value]).Node("Mul", [m.Scalar(0.5f)]);
        },
        ["SiLU as PyTorch writes it"] = () =>
        {
            var m = new ModelBuilder(6);
            m.Node("Sigmoid");
            return m.NodeOf("Mul", ["x", m.Value]);
        },
        ["layer normalisation as PyTorch writes it"] = () => LayerNorm(new ModelBuilder(6).Opset(13), m => OfMany("axes", -1)),
        ["layer normalisation of opset 18"] = () => LayerNorm(new ModelBuilder(6).Opset(18), axes: null),
        ["layer normalisation with a product for the square"] = () =>
            LayerNorm(new ModelBuilder(6).Opset(11), m => OfMany("axes", 1), square: d => ("Mul", [d, d]), swaps: true),
        ["layer normalisation of the rows of images"] = () => LayerNorm(new ModelBuilder(1, 3, 6), m => OfMany("axes", 3)),
        ["layer normalisation without gamma and beta"] = () => LayerNorm(new ModelBuilder(6), m => OfMany("axes", -1), affine: false),
        ["layer normalisation in a branch"] = () =>
        {
            var m = new ModelBuilder(6);
            m.Node("Relu");
            string x = m.Value;
            LayerNorm(m, m => OfMany("axes", -1)).Node("Gemm", [m.Weights(true, 6, 6)]);
            m.NodeOf("Add", [x, m.Value]);
            return LayerNorm(m, m => OfMany("axes", -1));
        },
        ["Gelu of opset 20"] = () => new ModelBuilder(6).Opset(20).Node("Gelu").Node("LeakyRelu").Node("Softplus"),
        ["Dropout and Identity"] = () =>
        {
            var m = new ModelBuilder(6);
            return m.Node("Dropout", [m.Scalar(0.25f)]).Node("Identity").Node("Tanh");
        },
        ["Constant nodes"] = () =>
        {
            var m = new ModelBuilder(2, 3, 4);
            m.Model.Graph.Node.Add(
                new NodeProto { OpType = "Constant", Output = { "shape" }, Attribute = { OfMany("value_ints", 0, -1) } });
            IEnumerable<float> values = Enumerable.Range(0, 24).Select(i => i / 8f);
            var weights = new TensorProto { DataType = Tensors.Float, Dims = { 24, 1 }, FloatData = { values } };
            m.Model.Graph.Node.Add(new NodeProto { OpType = "Constant", Output = { "weights" }, Attribute = { Of("value", weights) } });
            return m.Node("Reshape", ["shape"]).Node("MatMul", ["weights"]);
        },
        ["weights listed as inputs, opset 7"] = () =>
        {
            var m = new ModelBuilder(6).Opset(7);
            string weights = m.Weights(true, 6, 4);
            m.Model.IrVersion = 3;
            TensorShapeProto.Types.Dimension[] dimensions = [new() { DimValue = 6 }, new() { DimValue = 4 }];
            var type = new TypeProto.Types.Tensor { ElemType = Tensors.Float, Shape = new TensorShapeProto { Dim = { dimensions } } };
            m.Model.Graph.Input.Add(new ValueInfoProto { Name = weights, Type = new TypeProto { TensorType = type } });
            return m.Node("MatMul", [weights]).Node("Dropout", null, Of("ratio", 0.5f)).Node("Softmax");
        },
        ["Softmax of opset 11 over an image of one row"] = () => new ModelBuilder(1, 1, 4).Opset(11).Node("Softmax", null, Of("axis", 1)),
        ["Softmax of opset 11 of each row"] = () => new ModelBuilder(1, 3, 4).Opset(11).Node("Softmax", null, Of("axis", 3)),
        ["a block of ResNet, as PyTorch writes it"] = () =>
        {
            var m = new ModelBuilder(3, 6, 6);
            string Conv(string x, int planes, int kernel, int stride, int depth) => m.NodeOf(
                "Conv",
                [x, m.Weights(true, depth, planes, kernel, kernel), m.Weights(true, depth)],
                OfMany("dilations", 1, 1),
                Of("group", 1),
                OfMany("kernel_shape", kernel, kernel),
                OfMany("pads", Enumerable.Repeat((long)(kernel / 2), 4)),
                OfMany("strides", stride, stride)).Value;
            string body = Conv(m.NodeOf("Relu", [Conv("x", 3, 3, 2, 5)]).Value, 5, 3, 1, 5);
            string sum = m.NodeOf("Add", [body, Conv("x", 3, 1, 2, 5)]).Node("Relu").Value;
            m.NodeOf("Add", [Conv(m.NodeOf("Relu", [Conv(sum, 5, 3, 1, 5)]).Value, 5, 3, 1, 5), sum]).Node("Relu");
            return m.Node("GlobalAveragePool").Node("Flatten").Node("Gemm", [m.Weights(true, 4, 5), m.Weights(true, 4)], Of("transB", 1));
        },
        ["a sum of four, one of them twice"] = () =>
        {
            var m = new ModelBuilder(6);
            string[] inputs = [m.NodeOf("Tanh", ["x"]).Value, "x", m.NodeOf("Relu", ["x"]).Value, "x", m.NodeOf("Sigmoid", ["x"]).Value];
            return m.NodeOf("Sum", inputs);
        },
        ["x + x"] = () => new ModelBuilder(6).NodeOf("Add", ["x", "x"]).Node("Tanh"),
        ["x + sigmoid(x)"] = () => new ModelBuilder(6).Node("Sigmoid").NodeOf("Add", ["x", "v0"]),
        ["SiLU beside a shortcut, the product first"] = () =>
        {
            var m = new ModelBuilder(6);
            m.NodeOf("Sigmoid", ["x"]).NodeOf("Mul", [m.Value, "x"]).Node("MatMul", [m.Weights(true, 6, 6)]);
            return m.NodeOf("Add", [m.Value, "x"]);
        },
        ["a join before the nodes it reads"] = () =>
        {
            var m = new ModelBuilder(6).NodeOf("Relu", ["x"]).NodeOf("Tanh", ["x"]).NodeOf("Add", ["v0", "v1"]).Node("Tanh");
            return Reordered(m, 2, 0, 1, 3);
        },
        ["planes side by side, counted from the end, of a dense block"] = () =>
        {
            var m = new ModelBuilder(2, 3, 4);
            string x = "x";
            for (int i = 0; i < 3; i++)
            {
                string its = m.NodeOf("Conv", [x, m.Weights(true, 2, 2 + (2 * i), 3, 3)], OfMany("pads", 1, 1, 1, 1)).Value;
                x = m.NodeOf("Concat", [x, its], Of("axis", i % 2 == 0 ? 1 : -3)).Value;
            }

            return m.Node("Flatten").Node("MatMul", [m.Weights(true, 96, 3)]);
        },
        ["convolutions of steps, padded before and by themselves, as PyTorch's Conv1d"] = () =>
        {
            var m = new ModelBuilder(0, 3).Node("Transpose", null, OfMany("perm", 0, 2, 1));
            m.Node("Pad", [m.Shape(0, 0, 4, 0, 0, 0), m.Scalar(0)], Of("mode", "constant"))
                .Node("Conv", [m.Weights(true, 5, 3, 3), m.Weights(true, 5)], OfMany("dilations", 2)).Node("Relu");
            m.Node("Conv", [m.Weights(true, 5, 5, 3)], OfMany("pads", 1, 1), OfMany("kernel_shape", 3), Of("group", 1));
            m.Node("Conv", [m.Weights(true, 4, 5, 4)], OfMany("pads", 2, 2), OfMany("strides", 2));
            m.Node("Conv", [m.Weights(true, 4, 4, 3)], Of("auto_pad", "SAME_UPPER"), OfMany("strides", 2));
            return m.Node("Transpose", null, OfMany("perm", 0, 2, 1));
        },
        ["words of whole numbers, their convolution and its greatest values"] = () =>
        {
            var m = new ModelBuilder(0).OfNumbers(9);
            m.NodeOf("Gather", [m.Weights(true, 9, 6), "x"]).Node("Transpose", null, OfMany("perm", 0, 2, 1));
            m.Node("Conv", [m.Weights(true, 5, 6, 3), m.Weights(true, 5)], OfMany("pads", 1, 1)).Node("Relu");
            m.Node("ReduceMax", null, OfMany("axes", 2), Of("keepdims", 0));
            return m.Node("Gemm", [m.Weights(true, 3, 5), m.Weights(true, 3)], Of("transB", 1));
        },
        ["GlobalMaxPool of steps, flattened"] = () =>
        {
            var m = new ModelBuilder(0, 3).Node("Transpose", null, OfMany("perm", 0, 2, 1)).Node("GlobalMaxPool").Node("Flatten");
            return m.Node("Gemm", [m.Weights(true, 2, 3), m.Weights(true, 2)], Of("transB", 1));
        },
        ["GlobalAveragePool of steps, squeezed"] = () =>
        {
            var m = new ModelBuilder(0, 3).Node("Transpose", null, OfMany("perm", 0, 2, 1)).Node("GlobalAveragePool");
            return m.Node("Squeeze", [m.Shape(-1)]).Node("Tanh");
        },
        ["means of steps with a dimension of 1 kept"] = () =>
        {
            var m = new ModelBuilder(0, 3).Opset(18);
            return m.Node("ReduceMean", [m.Shape(1)]).Node("Squeeze", [m.Shape(1)]).Node("MatMul", [m.Weights(true, 3, 2)]);
        },
        ["means of planes, squeezed"] = () =>
        {
            var m = new ModelBuilder(3, 4, 5).Node("ReduceMean", null, OfMany("axes", -2, -1));
            return m.Node("Squeeze", [m.Shape(2, 3)]).Node("MatMul", [m.Weights(true, 3, 2)]);
        },
        ["features of sequences side by side"] = () =>
        {
            var m = new ModelBuilder(0, 3).Node("Transpose", null, OfMany("perm", 0, 2, 1));
            string x = m.Value;
            string[] branches = [m.NodeOf("Conv", [x, m.Weights(true, 2, 3, 3)], OfMany("pads", 1, 1)).Value, m.NodeOf("Tanh", [x]).Value];
            return m.NodeOf("Concat", branches, Of("axis", 1)).Node("Transpose", null, OfMany("perm", 0, 2, 1));
        },
        ["seven steps flattened feature by feature"] = () =>
        {
            var m = new ModelBuilder(7, 3).Node("Transpose", null, OfMany("perm", 0, 2, 1));
            m.Node("Conv", [m.Weights(true, 4, 3, 2), m.Weights(true, 4)]).Node("Flatten");
            return m.Node("Gemm", [m.Weights(true, 2, 24), m.Weights(true, 2)], Of("transB", 1));
        },
        ["seven steps flattened step by step"] = () =>
        {
            var m = new ModelBuilder(7, 3);
            m.Node("Reshape", [m.Shape(0, -1)]);
            return m.Node("Gemm", [m.Weights(true, 2, 21), m.Weights(true, 2)], Of("transB", 1));
        },
        ["columns of one plane side by side"] = () =>
        {
            var m = new ModelBuilder(1, 3, 4);
            string[] inputs = [m.NodeOf("MaxPool", ["x"], OfMany("kernel_shape", 1, 2)).Value, "x"];
            return m.NodeOf("Concat", inputs, Of("axis", -1)).Node("Flatten").Node("MatMul", [m.Weights(true, 21, 3)]);
        },
        ["an Inception block with a branch that branches"] = () =>
        {
            var m = new ModelBuilder(6);
            string a = m.NodeOf("MatMul", ["x", m.Weights(true, 6, 4)]).Value;
            string inner = m.NodeOf("Concat", [m.NodeOf("Relu", [a]).Value, m.NodeOf("Tanh", [a]).Value, a], Of("axis", -1)).Value;
            string b = m.NodeOf("Sigmoid", ["x"]).Value;
            return m.NodeOf("Concat", [b, inner, "x"], Of("axis", 1)).Node("Tanh");
        },
        ["a MatMul whose sum is no bias"] = () =>
        {
            var m = new ModelBuilder(6);
            string product = m.Node("MatMul", [m.Weights(true, 6, 6)]).Value;
            return m.NodeOf("Add", ["x", product]);
        },
        ["a sum whose joined value goes on before the others join"] = () =>
        {
            var m = new ModelBuilder(6);
            string sum = m.NodeOf("Add", [m.NodeOf("Relu", ["x"]).Value, m.NodeOf("Tanh", ["x"]).Value]).Value;
            return m.NodeOf("Add", [m.NodeOf("Sigmoid", [sum]).Value, m.NodeOf("Softplus", ["x"]).Value]);
        },
        ["float64 in the typed field"] = () =>
        {
            var m = new ModelBuilder(6);
            m.Model.Graph.Input[0].Type.TensorType.ElemType = Tensors.Double;
            IEnumerable<double> values = Enumerable.Range(0, 12).Select(i => i / 7.0);
            m.Node("MatMul", [m.Tensor(new TensorProto { DataType = Tensors.Double, Dims = { 6, 2 }, DoubleData = { values } })]);
            m.Model.Graph.Output.Add(ModelBuilder.Info(m.Value, new TypeProto.Types.Tensor { ElemType = Tensors.Double }));
            return m;
        },
    };

    public static TheoryData<string> Names => [.. s_models.Keys];

    /// <summary>(X - mean) / √(mean of (X - mean)² + ε) γ + β, node by node.</summary>
    private static ModelBuilder LayerNorm(
        ModelBuilder m,
        Func<ModelBuilder, AttributeProto>? axes,
        Func<string, (string Type, string[] Inputs)>? square = null,
        bool swaps = false,
        bool affine = true)
    {
        ModelBuilder Mean() => axes is null ? m.Node("ReduceMean", [m.Shape(-1)], Of("keepdims", 1)) : m.Node("ReduceMean", null, axes(m));
        string x = m.Value;
        string distance = m.NodeOf("Sub", [x, Mean().Value]).Value;
        var (type, inputs) = square?.Invoke(distance) ?? ("Pow", [distance, m.Scalar(2)]);
        m.NodeOf(type, inputs);
        Mean().Node("Add", [m.Scalar(1e-5f)]).Node("Sqrt");
        m.NodeOf("Div", [distance, m.Value]);
        if (!affine)
        {
            return m;
        }

        m.NodeOf("Mul", swaps ? [m.Weights(true, 6), m.Value] : [m.Value, m.Weights(true, 6)]);
        return m.NodeOf("Add", swaps ? [m.Weights(true, 6), m.Value] : [m.Value, m.Weights(true, 6)]);
    }

    [Fact]
    public void ALayerNormalisationInManyNodesIsOneLayer()
    {
        var net = Roundtrip.Import(LayerNorm(new ModelBuilder(6), _ => OfMany("axes", -1)).Bytes());

        net.Layers.Should().ContainSingle().Which.Should().BeOfType<LayerNormLayer>()
            .Which.Should().Match<LayerNormLayer>(layer => layer.Size == 6 && layer.Epsilon == 1e-5);
    }

    /// <summary>[N, T, n] to [T, N, n].</summary>
    private static ModelBuilder Steps(ModelBuilder m) => m.Node("Transpose", null, OfMany("perm", 1, 0, 2));

    /// <summary>A recurrent operator of 4 values.</summary>
    private static ModelBuilder Recurrent(ModelBuilder m, string type, int gates, int directions, params AttributeProto[] attributes) =>
        Recurrent(m, type, gates, directions, 3, attributes);

    private static ModelBuilder Recurrent(
        ModelBuilder m, string type, int gates, int directions, int inputs, params AttributeProto[] attributes) => m.Node(
        type,
        [
            m.Weights(true, directions, gates * 4, inputs), m.Weights(false, directions, gates * 4, 4),
            m.Weights(true, directions, gates * 8),
        ],
        [Of("hidden_size", 4), Of("direction", directions > 1 ? "bidirectional" : "forward"), .. attributes]);

    /// <summary>[T, directions, N, h] to [N, T, directions * h].</summary>
    private static ModelBuilder Steps(ModelBuilder m, int directions)
    {
        if (directions == 1)
        {
            m.Node("Squeeze", [m.Shape(1)]);
        }
        else
        {
            m.Node("Transpose", null, OfMany("perm", 0, 2, 1, 3));
            m.Node("Reshape", [m.Shape(0, 0, -1)], Of("allowzero", 0));
        }

        return Steps(m);
    }

    /// <summary>Nodes in an order that the standard does not allow but readers need not mind.</summary>
    private static ModelBuilder Reordered(ModelBuilder builder, params int[] order)
    {
        NodeProto[] nodes = [.. order.Select(place => builder.Model.Graph.Node[place])];
        builder.Model.Graph.Node.Clear();
        builder.Model.Graph.Node.AddRange(nodes);
        return builder;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PredictsWhatTheRuntimeDoes(string name)
    {
        var builder = s_models[name]();
        byte[] model = builder.Bytes();
        var samples = Case.Draw(builder.InputShape, builder.Batch.DimValue == 1 ? 1 : 7, 3);
        if (builder.Vocabulary is { } most)
        {
            samples = [.. samples.Select(sample => sample.Map(value => Math.Floor(Math.Abs(value) * 10 % most)))];
        }

        using var runtime = new Runtime(model);

        Roundtrip.Import(model).Predict(samples).ShouldBeNear(runtime.Run(samples), 1e-5);
    }
}
