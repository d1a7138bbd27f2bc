using NeuralNet;
using NeuralNet.Onnx;

namespace MnistApp;

/// <summary>A saved network as an ONNX model.</summary>
internal static class Export
{
    public static int Run(string model, string path, bool float64)
    {
        if (Path.GetFullPath(model) == Path.GetFullPath(path))
        {
            throw new UsageException(
                $"The ONNX model would take the place of the network in {model}, which alone can go on learning. "
                + "Give --onnx another name.");
        }

        Output.RequireFile("--onnx", path);

        var type = float64 ? OnnxDataType.Float64 : OnnxDataType.Float32;
        Network.Load(model).ExportOnnx(path, new OnnxExportOptions { DataType = type });
        Console.WriteLine($"ONNX model of {type}: {path}");
        return 0;
    }
}
