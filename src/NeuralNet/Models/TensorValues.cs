using NeuralNet.Layers;

namespace NeuralNet.Models;

/// <summary>A matrix under the name that it has in a file.</summary>
/// <param name="Name">The name, once in a file.</param>
/// <param name="Rows">The rows, which are the first size of the tensor.</param>
/// <param name="Columns">The columns, which are the second.</param>
/// <param name="Values">The values, live: column-major, as MathNet has them. The file has them row-major.</param>
/// <param name="Least">The least value that it may have: 0 for a variance.</param>
internal sealed record TensorValues(string Name, int Rows, int Columns, double[] Values, double Least = double.NegativeInfinity)
{
    /// <summary>
    /// The numbers of layers under the names that files have them by: the parameters of each, then what it gathers in training.
    /// </summary>
    public static IReadOnlyList<TensorValues> Of(IReadOnlyList<Layer> layers) =>
        [.. LayerTree.Leaves(layers).SelectMany(leaf => Of(leaf.Layer, leaf.Path))];

    /// <summary>The numbers of the layer at a place: parameters and buffers of its own, and of the layers within it.</summary>
    public static IEnumerable<TensorValues> Of(Layer layer, int place) =>
        LayerTree.Leaves(FormattableString.Invariant($"{place}"), layer).SelectMany(leaf => Of(leaf.Layer, leaf.Path));

    /// <summary>The parameters, which optimizers see, without buffers.</summary>
    public static IEnumerable<TensorValues> OfParameters(IReadOnlyList<Layer> layers) =>
        LayerTree.Leaves(layers).SelectMany(leaf => Of(leaf.Layer, leaf.Path).Take((leaf.Layer as TrainableLayer)?.Parameters.Count ?? 0));

    /// <summary>Names that are there several times with a number behind all but the first.</summary>
    public static IReadOnlyList<string> Distinct(IEnumerable<string> names)
    {
        var taken = new HashSet<string>();
        var numbers = new Dictionary<string, int>();
        var distinct = new List<string>();
        foreach (string name in names)
        {
            string one = name;
            while (!taken.Add(one))
            {
                int number = numbers.GetValueOrDefault(name, 1) + 1;
                numbers[name] = number;
                one = FormattableString.Invariant($"{name}.{number}");
            }

            distinct.Add(one);
        }

        return distinct;
    }

    /// <summary>Whether no value is below <see cref="Least"/>.</summary>
    public bool Allows(double[] values) => double.IsNegativeInfinity(Least) || !Array.Exists(values, value => value < Least);

    /// <summary>The numbers of one layer that has none within.</summary>
    public static IEnumerable<TensorValues> Of(Layer layer, string path)
    {
        if (layer is not TrainableLayer trainable)
        {
            return [];
        }

        Parameter[] all = [.. trainable.Parameters, .. trainable.Buffers];
        return Distinct(all.Select(one => one.Name))
            .Zip(
                all,
                (name, one) => new TensorValues($"layers.{path}.{name}", one.Value.RowCount, one.Value.ColumnCount, one.Memory, one.Least));
    }

    /// <summary>Takes the values in the order of the file.</summary>
    public void CopyFromRowMajor(double[] values)
    {
        for (int column = 0; column < Columns; column++)
        {
            for (int row = 0; row < Rows; row++)
            {
                Values[(column * Rows) + row] = values[(row * Columns) + column];
            }
        }
    }
}
