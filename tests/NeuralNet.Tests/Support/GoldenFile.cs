using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>Reads the files under Golden/, and turns their nested arrays into the library's shapes.</summary>
internal static class GoldenFile
{
    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name)));
        return document.RootElement.Clone();
    }

    public static int Int(this JsonElement element, string property) => element.GetProperty(property).GetInt32();

    public static double Double(this JsonElement element, string property) => element.GetProperty(property).GetDouble();

    /// <summary>All numbers in the element, however deep its arrays, in the order they are written.</summary>
    public static double[] Numbers(this JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? [.. element.EnumerateArray().SelectMany(Numbers)]
        : [element.GetDouble()];

    public static Matrix<double> Row(this JsonElement element) => Matrices.Of(element.Numbers());

    /// <summary>[row][column] as a matrix.</summary>
    public static Matrix<double> Matrix(this JsonElement element) => Matrices.Of([.. element.EnumerateArray().Select(Numbers)]);

    /// <summary>[plane][row][column] as the planes side by side.</summary>
    public static Matrix<double> Planes(this JsonElement element) =>
        element.EnumerateArray().Select(Matrix).Aggregate((left, right) => left.Append(right));

    /// <summary>[output plane][input plane][row][column] as ConvLayer's weights: one column for each output plane.</summary>
    public static Matrix<double> Kernels(this JsonElement element) =>
        Matrix<double>.Build.DenseOfColumnArrays(element.EnumerateArray().Select(Numbers));
}
