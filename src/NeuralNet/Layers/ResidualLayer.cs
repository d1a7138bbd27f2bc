using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>A residual block: what its layers make of X is added to X, or to what a shortcut makes of it.</summary>
/// <remarks>
/// <para>Y = F(X) + S(X), dE/dX = dF/dX dE/dY + dS/dX dE/dY; S is the identity where no shortcut is given.</para>
/// <para>F and S may hold any layers, residual ones among them, and give the same shape.</para>
/// <para>Kaiming He, Xiangyu Zhang, Shaoqing Ren and Jian Sun, Deep residual learning for image recognition, 2016.</para>
/// </remarks>
public sealed class ResidualLayer : CompositeLayer
{
    /// <summary>Initializes a new instance of the <see cref="ResidualLayer"/> class.</summary>
    /// <param name="layers">F, one layer or more; each layer is in one place of one network only.</param>
    /// <param name="shortcut">
    /// S, for shapes that F changes, such as a 1 x 1 convolution with F's stride; the identity where none is given.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A layer is null, there is none in <paramref name="layers"/>, one is there twice, or F and S give different shapes.
    /// </exception>
    public ResidualLayer(IReadOnlyList<Layer> layers, IReadOnlyList<Layer>? shortcut = null)
        : base(
            ("body", CheckLayers(layers, nameof(ResidualLayer), nameof(layers))),
            ("shortcut", CheckLayers(shortcut ?? [], nameof(ResidualLayer), nameof(shortcut), mayBeEmpty: true))) =>
        CheckBranches(nameof(layers), Shortcut.Count == 0 ? nameof(layers) : nameof(shortcut));

    /// <summary>Gets F's layers.</summary>
    public IReadOnlyList<Layer> Layers => Branches[0].Layers.AsReadOnly();

    /// <summary>Gets S's layers; none for the identity.</summary>
    public IReadOnlyList<Layer> Shortcut => Branches[1].Layers.AsReadOnly();

    /// <inheritdoc/>
    protected internal override string Name => Shortcut.Count == 0
        ? FormattableString.Invariant($"ResidualLayer({Count(Layers.Count)})")
        : FormattableString.Invariant($"ResidualLayer({Count(Layers.Count)}, shortcut of {Count(Shortcut.Count)})");

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<ResidualLayer>(
        write: (layer, entry, format) =>
        {
            entry.With("body", format.WriteBranch(layer.Layers, "body"));
            if (layer.Shortcut.Count > 0)
            {
                entry.With("shortcut", format.WriteBranch(layer.Shortcut, "shortcut"));
            }
        },
        read: (entry, format) =>
        {
            var (body, shortcut) = (format.ReadBranch(entry, "body"), format.ReadBranch(entry, "shortcut"));
            return new LayerPlan(() => new ResidualLayer(MakeAll(body), MakeAll(shortcut)))
            {
                Within = [("body", body), ("shortcut", shortcut)],
            };
        },
        copy: (layer, copy) => new ResidualLayer([.. layer.Layers.Select(copy)], [.. layer.Shortcut.Select(copy)]));

    internal override int LayOut(StepList steps, int source)
    {
        int body = steps.Add(this, branch: 0, source);
        int shortcut = steps.Add(this, branch: 1, source);
        return steps.Add(new SumStep(this, [body, shortcut]));
    }

    private protected override Matrix<double> JoinOutputs(IReadOnlyList<Matrix<double>> outputs) => outputs[0] + outputs[1];

    internal override string NameOfBranch(int branch) => $"the {(branch == 0 ? "layers" : "shortcut")} of {Name}";

    internal override Shape Join(params ReadOnlySpan<Shape> input)
    {
        var (f, s) = (input[0], input[1]);
        if (f.SameMatrix(s) && (f.Depth == s.Depth || f.Depth == 1 || s.Depth == 1))
        {
            return f.Depth > 1 ? f : s;
        }

        string wayOut = Shortcut.Count == 0
            ? $"Make its last layer give {s}, or give it a shortcut of layers that make {f} of {s}."
            : "Make both give the same shape.";
        throw new ArgumentException(
            $"{Name} adds what its layers give to what its shortcut{(Shortcut.Count == 0 ? ", X itself," : "")} gives, but its layers give "
            + $"{f} and its shortcut {s}. {wayOut}",
            nameof(input));
    }

    private static string Count(int layers) => layers == 1 ? "1 layer" : FormattableString.Invariant($"{layers} layers");
}
