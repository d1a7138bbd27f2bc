using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>A network as a layer of another: Y is what its layers, one after another, make of X.</summary>
/// <remarks>The layers are the network's own: what the outer network's training changes in them, the inner network predicts with.</remarks>
public sealed class NetworkLayer : CompositeLayer
{
    /// <summary>Initializes a new instance of the <see cref="NetworkLayer"/> class.</summary>
    /// <param name="network">The network, with the layers that it has now; its loss is of no use here.</param>
    /// <exception cref="ArgumentException">The network has no layers.</exception>
    public NetworkLayer(Network network)
        : this((network ?? throw new ArgumentNullException(nameof(network))).Layers)
    {
    }

    internal NetworkLayer(IReadOnlyList<Layer> layers)
        : base(("layers", CheckLayers(layers, nameof(NetworkLayer), "network"))) => CheckBranches("network");

    /// <summary>Gets the layers.</summary>
    public IReadOnlyList<Layer> Layers => Branches[0].Layers.AsReadOnly();

    /// <inheritdoc/>
    protected internal override string Name =>
        FormattableString.Invariant($"NetworkLayer({Layers.Count} layer{(Layers.Count == 1 ? "" : "s")})");

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<NetworkLayer>(
        write: (layer, entry, format) => entry.With("layers", format.WriteBranch(layer.Layers, "layers")),
        read: (entry, format) =>
        {
            var plans = format.ReadBranch(entry, "layers");
            return new LayerPlan(() => new NetworkLayer(MakeAll(plans))) { Within = [("layers", plans)] };
        },
        copy: (layer, copy) => new NetworkLayer([.. layer.Layers.Select(copy)]));

    internal override int LayOut(StepList steps, int source) => steps.Add(this, branch: 0, source);

    private protected override Matrix<double> JoinOutputs(IReadOnlyList<Matrix<double>> outputs) => outputs[0];

    internal override string NameOfBranch(int branch) => Name;

    internal override Shape Join(params ReadOnlySpan<Shape> input) => input[0];
}
