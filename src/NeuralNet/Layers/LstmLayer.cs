using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>A layer of long short-term memory: besides its state it has a cell, which gates write to, keep and read.</summary>
/// <remarks>
/// <para>i = σ(x(t) Wᵢ + h(t-1) Uᵢ + bᵢ), the input gate</para>
/// <para>f = σ(x(t) W_f + h(t-1) U_f + b_f), the forget gate</para>
/// <para>g = tanh(x(t) W_g + h(t-1) U_g + b_g), the cell's candidate</para>
/// <para>o = σ(x(t) Wₒ + h(t-1) Uₒ + bₒ), the output gate</para>
/// <para>c(t) = f ∘ c(t-1) + i ∘ g, h(t) = o ∘ tanh(c(t)); c(0) is zero</para>
/// <para>
/// X is T x n, Y is 1 x h or T x h, W is n x 4h, U is h x 4h, b is 1 x 4h: the columns of i, then those of f, of g and of o, in PyTorch's
/// order; b is the sum of PyTorch's two biases.
/// </para>
/// <para>
/// W starts as <see cref="Initializer.GlorotUniform"/> has it, U orthogonal, b at 0, but for the forget gate's, which starts at 1 (Rafal
/// Jozefowicz, Wojciech Zaremba and Ilya Sutskever, An empirical exploration of recurrent network architectures, 2015).
/// </para>
/// <para>
/// Sepp Hochreiter and Jürgen Schmidhuber, Long short-term memory, 1997; with the forget gate of Felix A. Gers, Jürgen Schmidhuber and Fred
/// Cummins, Learning to forget, 2000.
/// </para>
/// </remarks>
public sealed class LstmLayer : RecurrentLayer
{
    /// <summary>Initializes a new instance of the <see cref="LstmLayer"/> class.</summary>
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
    public LstmLayer(
        int inputSize,
        int hiddenSize,
        bool returnSequences = false,
        Initializer? initializer = null,
        Initializer? recurrentInitializer = null,
        Random? random = null)
        : base(
            MakeCell(nameof(LstmLayer), inputSize, hiddenSize, 4, (inputs, hidden) => new LstmCell(inputs, hidden)),
            inputSize,
            returnSequences,
            initializer,
            recurrentInitializer,
            random)
    {
    }

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = KindOf(
        4, hasRecurrentBias: false, "LSTM", (inputs, hidden, sequences) =>
            new LstmLayer(inputs, hidden, sequences, Initializer.Zeros, Initializer.Zeros));

    private protected override void SetFirstBias(Matrix<double> bias) =>
        bias.SetSubMatrix(0, HiddenSize, Matrix<double>.Build.Dense(1, HiddenSize, 1));
}
