namespace NeuralNet.Onnx.Tests;

/// <summary>Out to ONNX and in again.</summary>
internal static class Roundtrip
{
    public static Network Of(Network network, OnnxExportOptions? options = null) => Import(Runtime.Export(network, options));

    public static Network Import(byte[] model, OnnxImportOptions? options = null) => Network.ImportOnnx(new MemoryStream(model), options);

    /// <summary>In float64 the same bits; in float32 weights are rounded.</summary>
    public static void ShouldPredictTheSame(Case entry, OnnxDataType type, int opset)
    {
        var network = entry.Network();
        var samples = entry.Samples(7);
        var again = Of(network, entry.Options(type, opset)).Predict(samples);
        if (type == OnnxDataType.Float64)
        {
            again.ShouldBeTheSameBitsAs(network.Predict(samples));
        }
        else
        {
            again.ShouldBeNear(network.Predict(samples), 1e-6, entry.LeastScale);
        }
    }
}
