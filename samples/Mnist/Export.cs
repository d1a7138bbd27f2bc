using NeuralNet;
using NeuralNet.Onnx;

namespace MnistSample;

/// <summary>A saved network as an ONNX model.</summary>
internal static class Export
{
    public static int Run(string model, string path, bool float64)
    {
        var type = float64 ? OnnxDataType.Float64 : OnnxDataType.Float32;
        Network.Load(model).ExportOnnx(path, new OnnxExportOptions { DataType = type });
        Console.WriteLine($"ONNX model of {type}: {path}");
        return 0;
    }
}
