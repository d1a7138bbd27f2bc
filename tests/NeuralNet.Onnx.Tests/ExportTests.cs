using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.OnnxRuntime;

namespace NeuralNet.Onnx.Tests;

public class ExportTests
{
    /// <summary>What ONNX Runtime's CPU has no float64 kernel for, by the operator that its message names.</summary>
    private static readonly Dictionary<string, string> s_withoutFloat64 = new()
    {
    };

    public static TheoryData<string> Names => [.. Case.All.Select(entry => entry.Name)];

    public static TheoryData<string> NamesOfFloat64 => [.. Case.All.Select(entry => entry.Name).Except(s_withoutFloat64.Keys)];

    public static TheoryData<string> NamesWithoutFloat64 => [.. s_withoutFloat64.Keys];

    public static TheoryData<int> Opsets => [.. Enumerable.Range(13, 10)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheRuntimePredictsTheSameInFloat32(string name) => ShouldPredictTheSame(Case.Named(name), OnnxDataType.Float32, 17, 1e-5);

    [Theory]
    [MemberData(nameof(NamesOfFloat64))]
    public void TheRuntimePredictsTheSameInFloat64(string name) => ShouldPredictTheSame(Case.Named(name), OnnxDataType.Float64, 17, 1e-12);

    [Theory]
    [MemberData(nameof(Opsets))]
    public void EveryOpsetThatIsOfferedRuns(int opset)
    {
        foreach (var entry in Case.All)
        {
            ShouldPredictTheSame(entry, OnnxDataType.Float32, opset, 1e-5);
        }
    }

    private static void ShouldPredictTheSame(Case entry, OnnxDataType type, int opset, double tolerance)
    {
        var network = entry.Network();
        using var runtime = new Runtime(Runtime.Export(network, entry.Options(type, opset)));
        foreach (int count in (int[])[1, 3, 17])
        {
            var samples = entry.Samples(count);
            runtime.Run(samples).ShouldBeNear(network.Predict(samples), tolerance);
        }
    }
}
