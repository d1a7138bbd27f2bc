using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>Recurrent layers by their kinds, and PyTorch's numbers in them.</summary>
internal static class Recurrent
{
    public static RecurrentLayer New(string kind, int inputs, int hidden, bool sequences = false, Random? random = null) => kind switch
    {
        "rnn" => new RnnLayer(inputs, hidden, sequences, random: random),
        "gru" => new GruLayer(inputs, hidden, sequences, random: random),
        "lstm" => new LstmLayer(inputs, hidden, sequences, random: random),
        _ => throw new NotSupportedException(kind),
    };

    /// <summary>A layer with the biases drawn, too.</summary>
    public static RecurrentLayer Drawn(string kind, int inputs, int hidden, bool sequences, Random random)
    {
        var layer = New(kind, inputs, hidden, sequences, random);
        foreach (var parameter in layer.Parameters)
        {
            Draw.Matrix(parameter.Value.RowCount, parameter.Value.ColumnCount, random).CopyTo(parameter.Value);
        }

        return layer;
    }

    /// <summary>What a layer's parameter is of PyTorch's numbers, or of their gradients where <paramref name="adds"/> is false.</summary>
    public static Matrix<double> OfTorch(this Parameter parameter, JsonElement torch, string suffix, bool adds) => parameter.Name switch
    {
        "Weights" => torch.GetProperty($"weight_ih_l0{suffix}").Matrix().Transpose(),
        "RecurrentWeights" => torch.GetProperty($"weight_hh_l0{suffix}").Matrix().Transpose(),
        "RecurrentBias" => torch.GetProperty($"bias_hh_l0{suffix}").Row(),
        _ when adds && parameter.Owner is not GruLayer =>
            torch.GetProperty($"bias_ih_l0{suffix}").Row() + torch.GetProperty($"bias_hh_l0{suffix}").Row(),
        _ => torch.GetProperty($"bias_ih_l0{suffix}").Row(),
    };

    public static void SetFromTorch(this RecurrentLayer layer, JsonElement torch, string suffix = "")
    {
        foreach (var parameter in layer.Parameters)
        {
            parameter.OfTorch(torch, suffix, adds: true).CopyTo(parameter.Value);
        }
    }
}
