using System.Text;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// What <see cref="Network.LoadWeights(string, IReadOnlyDictionary{string, string}?)"/> took from a file, and what it did not.
/// </summary>
public sealed class WeightsReport
{
    internal WeightsReport(
        IReadOnlyList<(string Name, string FileName, IReadOnlyList<long> Shape)> matched,
        IReadOnlyList<string> transposed,
        IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> missing,
        IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> unused) =>
        (Matched, Transposed, Missing, Unused) = (matched, transposed, missing, unused);

    /// <summary>
    /// The network's numbers that were loaded, the file's names for them, and their shapes in the file; "zeros" and no sizes for a bias,
    /// and for a batch norm's shift, that the file's module is without, "ones" for a batch norm's scale.
    /// </summary>
    public IReadOnlyList<(string Name, string FileName, IReadOnlyList<long> Shape)> Matched { get; }

    /// <summary>
    /// The names of those of the network's weights that the file has in PyTorch's layout, outputs first, and that were transposed.
    /// </summary>
    public IReadOnlyList<string> Transposed { get; }

    /// <summary>The network's numbers that the file does not have, which are as they were, and their shapes: rows and columns.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Missing { get; }

    /// <summary>The tensors of the file that were not taken, and their shapes.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Unused { get; }

    /// <summary>A table with a line for each tensor.</summary>
    public override string ToString()
    {
        var table = new StringBuilder();
        int width = Matched.Select(match => match.Name.Length).Concat(Missing.Select(one => one.Name.Length))
            .Concat(Unused.Select(one => one.Name.Length)).DefaultIfEmpty().Max();
        foreach (var (name, fileName, shape) in Matched)
        {
            table.Append(
                $"matched  {name.PadRight(width)}  from {fileName} "
                + $"{Tensor.Text(shape)}{(Transposed.Contains(name) ? ", transposed" : "")}\n");
        }

        foreach (var (name, shape) in Missing)
        {
            table.Append($"missing  {name.PadRight(width)}  {Tensor.Text(shape)}, as it was\n");
        }

        foreach (var (name, shape) in Unused)
        {
            table.Append($"unused   {name.PadRight(width)}  {Tensor.Text(shape)}\n");
        }

        return table.ToString();
    }
}
