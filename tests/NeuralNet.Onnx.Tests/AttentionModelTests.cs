using Google.Protobuf;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Tests;

/// <summary>Models of attention and positions that are not what the library writes are refused by name.</summary>
public class AttentionModelTests
{
    private static readonly Dictionary<string, (string Case, Action<ModelProto> Change, string Says)> s_models = new()
    {
        ["a function of other nodes"] = (
            "CausalSelfAttention", model => model.Functions[0].Node.RemoveAt(3), "calls a function that is not the one"),
        ["a function that is not there"] = (
            "CausalSelfAttention", model => model.Functions.Clear(), "is of an operator that the library has no layer for"),
        ["two parts instead of three"] = (
            "CausalSelfAttention", model => Numbers(model, "Heads")[0] = 2, "has heads that do not divide 6 values among them"),
        ["heads of another size"] = (
            "CausalSelfAttention", model => Numbers(model, "Heads")[8] = 5, "has heads that do not divide 6 values among them"),
        ["another scale"] = ("CausalSelfAttention", model => Numbers(model, "Scale")[6] ^= 1, "has another scale than 1 / √3"),
        ["a mask that is no mask"] = (
            "CausalSelfAttention", model => Numbers(model, "Unseen")[3] = 0, "has a score for steps that are not seen"),
        ["weights of another size"] = (
            "CausalSelfAttention",
            model => Tensor(model, "InputWeights").Dims[1] = 17,
            "expects 6 x 18 numbers as input 2, but has [6, 17]"),
        ["a bias of another size"] = (
            "CausalSelfAttention", model => Tensor(model, "OutputBias").Dims[0] = 5, "expects 6 numbers as input 5, but has [5]"),
        ["positions of another size"] = (
            "Positions", model => Tensor(model, "Positions").Dims[1] = 5, "has positions of [20, 5] where [N, T, 6] comes in"),
        ["a function that takes positions away"] = (
            "Positions", model => model.Functions[0].Node[^1].OpType = "Sub", "calls a function that is not the one"),
        ["sinusoids of other nodes"] = (
            "SinusoidalPositions", model => model.Functions[0].Node.RemoveAt(0), "calls a function that is not the one"),
    };

    public static TheoryData<string> Models => [.. s_models.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void AnotherModelIsRefusedInWords(string name)
    {
        var (entry, change, says) = s_models[name];
        var model = Wire.Model(Runtime.Export(Case.Named(entry).Network()));
        change(model);

        FluentActions.Invoking(() => Roundtrip.Import(model.ToByteArray())).Should().Throw<OnnxFormatException>().WithMessage($"*{says}*");
    }

    [Fact]
    public void MoreStepsThanWereLearntFailInTheRuntimeToo()
    {
        var entry = Case.Named("Positions");
        using var runtime = new Runtime(Runtime.Export(entry.Network()));

        FluentActions.Invoking(() => runtime.Run(entry.Samples(2, 21))).Should().Throw<Microsoft.ML.OnnxRuntime.OnnxRuntimeException>();
    }

    private static TensorProto Tensor(ModelProto model, string name) => model.Graph.Initializer.Single(one => one.Name == $"layer0.{name}");

    /// <summary>The bytes of a tensor, to be written to.</summary>
    private static Span<byte> Numbers(ModelProto model, string name)
    {
        var tensor = Tensor(model, name);
        byte[] bytes = tensor.RawData.ToByteArray();
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        return bytes;
    }
}
