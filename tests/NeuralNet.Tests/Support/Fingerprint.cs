using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>Values as text that is equal only where every bit is.</summary>
internal static class Fingerprint
{
    public static string Of(Matrix<double>? matrix) => matrix is null
        ? "null"
        : $"{matrix.RowCount} x {matrix.ColumnCount} "
            + $"{Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(matrix.ToColumnMajorArray().AsSpan())))}";

    public static string Of(IEnumerable<Matrix<double>?> matrices) => string.Join('\n', matrices.Select(Of));

    public static string OfParameters(IEnumerable<Layer> layers) =>
        Of(layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Select(parameter => parameter.Value));

    /// <summary>All that a layer holds: parameters, gradients, and which matrices its Input and Output are.</summary>
    public static string OfState(IEnumerable<Layer> layers)
    {
        var text = new StringBuilder();
        foreach (var layer in layers)
        {
            text.AppendLine(layer.ToString());
            foreach (var kept in new[] { layer.Input, layer.Output })
            {
                text.AppendLine($"{RuntimeHelpers.GetHashCode(kept)} {Of(kept)}");
            }

            foreach (var parameter in (layer as TrainableLayer)?.Parameters ?? [])
            {
                text.AppendLine($"{parameter.Name} {Of(parameter.Value)} {Of(parameter.Gradient)}");
            }
        }

        return text.ToString();
    }
}
