using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Branches side by side: each makes something of the same X, and Y has the outputs next to one another.</summary>
/// <remarks>
/// <para>Y = [F₁(X) F₂(X) ...], dE/dX = Σ dFᵢ/dX dE/dYᵢ, with dE/dYᵢ the columns of dE/dY that are Fᵢ's.</para>
/// <para>
/// Images of one height and width: planes side by side, in the order of the branches. Rows, and sequences where a layer within works on
/// steps, such as an <see cref="LstmLayer"/>: columns side by side. A branch without layers is X itself.
/// </para>
/// <para>
/// Christian Szegedy and others, Going deeper with convolutions, 2015; Gao Huang and others, Densely connected convolutional
/// networks, 2017.
/// </para>
/// </remarks>
public sealed class ConcatenateLayer : CompositeLayer
{
    /// <summary>Initializes a new instance of the <see cref="ConcatenateLayer"/> class.</summary>
    /// <param name="branches">
    /// Two branches or more, each a list of layers that follow one another; an empty one is X itself. Each layer is in one place of one
    /// network only.
    /// </param>
    /// <exception cref="ArgumentException">
    /// There are fewer than two branches, a layer is null or there twice, or the branches' outputs do not fit side by side.
    /// </exception>
    public ConcatenateLayer(params IReadOnlyList<Layer>[] branches)
        : base(CheckAll(branches)) => CheckBranches(nameof(branches));

    /// <summary>Gets the layers of each branch; an empty list for one that is X itself.</summary>
    public IReadOnlyList<IReadOnlyList<Layer>> Layers => [.. Branches.Select(branch => branch.Layers.AsReadOnly())];

    /// <inheritdoc/>
    protected internal override string Name => FormattableString.Invariant($"ConcatenateLayer({Branches.Count} branches)");

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<ConcatenateLayer>(
        write: (layer, entry, format) =>
        {
            foreach (var (name, layers) in layer.Branches)
            {
                entry.With(name, format.WriteBranch(layers, name));
            }
        },
        read: (entry, format) =>
        {
            var branches = new List<(string Name, LayerPlan[] Plans)>();
            for (string name = BranchName(0); entry.Has(name); name = BranchName(branches.Count))
            {
                branches.Add((name, format.ReadBranch(entry, name)));
            }

            return new LayerPlan(() => new ConcatenateLayer([.. branches.Select(branch => MakeAll(branch.Plans))])) { Within = branches };
        },
        copy: (layer, copy) => new ConcatenateLayer([.. layer.Branches.Select(branch => branch.Layers.Select(copy).ToArray())]));

    internal override int LayOut(StepList steps, int source) =>
        steps.Add(new ConcatenateStep(this, [.. Enumerable.Range(0, Branches.Count).Select(branch => steps.Add(this, branch, source))]));

    private protected override Matrix<double> JoinOutputs(IReadOnlyList<Matrix<double>> outputs) =>
        outputs.Aggregate((left, right) => left.Append(right));

    internal override string NameOfBranch(int branch) => FormattableString.Invariant($"branch {branch} of {Name}");

    internal override Shape Join(params ReadOnlySpan<Shape> input)
    {
        var first = input[0];
        int columns = 0;

        // A matrix that a layer of one's own gave, or the caller, may be several planes that nobody has spoken of.
        int? width = null;
        bool areAlike = true;
        foreach (var branch in input)
        {
            width ??= branch.Depth > 1 ? branch.Width : null;
            areAlike &= branch.Width == first.Width;
            columns = checked(columns + branch.Columns);
        }

        width ??= areAlike && first.Height > 1 && !GivesSteps ? first.Width : null;
        for (int i = 0; i < input.Length; i++)
        {
            bool fits = width is null || input[i].Width == width || (input[i].Depth == 1 && input[i].Width % width == 0);
            if (input[i].Height != first.Height || !fits)
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"{Name} puts its branches' outputs side by side, but branch 0 gives {first} and branch {i} {input[i]}. ") +
                    "Make all give the same height, and images the same width (stride and padding say it).",
                    nameof(input));
            }
        }

        return width is { } one ? new Shape(first.Height, one, columns / one) : new Shape(first.Height, columns);
    }

    private static (string Name, IReadOnlyList<Layer> Layers)[] CheckAll(IReadOnlyList<Layer>[] branches)
    {
        ArgumentNullException.ThrowIfNull(branches);
        return branches.Length >= 2
            ? [.. branches.Select((branch, i) => (
                BranchName(i),
                CheckLayers(
                    branch, FormattableString.Invariant($"{nameof(ConcatenateLayer)}, branch {i},"), nameof(branches), mayBeEmpty: true)))]
            : throw new ArgumentException(
                FormattableString.Invariant($"ConcatenateLayer expects two branches or more, but got {branches.Length}."),
                nameof(branches));
    }

    private static string BranchName(int branch) => FormattableString.Invariant($"branches.{branch}");
}
