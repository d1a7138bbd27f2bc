using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.BadInputs;

namespace NeuralNet.Tests.Catalogue;

/// <summary>A kind of layer in the catalogue, over which every contract test runs.</summary>
/// <param name="Name">The row's name, once in the catalogue.</param>
/// <param name="Make">Makes a layer whose weights come from a generator; different sizes wherever they may differ.</param>
/// <param name="Rows">The rows of a sample.</param>
/// <param name="Columns">The columns of a sample, of all planes.</param>
internal sealed record LayerCase(string Name, Func<Random, Layer> Make, int Rows, int Columns)
{
    /// <summary>Whether a single sample cannot be trained on, since the layer needs statistics of several.</summary>
    public bool NeedsBatch { get; init; }

    /// <summary>Whether what a sample becomes depends on the others of its mini-batch, or on its place there.</summary>
    public bool DependsOnBatch { get; init; }

    /// <summary>Whether another shape of X is refused.</summary>
    public bool HasOneShape { get; init; } = true;

    /// <summary>What a stream's refusal says of the way out; null where the layer takes a sequence step by step.</summary>
    public string? StreamRefusal { get; init; }

    /// <summary>Names for files, where the layer is not the library's own.</summary>
    public LayerRegistry? Registry { get; init; }

    /// <summary>What the layer's own constructors and properties refuse, which stands in the layer's tests.</summary>
    public IReadOnlyList<BadInput> BadInput { get; init; } = [];

    /// <summary>Draws one sample; uniform in [-1, 1) unless the layer takes something else.</summary>
    public Func<int, int, Random, Matrix<double>> Draw { get; init; } = NeuralNet.Tests.Support.Draw.Matrix;

    public Layer New(int seed = 1) => Make(NeuralNet.Tests.Support.Draw.Seeded(seed));

    public Matrix<double>[] Samples(int count, int seed = 2)
    {
        var random = NeuralNet.Tests.Support.Draw.Seeded(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Draw(Rows, Columns, random))];
    }

    /// <summary>A network of the layer alone, or behind and before others.</summary>
    public Network Network(int seed = 1, bool withOthers = false)
    {
        var random = NeuralNet.Tests.Support.Draw.Seeded(seed);
        var net = new Network();
        var layer = Make(random);
        if (withOthers && layer.TakesAnyNumbers)
        {
            net.Add(new Shift(Rows, Columns));
        }

        net.Add(layer);
        if (withOthers)
        {
            var output = net.Predict(Samples(1)[0]);
            net.Add(new FlattenLayer()).Add(new FCLayer(output.RowCount * output.ColumnCount, 3, random: random));
        }

        return net.Use(Linear, LinearPrime);
    }

    /// <summary>Random output errors in the shape of what a network gives: the targets of <see cref="Linear"/>.</summary>
    public Matrix<double>[] Errors(Network net, int count, int seed = 3)
    {
        var output = net.Predict(Samples(1)[0]);
        return NeuralNet.Tests.Support.Draw.Matrices(count, output.RowCount, output.ColumnCount, NeuralNet.Tests.Support.Draw.Seeded(seed));
    }

    public override string ToString() => Name;

    /// <summary>E = Σ R ∘ Y for a target R, so that dE/dY = R.</summary>
    private static double Linear(Matrix<double> r, Matrix<double> y) => r.PointwiseMultiply(y).Enumerate().Sum();

    private static Matrix<double> LinearPrime(Matrix<double> r, Matrix<double> y) => r;
}
