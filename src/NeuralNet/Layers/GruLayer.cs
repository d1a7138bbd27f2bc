using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>A layer of gated recurrent units: gates say how much of the state stays, and how much of it is looked at.</summary>
/// <remarks>
/// <para>r = σ(x(t) Wᵣ + bᵣ + h(t-1) Uᵣ + b'ᵣ), the reset gate</para>
/// <para>z = σ(x(t) W_z + b_z + h(t-1) U_z + b'_z), the update gate</para>
/// <para>n = tanh(x(t) Wₙ + bₙ + r ∘ (h(t-1) Uₙ + b'ₙ)), the new state's candidate</para>
/// <para>h(t) = (1 - z) ∘ n + z ∘ h(t-1)</para>
/// <para>
/// X is T x n, Y is 1 x h or T x h, W is n x 3h, U is h x 3h, b and b' are 1 x 3h: the columns of r, then those of z, then those of n, in
/// PyTorch's order. The reset gate acts behind the product ("reset after"), as in PyTorch, in Keras and in NVIDIA's cuDNN.
/// </para>
/// <para>
/// W starts as <see cref="Initializer.GlorotUniform"/> has it, U orthogonal, the biases at 0. Kyunghyun Cho and others, Learning phrase
/// representations using RNN encoder-decoder for statistical machine translation, 2014; the reset gate behind the product is version 1 of
/// that paper.
/// </para>
/// </remarks>
public sealed class GruLayer : RecurrentLayer
{
    /// <summary>Initializes a new instance of the <see cref="GruLayer"/> class.</summary>
    /// <param name="inputSize">n, the number of values of a step, 1 or more.</param>
    /// <param name="hiddenSize">h, the number of values of the state, 1 or more.</param>
    /// <param name="returnSequences">Whether Y is the state after every step, T x h, instead of the last one, 1 x h.</param>
    /// <param name="initializer">How W starts; <see cref="Initializer.GlorotUniform"/> where none is given.</param>
    /// <param name="recurrentInitializer">How U starts; <see cref="Initializer.Orthogonal"/> where none is given.</param>
    /// <param name="random">
    /// Where random numbers come from. Where none is given, <see cref="Random.Shared"/>, and <see cref="Network.InitialSeed"/> when the
    /// layer is added to a network that has one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, or so many weights do not fit into a matrix.
    /// </exception>
    public GruLayer(
        int inputSize,
        int hiddenSize,
        bool returnSequences = false,
        Initializer? initializer = null,
        Initializer? recurrentInitializer = null,
        Random? random = null)
        : base(
            MakeCell(nameof(GruLayer), inputSize, hiddenSize, 3, (inputs, hidden) => new GruCell(inputs, hidden)),
            inputSize,
            returnSequences,
            initializer,
            recurrentInitializer,
            random,
            hasRecurrentBias: true)
    {
    }

    /// <summary>
    /// Gets or sets b', 1 x 3h, the bias of h(t-1) U: the live matrix to read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> RecurrentBias
    {
        get => RecurrentBiasParameter!.Value;
        set => RecurrentBiasParameter!.CopyFrom(value, Name);
    }

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = KindOf(
        3, hasRecurrentBias: true, "GRU", (inputs, hidden, sequences) =>
            new GruLayer(inputs, hidden, sequences, Initializer.Zeros, Initializer.Zeros));
}
