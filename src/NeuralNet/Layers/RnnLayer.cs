using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>A simple recurrent layer: each state is tanh of the step and of the state before it.</summary>
/// <remarks>
/// <para>h(t) = tanh(x(t) W + h(t-1) U + b)</para>
/// <para>X is T x n, Y is 1 x h or T x h, W is n x h, U is h x h, b is 1 x h; b is the sum of PyTorch's two biases.</para>
/// <para>
/// W starts as <see cref="Initializer.GlorotUniform"/> has it, U orthogonal, b at 0. Jeffrey L. Elman, Finding structure in time, 1990.
/// </para>
/// </remarks>
public sealed class RnnLayer : RecurrentLayer
{
    /// <summary>Initializes a new instance of the <see cref="RnnLayer"/> class.</summary>
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
    public RnnLayer(
        int inputSize,
        int hiddenSize,
        bool returnSequences = false,
        Initializer? initializer = null,
        Initializer? recurrentInitializer = null,
        Random? random = null)
        : base(
            MakeCell(nameof(RnnLayer), inputSize, hiddenSize, 1, (inputs, hidden) => new RnnCell(inputs, hidden)),
            inputSize,
            returnSequences,
            initializer,
            recurrentInitializer,
            random)
    {
    }

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = KindOf(
        1, hasRecurrentBias: false, "RNN", (inputs, hidden, sequences) =>
            new RnnLayer(inputs, hidden, sequences, Initializer.Zeros, Initializer.Zeros));
}
