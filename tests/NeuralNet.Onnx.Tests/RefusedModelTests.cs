using Google.Protobuf;
using NeuralNet.Onnx.Messages;
using static NeuralNet.Onnx.Attributes;

namespace NeuralNet.Onnx.Tests;

/// <summary>What a network cannot do is refused by name.</summary>
public class RefusedModelTests
{
    private static readonly Dictionary<string, (Func<ModelBuilder> Make, string[] Says)> s_models = new()
    {
        ["an unknown operator"] = (() => new ModelBuilder(6).Node("STFT"), ["/STFT_v0", "(STFT)", "no layer"]),
        ["lines and commands to a terminal"] = (
            () => new ModelBuilder(6).Node("\u001b[31mLSTM\nINFO all is well"), ["( [31mLSTM INFO all is well)"]),
        ["a name that is cut off inside a character"] = (
            () => new ModelBuilder(6).Node(new string('L', 99) + "\U0001F600"), [$"({new string('L', 99)}...)"]),
        ["an operator of another domain"] = (
            () => Change(new ModelBuilder(6).Node("Relu"), m => m.Graph.Node[0].Domain = "com.microsoft"),
            ["com.microsoft:Relu", "no layer"]),
        ["a function that is not ours"] = (() => Change(new ModelBuilder(6).Node("Elu"), m =>
        {
            m.Graph.Node[0].Domain = "NeuralNet";
            m.Functions.Add(new FunctionProto { Name = "Elu", Domain = "NeuralNet", Input = { "X" }, Output = { "Y" } });
        }), ["NeuralNet:Elu", "function"]),
        ["a function that is not there"] = (
            () => Change(new ModelBuilder(6).Node("Elu"), m => m.Graph.Node[0].Domain = "NeuralNet"), ["NeuralNet:Elu"]),
        ["a recurrent layer of rows"] = (() => Lstm(new ModelBuilder(6)), ["(LSTM)", "[N, 6]", "[T, N, n]"]),
        ["a recurrent layer of steps a row"] = (() => Lstm(new ModelBuilder(4, 6)), ["(LSTM)", "[N, 4, 6]", "Transpose"]),
        ["one from the last step to the first"] = (
            () => Lstm(Steps(), Of("direction", "reverse")), ["(LSTM)", "'reverse'", "forward and bidirectional"]),
        ["one of another hidden_size"] = (() => Lstm(Steps(), Of("hidden_size", 3)), ["(LSTM)", "hidden_size = 3"]),
        ["one whose input and forget gate are one"] = (() => Lstm(Steps(), Of("input_forget", 1)), ["(LSTM)", "input_forget = 1"]),
        ["one that cuts its sums off"] = (() => Lstm(Steps(), Of("clip", 1f)), ["(LSTM)", "clip"]),
        ["one in another layout"] = (() => Lstm(Steps(), Of("layout", 1)), ["(LSTM)", "layout = 1"]),
        ["one of other functions"] = (
            () => Recurrent(Steps(), "RNN", 1, ModelBuilder.Texts("activations", "Relu")), ["(RNN)", "Relu", "Tanh"]),
        ["a GRU that resets before its product"] = (() => Recurrent(Steps(), "GRU", 3), ["(GRU)", "linear_before_reset = 0"]),
        ["recurrent weights for other inputs"] = (
            () => Recurrent(Steps(), "LSTM", 4, inputs: 5), ["(LSTM)", "[1, 8, 5]", "[1, 8, 2]", "[4, N, 6]"]),
        ["recurrent weights of other gates"] = (
            () => Recurrent(Steps(), "LSTM", 3), ["(LSTM)", "[1, 6, 6]", "[1, 6, 2]"]),
        ["too few biases"] = (
            () => Change(Lstm(Steps()), m => m.Graph.Node[^1].Input[3] = m.Graph.Node[^1].Input[1]), ["(LSTM)", "48 biases", "16"]),
        ["a state to start from"] = (
            () => Change(Lstm(Steps()), m => m.Graph.Node[^1].Input.Add((string[])["", m.Graph.Node[^1].Input[1]])),
            ["(LSTM)", "states start at 0"]),
        ["sequences of stated lengths"] = (
            () => Change(Lstm(Steps()), m => m.Graph.Node[^1].Input.Add(m.Graph.Node[^1].Input[1])), ["(LSTM)", "lengths"]),
        ["the state of the cell"] = (
            () => Change(
                Lstm(Steps()).Node("Relu"),
                m =>
                {
                    m.Graph.Node[1].Output.Clear();
                    m.Graph.Node[1].Output.Add((string[])["", "", m.Graph.Node[2].Input[0]]);
                }),
            ["(LSTM)", "cell's state"]),
        ["states that nobody makes a sequence of"] = (() => Lstm(Steps()).Node("Relu"), ["(LSTM)", "sequence of its states"]),
        ["directions that are left out as steps"] = (
            () => Lstm(Steps()) is var m ? m.Node("Squeeze", [m.Shape(2)]) : m, ["(Squeeze)", "dimension"]),
        ["both directions turned over wrongly"] = (
            () => Lstm(Steps()).Node("Transpose", null, OfMany("perm", 0, 1, 3, 2)), ["(Transpose)", "sequence of its states"]),
        ["dilations"] = (() => Conv(OfMany("dilations", 2, 2)), ["(Conv)", "dilations"]),
        ["groups"] = (() => Conv(Of("group", 2)), ["(Conv)", "group = 2"]),
        ["one-sided pads"] = (() => Conv(OfMany("pads", 0, 1, 0, 0)), ["(Conv)", "pads", "both sides"]),
        ["negative pads"] = (() => Conv(OfMany("pads", -1, -1, -1, -1)), ["(Conv)", "pads"]),
        ["enormous pads"] = (() => Conv(OfMany("pads", 2_000_000_000, 2_000_000_000, 2_000_000_000, 2_000_000_000)), ["(Conv)"]),
        ["a stride of 0"] = (() => Conv(OfMany("strides", 0, 1)), ["(Conv)", "strides"]),
        ["another kernel_shape"] = (() => Conv(OfMany("kernel_shape", 2, 2)), ["(Conv)", "kernel_shape"]),
        ["one number of two"] = (() => Conv(OfMany("strides", 1)), ["(Conv)", "strides", "2"]),
        ["an unknown auto_pad"] = (
            () => Conv(new AttributeProto { Name = "auto_pad", S = ByteString.CopyFromUtf8("MIRROR"), Type = StringType }),
            ["auto_pad", "MIRROR"]),
        ["an unknown attribute"] = (() => Conv(Of("speed", 2)), ["(Conv)", "speed"]),
        ["an attribute of another type"] = (() => Conv(Of("group", 1f)), ["(Conv)", "group"]),
        ["an attribute twice"] = (() => Conv(Of("group", 1), Of("group", 1)), ["(Conv)", "group", "twice"]),
        ["pads of a pool"] = (
            () => new ModelBuilder(1, 4, 4).Node("MaxPool", null, OfMany("kernel_shape", 2, 2), OfMany("pads", 1, 1, 1, 1)),
            ["(MaxPool)", "pads"]),
        ["ceil_mode"] = (
            () => new ModelBuilder(1, 5, 5).Node(
                "AveragePool", null, OfMany("kernel_shape", 2, 2), OfMany("strides", 2, 2), Of("ceil_mode", 1)),
            ["(AveragePool)", "ceil_mode"]),
        ["a pool larger than its image"] = (
            () => new ModelBuilder(1, 5, 5).Node("AveragePool", null, OfMany("kernel_shape", 6, 2)), ["(AveragePool)", "6 x 2"]),
        ["a pool without kernel_shape"] = (() => new ModelBuilder(1, 5, 5).Node("MaxPool"), ["(MaxPool)", "kernel_shape"]),
        ["a pool of rows"] = (() => new ModelBuilder(5).Node("MaxPool", null, OfMany("kernel_shape", 1, 1)), ["(MaxPool)", "images"]),
        ["training mode"] = (() => BatchNorm(3, Of("training_mode", 1)), ["(BatchNormalization)", "training_mode"]),
        ["statistics of another size"] = (() => BatchNorm(4), ["(BatchNormalization)", "3 numbers"]),
        ["an epsilon of 0"] = (() => BatchNorm(3, Of("epsilon", 0f)), ["(BatchNormalization)", "epsilon"]),
        ["a slope that is no number"] = (() => new ModelBuilder(6).Node("LeakyRelu", null, Of("alpha", float.NaN)), ["(LeakyRelu)", "NaN"]),
        ["a HardSigmoid of the operator's own alpha"] = (() => new ModelBuilder(6).Node("HardSigmoid"), ["(HardSigmoid)", "alpha = 0.2"]),
        ["a Selu of another scale"] = (() => new ModelBuilder(6).Node("Selu", null, Of("gamma", 1f)), ["(Selu)", "gamma = 1"]),
        ["a Clip to another end"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Clip", [m.Scalar(0), m.Scalar(1)])), ["(Clip)", "0 and 6", "Relu6"]),
        ["a Clip to a computed end"] = (() => new ModelBuilder(6).Node("Clip", ["x", "x"]), ["(Clip)"]),
        ["Gelu by tanh"] = (
            () => new ModelBuilder(6).Opset(20).Node(
                "Gelu", null, new AttributeProto { Name = "approximate", S = ByteString.CopyFromUtf8("tanh"), Type = StringType }),
            ["(Gelu)", "tanh"]),
        ["a mean of values"] = (
            () => new ModelBuilder(6).Node("ReduceMean", null, OfMany("axes", -1)), ["(ReduceMean)", "[N, 6]", "steps"]),
        ["a layer normalisation over columns"] = (() => Mean(new ModelBuilder(1, 3, 6), 6, OfMany("axes", 2)), ["(ReduceMean)", "axes"]),
        ["a layer normalisation of images"] = (() => Mean(new ModelBuilder(2, 3, 6), 6, OfMany("axes", -1)), ["(ReduceMean)", "one plane"]),
        ["a mean without its axis"] = (
            () => Mean(new ModelBuilder(6), 6, OfMany("axes", -1), Of("keepdims", 0)), ["(ReduceMean)", "keepdims"]),
        ["a cube for the square"] = (() => Mean(new ModelBuilder(6), 6, 3, OfMany("axes", -1)), ["(ReduceMean)", "layer normal"]),
        ["a gamma of another size"] = (() => Mean(new ModelBuilder(6), 5, OfMany("axes", -1)), ["(Mul)"]),
        ["a division"] = (() => Built(new ModelBuilder(6), m => m.Node("Div", [m.Scalar(3)])), ["(Div)"]),
        ["a difference alone"] = (() => Built(new ModelBuilder(6), m => m.Node("Sub", [m.Weights(true, 6)])), ["(Sub)", "not divided"]),
        ["a difference of values"] = (() => new ModelBuilder(6).Node("Relu").Node("Sub", ["x"]), ["(Sub)"]),
        ["a difference from a constant"] = (() => Built(new ModelBuilder(6), m => m.NodeOf("Sub", [m.Weights(true, 6), "x"])), ["(Sub)"]),
        ["a difference from nothing"] = (() => new ModelBuilder(6).Node("Sub"), ["(Sub)", "no constant"]),
        ["means of another size"] = (() => Normalization(5, 6), ["(Sub)", "6 numbers", "[5]"]),
        ["deviations of another size"] = (() => Normalization(6, 1), ["(Div)", "6 numbers", "[1]"]),
        ["a negative deviation"] = (() => Normalization(6, 6, -2), ["(Div)", "above 0"]),
        ["a quotient turned round"] = (() => Built(new ModelBuilder(6), m =>
        {
            m.Node("Sub", [m.Weights(true, 6)]);
            return m.NodeOf("Div", [m.Weights(true, 6), m.Value]);
        }), ["(Sub)", "not divided"]),
        ["normalised planes"] = (() => Built(new ModelBuilder(2, 3, 6), m => m.Node("Sub", [m.Weights(true, 6)])), ["(Sub)", "one plane"]),
        ["Softmax along planes"] = (() => new ModelBuilder(2, 3, 4).Node("Softmax", null, Of("axis", 1)), ["(Softmax)", "axis 1"]),
        ["Softmax along columns"] = (() => new ModelBuilder(2, 3, 4).Node("Softmax"), ["(Softmax)", "axis 3"]),
        ["pads of steps behind only"] = (
            () => Steps(m => m.Node("Conv", [m.Weights(true, 2, 3, 4)], OfMany("pads", 0, 1))), ["(Conv)", "0 zeros before and 1 behind"]),
        ["two pairs of strides for steps"] = (
            () => Steps(m => m.Node("Conv", [m.Weights(true, 2, 3, 2)], OfMany("strides", 1, 1))), ["(Conv)", "strides", "steps only"]),
        ["groups of features"] = (() => Steps(m => m.Node("Conv", [m.Weights(true, 3, 3, 2)], Of("group", 3))), ["(Conv)", "group = 3"]),
        ["kernels for other features"] = (
            () => Steps(m => m.Node("Conv", [m.Weights(true, 2, 4, 2)])), ["(Conv)", "[2, 4, 2]", "[N, 3, T]"]),
        ["a Conv of steps that are rows"] = (
            () => Built(new ModelBuilder(0, 3), m => m.Node("Conv", [m.Weights(true, 2, 3, 2)])), ["(Conv)", "[N, T, 3]"]),
        ["a kernel that reaches over more steps than there are"] = (
            () => Built(new ModelBuilder(3, 2).Node("Transpose", null, OfMany("perm", 0, 2, 1)), m =>
                m.Node("Conv", [m.Weights(true, 1, 2, 3)], OfMany("dilations", 2))), ["(Conv)", "5 steps"]),
        ["a pad with ones"] = (
            () => Steps(m => m.Node("Pad", [m.Shape(0, 0, 1, 0, 0, 0), m.Scalar(1)]).Node("Conv", [m.Weights(true, 2, 3, 2)])),
            ["(Pad)", "zeros"]),
        ["a pad with nothing behind"] = (() => Steps(m => m.Node("Pad", [m.Shape(0, 0, 1, 0, 0, 0)])), ["(Pad)", "no Conv"]),
        ["a pad of features"] = (
            () => Steps(m => m.Node("Pad", [m.Shape(0, 1, 0, 0, 0, 0)]).Node("Conv", [m.Weights(true, 2, 4, 2)])), ["(Pad)", "pads"]),
        ["a lookup of columns"] = (
            () => Built(new ModelBuilder(0).OfNumbers(4), m => m.NodeOf("Gather", [m.Weights(true, 4, 2), "x"], Of("axis", 1))),
            ["(Gather)", "axis = 1"]),
        ["a lookup in a list"] = (
            () => Built(new ModelBuilder(0).OfNumbers(4), m => m.NodeOf("Gather", [m.Weights(true, 4), "x"])), ["(Gather)", "[4]"]),
        ["a lookup of any numbers"] = (
            () => Built(new ModelBuilder(0, 1), m => m.NodeOf("Gather", [m.Weights(true, 4, 2), "x"])), ["(Gather)", "whole numbers"]),
        ["whole numbers made to floats"] = (
            () => new ModelBuilder(0).OfNumbers(4).Node("Cast", null, Of("to", Tensors.Float)), ["(Cast)", "type 1"]),
        ["means over features"] = (
            () => new ModelBuilder(0, 3).Node("ReduceMean", null, OfMany("axes", 2)), ["(ReduceMean)", "2", "steps"]),
        ["maxima over everything"] = (() => new ModelBuilder(0, 3).Node("ReduceMax"), ["(ReduceMax)", "which dimensions"]),
        ["Flatten of any number of steps"] = (() => new ModelBuilder(0, 3).Node("Flatten"), ["(Flatten)", "[N, T, 3]"]),
        ["Transpose of samples and steps"] = (
            () => new ModelBuilder(0, 3).Node("Transpose", null, OfMany("perm", 1, 0, 2)), ["(Transpose)", "[T, N, 3]"]),
        ["Squeeze of steps"] = (() => Built(new ModelBuilder(0, 3), m => m.Node("Squeeze", [m.Shape(1)])), ["(Squeeze)", "1", "[N, T, 3]"]),
        ["BatchNormalization of steps"] = (
            () => Steps(m => m.Node(
                "BatchNormalization", [m.Weights(true, 3), m.Weights(true, 3), m.Weights(true, 3), m.WeightsFrom(1, true, 3)])),
            ["(BatchNormalization)", "[N, 3, T]"]),
        ["Flatten of samples"] = (() => new ModelBuilder(6).Node("Flatten", null, Of("axis", 0)), ["(Flatten)", "axis 0"]),
        ["Reshape to an image"] = (
            () => Built(new ModelBuilder(12), m => m.Node("Reshape", [m.Shape(0, 1, 3, 4)])), ["(Reshape)", "[0, 1, 3, 4]", "Flatten"]),
        ["Reshape of samples"] = (() => Built(new ModelBuilder(12), m => m.Node("Reshape", [m.Shape(-1, 6)])), ["(Reshape)", "[-1, 6]"]),
        ["Reshape by a computed shape"] = (() => new ModelBuilder(12).Node("Reshape", ["s"]), ["(Reshape)", "constant"]),
        ["transA"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Gemm", [m.Weights(true, 6, 4)], Of("transA", 1))), ["(Gemm)", "transA"]),
        ["weights of another size"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Gemm", [m.Weights(true, 5, 4)])), ["(Gemm)", "[5, 4]", "[N, 6]"]),
        ["a bias of another size"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Gemm", [m.Weights(true, 6, 4), m.Weights(true, 3)])), ["(Gemm)", "[3]", "4"]),
        ["Gemm of an image"] = (() => Built(new ModelBuilder(1, 1, 6), m => m.Node("Gemm", [m.Weights(true, 6, 4)])), ["(Gemm)", "rows"]),
        ["weights from the input"] = (() => new ModelBuilder(6).Node("MatMul", ["x"]), ["(MatMul)", "constant"]),
        ["data as the second input"] = (
            () => Built(new ModelBuilder(6), m => m.NodeOf("MatMul", [m.Weights(true, 6, 6), "x"])), ["(MatMul)"]),
        ["weights that are not finite"] = (
            () => Built(
                new ModelBuilder(1),
                m => m.Node(
                    "MatMul",
                    [m.Tensor(new TensorProto { DataType = Tensors.Float, Dims = { 1, 1 }, FloatData = { float.NaN } })])),
            ["(MatMul)", "NaN"]),
        ["weights of another type"] = (
            () => Built(
                new ModelBuilder(1),
                m => m.Node(
                    "MatMul", [m.Tensor(new TensorProto { DataType = 10, Dims = { 1, 1 }, RawData = ByteString.CopyFrom(0, 0) })])),
            ["(MatMul)", "type 10"]),
        ["weights in another file"] = (
            () => Built(
                new ModelBuilder(1),
                m => m.Node("MatMul", [m.Tensor(new TensorProto { DataType = Tensors.Float, Dims = { 1, 1 }, DataLocation = 1 })])),
            ["(MatMul)", "another file"]),
        ["fewer weights than said"] = (
            () => Built(
                new ModelBuilder(1),
                m => m.Node(
                    "MatMul",
                    [m.Tensor(new TensorProto { DataType = Tensors.Float, Dims = { 1, 2_000_000_000 }, FloatData = { 1 } })])),
            ["(MatMul)", "2000000000"]),
        ["a product of branches"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Relu").NodeOf("Mul", ["x", m.Value])), ["(Mul)", "no layer"]),
        ["a sum of values of two sizes"] = (
            () => Built(new ModelBuilder(6), m => m.Node("MatMul", [m.Weights(true, 6, 1)]).NodeOf("Add", ["x", m.Value])),
            ["(Add)", "[N, 1]", "[N, 6]", "one shape"]),
        ["a sum of a plane and its mean"] = (
            () => Built(new ModelBuilder(2, 3, 4), m => m.Node("GlobalAveragePool").NodeOf("Add", ["x", m.Value])),
            ["(Add)", "[N, 2, 1, 1]"]),
        ["rows of images side by side"] = (
            () => Built(new ModelBuilder(2, 3, 4), m => m.Node("Relu").NodeOf("Concat", ["x", m.Value], Of("axis", 2))),
            ["(Concat)", "axis 2"]),
        ["columns of several planes side by side"] = (
            () => Built(new ModelBuilder(2, 3, 4), m => m.Node("Relu").NodeOf("Concat", ["x", m.Value], Of("axis", -1))),
            ["(Concat)", "axis 3"]),
        ["samples side by side"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Relu").NodeOf("Concat", ["x", m.Value], Of("axis", 0))), ["(Concat)", "axis 0"]),
        ["planes of two sizes side by side"] = (
            () => Built(new ModelBuilder(2, 3, 4), m => m.Node("GlobalMaxPool").NodeOf("Concat", ["x", m.Value], Of("axis", 1))),
            ["(Concat)", "[N, 2, 1, 1]", "side by side"]),
        ["a join with another attribute"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Relu").NodeOf("Concat", ["x", m.Value], Of("axis", 1), Of("speed", 1))),
            ["(Concat)", "speed"]),
        ["a constant side by side with a value"] = (
            () =>
                Built(new ModelBuilder(6), m => m.NodeOf("Concat", ["x", m.Weights(true, 1, 6)], Of("axis", 1))), ["(Concat)", "no layer"]),
        ["a constant side by side with two values"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Relu").NodeOf("Concat", ["x", m.Value, m.Weights(true, 1, 6)], Of("axis", 1))),
            ["/Concat_v1", "joins 3 values", "2"]),
        ["a constant that is added"] = (() => Built(new ModelBuilder(6), m => m.Node("Add", [m.Weights(true, 6)])), ["(Add)", "no layer"]),
        ["a value that nobody reads"] = (
            () =>
                Built(new ModelBuilder(6), m => m.NodeOf("Relu", ["x"]).NodeOf("Tanh", ["x"])), ["'v0'", "not at the model's output 'v1'"]),
        ["branches that do not come together before the output"] = (
            () => Change(
                new ModelBuilder(6).NodeOf("Relu", ["x"]).NodeOf("Tanh", ["x"]).NodeOf("Relu", ["v1"]),
                m => m.Graph.Output.Add(new ValueInfoProto { Name = "v0" })),
            ["'v0'", "one branch of several"]),
        ["an output in the middle"] = (
            () => Change(new ModelBuilder(6).Node("Relu").Node("Tanh"), m => m.Graph.Output.Add(new ValueInfoProto { Name = "v0" })),
            ["'/Tanh_v1'", "'v0'", "model's output"]),
        ["branches across one another"] = (
            // x -> a, b; a -> c and the sum of a and b: a's branches end at joins of two forks.
            () => Built(
                new ModelBuilder(6),
                m => m.NodeOf("Relu", ["x"]).NodeOf("Tanh", ["x"]).NodeOf("Add", ["v0", "v1"]).NodeOf("Sigmoid", ["v0"]).NodeOf(
                    "Add", ["v2", "v3"])),
            ["(Add)", "start from one value"]),
        ["a sum with a value from nowhere"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Relu").NodeOf("Add", [m.Value, "z"])), ["(Add)", "'v0'"]),
        ["a sum without one of its values"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Relu").NodeOf("Sum", [m.Value, "", "x"])), ["(Sum)", "joins 3 values"]),
        ["a sigmoid times another value"] = (
            () => Built(new ModelBuilder(6), m => m.Node("Tanh").NodeOf("Sigmoid", ["x"]).NodeOf("Mul", ["v0", "v1"])),
            ["(Mul)", "no layer"]),
        ["a node beside the chain"] = (
            () => Built(
                new ModelBuilder(6),
                m => Change(
                    m.Node("Relu"),
                    model => model.Graph.Node.Add(
                        new NodeProto { OpType = "Tanh", Name = "alone", Input = { "z" }, Output = { "w" } }))),
            ["'alone'", "no part"]),
        ["a value made twice"] = (
            () => Change(new ModelBuilder(6).Node("Relu").Node("Tanh"), m => m.Graph.Node[1].Output[0] = "v0"), ["(Tanh)", "'v0'"]),
        ["an output that nobody makes"] = (
            () => Change(new ModelBuilder(6).Node("Relu"), m => m.Graph.Output.Add(new ValueInfoProto { Name = "q" })), ["'q'", "'v0'"]),
        ["two inputs"] = (() => Change(new ModelBuilder(6).Node("Relu"), m => m.Graph.Input.Add(m.Graph.Input[0].Clone())), ["2 inputs"]),
        ["five dimensions"] = (
            () => Change(
                new ModelBuilder(6, 2, 2).Node("Relu"),
                m => m.Graph.Input[0].Type.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = 3 })),
            ["'x'", "has 5"]),
        ["an unknown size"] = (
            () => Change(new ModelBuilder(6).Node("Relu"), m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimParam = "n"),
            ["'x'", "known shape"]),
        ["an enormous size"] = (() => new ModelBuilder(1L << 40, 1L << 40, 1L << 40).Node("Relu"), ["'x'", "known shape"]),
        ["an input of half precision"] = (
            () => Change(new ModelBuilder(6).Node("Relu"), m => m.Graph.Input[0].Type.TensorType.ElemType = 10), ["'x'", "type 10"]),
        ["an opset from before"] = (() => new ModelBuilder(6).Opset(6).Node("Relu"), ["7 to 25", "6"]),
        ["an opset to come"] = (() => new ModelBuilder(6).Opset(26).Node("Relu"), ["7 to 25", "26"]),
        ["no opset"] = (() => Change(new ModelBuilder(6).Node("Relu"), m => m.OpsetImport.Clear()), ["none"]),
    };

    public static TheoryData<string> Names => [.. s_models.Keys];

    /// <summary>A model of sequences of 3 features, a step a column.</summary>
    private static ModelBuilder Steps(Func<ModelBuilder, ModelBuilder> build) =>
        Built(new ModelBuilder(0, 3).Node("Transpose", null, OfMany("perm", 0, 2, 1)), build);

    [Theory]
    [MemberData(nameof(Names))]
    public void IsRefusedInWords(string name)
    {
        var (make, says) = s_models[name];
        byte[] model = make().Bytes();

        FluentActions.Invoking(() => Roundtrip.Import(model)).Should().Throw<OnnxFormatException>().Which.Message.Should().ContainAll(says);
    }

    public static TheoryData<byte[], string> OtherKinds => new()
    {
        { Saved(), "a safetensors file. Network.Load reads what Network.Save wrote, LoadWeights what other libraries did." },
        { [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC], "a Python pickle*LoadWeights." },
        { [.. "PK\u0003\u0004"u8, .. new byte[40]], "a zip file. Unpack it first." },
        { [0x89, .. "HDF\r\n\u001a\n"u8], "an HDF5 file*LoadWeights." },
        { [.. "{\"layers\": []}"u8], "a JSON text." },
        { [], "empty." },
    };

    [Theory]
    [MemberData(nameof(OtherKinds))]
    public void AFileOfAnotherKindIsNamedWithTheWayOut(byte[] file, string says) =>
        FluentActions.Invoking(() => Roundtrip.Import(file))
            .Should().Throw<OnnxFormatException>().WithMessage($"This is no ONNX model, but {says}");

    private static byte[] Saved()
    {
        using var stream = new MemoryStream();
        new Network().Add(new FCLayer(2, 3)).Save(stream);
        return stream.ToArray();
    }

    private static ModelBuilder Mean(ModelBuilder m, int gamma, params AttributeProto[] attributes) => Mean(m, gamma, 2, attributes);

    /// <summary>A layer normalisation, node by node.</summary>
    private static ModelBuilder Mean(ModelBuilder m, int gamma, float power, params AttributeProto[] attributes)
    {
        string distance = m.Node("ReduceMean", null, attributes).NodeOf("Sub", ["x", m.Value]).Value;
        m.Node("Pow", [m.Scalar(power)]).Node("ReduceMean", null, attributes).Node("Add", [m.Scalar(1e-5f)]).Node("Sqrt");
        return m.NodeOf("Div", [distance, m.Value]).Node("Mul", [m.Weights(true, gamma)]);
    }

    private static ModelBuilder Steps() => new ModelBuilder(4, 6).Node("Transpose", null, OfMany("perm", 1, 0, 2));

    private static ModelBuilder Lstm(ModelBuilder m, params AttributeProto[] attributes) => Recurrent(m, "LSTM", 4, attributes);

    private static ModelBuilder Recurrent(ModelBuilder m, string type, int gates, params AttributeProto[] attributes) =>
        Recurrent(m, type, gates, 6, attributes);

    private static ModelBuilder Recurrent(ModelBuilder m, string type, int gates, int inputs, params AttributeProto[] attributes) => m.Node(
        type,
        [m.Weights(true, 1, gates * 2, inputs), m.Weights(true, 1, gates * 2, 2), m.Weights(true, 1, gates * 4)],
        attributes);

    private static ModelBuilder Conv(params AttributeProto[] attributes) =>
        Built(new ModelBuilder(2, 5, 6), m => m.Node("Conv", [m.Weights(true, 3, 2, 3, 3)], attributes));

    private static ModelBuilder BatchNorm(int size, params AttributeProto[] attributes) => Built(
        new ModelBuilder(3, 4, 5),
        m => m.Node(
            "BatchNormalization",
            [m.Weights(true, size), m.Weights(true, size), m.Weights(true, size), m.WeightsFrom(0, true, size)],
            attributes));

    private static ModelBuilder Normalization(int means, int deviations, float low = 1) => Built(
        new ModelBuilder(6), m => m.Node("Sub", [m.Weights(true, means)]).Node("Div", [m.WeightsFrom(low, true, deviations)]));

    private static ModelBuilder Built(ModelBuilder builder, Func<ModelBuilder, ModelBuilder> build) => build(builder);

    private static ModelBuilder Change(ModelBuilder builder, Action<ModelProto> change)
    {
        change(builder.Model);
        return builder;
    }
}
