namespace MnistSample;

/// <summary>A saved network as an ONNX model.</summary>
internal static class Export
{
    public static int Run(string model, string path, bool float64) => throw new InvalidDataException($"{model} {path} {float64}");
}
