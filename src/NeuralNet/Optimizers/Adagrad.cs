using NeuralNet.Kernels;
using NeuralNet.Optimizers;

namespace NeuralNet;

/// <summary>Gradient descent whose step for each value shrinks with the gradients it has seen.</summary>
/// <remarks>
/// g = dE/dW + weightDecay W, s += g², from s = initialAccumulator, and W -= learningRate g / (√s + epsilon), value by value. John Duchi,
/// Elad Hazan and Yoram Singer, Adaptive subgradient methods for online learning and stochastic optimization, 2011; PyTorch's definitions.
/// </remarks>
public sealed class Adagrad : Optimizer
{
    /// <summary>Makes an optimizer.</summary>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <param name="epsilon">What keeps the division from zero: finite, above 0.</param>
    /// <param name="weightDecay">What is added of W to its gradient: finite, 0 or more.</param>
    /// <param name="initialAccumulator">What s starts from: finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Adagrad(double learningRate = 0.01, double epsilon = 1e-10, double weightDecay = 0, double initialAccumulator = 0)
        : base(learningRate)
    {
        Epsilon = Check.Number(epsilon, epsilon > 0, "Adagrad's epsilon", " above 0", nameof(epsilon));
        WeightDecay = Check.Number(weightDecay, weightDecay >= 0, "Adagrad's weightDecay", ", 0 or more", nameof(weightDecay));
        InitialAccumulator = Check.Number(
            initialAccumulator, initialAccumulator >= 0, "Adagrad's initialAccumulator", ", 0 or more", nameof(initialAccumulator));
    }

    /// <summary>What keeps the division from zero.</summary>
    public double Epsilon { get; }

    /// <summary>What is added of W to its gradient.</summary>
    public double WeightDecay { get; }

    /// <summary>What s starts from.</summary>
    public double InitialAccumulator { get; }

    /// <inheritdoc/>
    protected internal override bool CanSlice => true;

    /// <inheritdoc/>
    /// <remarks>This is s.</remarks>
    protected internal override int StateArrays => 1;

    /// <inheritdoc/>
    protected internal override double InitialState => InitialAccumulator;

    private protected override int? Squares => 0;

    private protected override bool Decays => WeightDecay > 0;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<string?> Settings =>
        [Detail("epsilon ", Epsilon, 1e-10), Detail("weight decay ", WeightDecay, 0),
         Detail("initial accumulator ", InitialAccumulator, 0)];

    /// <inheritdoc/>
    public override void Update(Parameter parameter) => UpdateWhole(parameter);

    /// <inheritdoc/>
    protected internal override void UpdateValues(OptimizerSlice slice) =>
        UpdateRules.Run(
            new UpdateRules.Adagrad(LearningRate, Epsilon, WeightDecay),
            slice.Values,
            slice.Gradients,
            slice.State(0));
}
