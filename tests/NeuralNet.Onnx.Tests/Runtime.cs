using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.OnnxRuntime;

namespace NeuralNet.Onnx.Tests;

/// <summary>A model in ONNX Runtime, on samples in the library's matrices.</summary>
internal sealed class Runtime : IDisposable
{
    private readonly InferenceSession _session;

    public Runtime(byte[] model)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        _session = new InferenceSession(model, options);
    }

    public static byte[] Export(Network network, OnnxExportOptions? options = null)
    {
        using var stream = new MemoryStream();
        network.ExportOnnx(stream, options);
        return stream.ToArray();
    }

    public string InputName => _session.InputNames.Single();

    public string OutputName => _session.OutputNames.Single();

    public int[] InputDimensions => _session.InputMetadata[InputName].Dimensions;

    public string[] InputSymbols => _session.InputMetadata[InputName].SymbolicDimensions;

    public ModelMetadata Metadata => _session.ModelMetadata;

    /// <summary>Y of each sample, in the shape that the network gives it.</summary>
    public Matrix<double>[] Run(IReadOnlyList<Matrix<double>> samples)
    {
        // A sequence's steps are free.
        long[] shape = [samples.Count, .. InputDimensions.Skip(1).Select(size => (long)(size < 0 ? samples[0].RowCount : size))];
        int depth = shape.Length == 4 ? (int)shape[1] : 1;
        double[] values = [.. samples.SelectMany(sample => PlaneByPlane(sample, depth))];
        bool isDouble = _session.InputMetadata[InputName].ElementType == typeof(double);
        using var input = isDouble
            ? OrtValue.CreateTensorValueFromMemory(values, shape)
            : _session.InputMetadata[InputName].ElementType == typeof(long)
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (long)value), shape)
            : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (float)value), shape);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, [InputName], [input], [OutputName]);
        long[] outputShape = outputs[0].GetTensorTypeAndShape().Shape;
        outputShape[0].Should().Be(samples.Count);
        double[] y = isDouble ? outputs[0].GetTensorDataAsSpan<double>().ToArray() : Array.ConvertAll(
            outputs[0].GetTensorDataAsSpan<float>().ToArray(), value => (double)value);
        return [.. y.Chunk(Math.Max(1, y.Length / samples.Count)).Select(sample => ToMatrix(sample, outputShape))];
    }

    public void Dispose() => _session.Dispose();

    private static IEnumerable<double> PlaneByPlane(Matrix<double> sample, int depth)
    {
        int width = sample.ColumnCount / depth;
        for (int plane = 0; plane < depth; plane++)
        {
            for (int row = 0; row < sample.RowCount; row++)
            {
                for (int column = 0; column < width; column++)
                {
                    yield return sample[row, (plane * width) + column];
                }
            }
        }
    }

    private static Matrix<double> ToMatrix(double[] values, long[] shape)
    {
        if (shape.Length == 2)
        {
            return Matrix<double>.Build.Dense(1, values.Length, values);
        }

        if (shape.Length == 3)
        {
            return Matrix<double>.Build.DenseOfRowMajor((int)shape[1], (int)shape[2], values);
        }

        var (depth, height, width) = ((int)shape[1], (int)shape[2], (int)shape[3]);
        return Matrix<double>.Build.Dense(
            height, width * depth, (row, column) => values[(((column / width * height) + row) * width) + (column % width)]);
    }
}
