using NeuralNet.Kernels;
using NeuralNet.Optimizers;

namespace NeuralNet;

/// <summary>Gradient descent whose step for each value is divided by the root of a running mean of its squared gradients.</summary>
/// <remarks>
/// <para>
/// g = dE/dW + weightDecay W, s = decay s + (1 - decay) g², v = momentum v + g / (√s + epsilon), and W -= learningRate v, value by value,
/// from s = v = 0.
/// </para>
/// <para>
/// Centered, s is replaced under the root by s - m², with the running mean m = decay m + (1 - decay) g; 0 where rounding leaves less.
/// </para>
/// <para>
/// Tijmen Tieleman and Geoffrey Hinton, Lecture 6.5 of Neural networks for machine learning, 2012; centered by Alex Graves, Generating
/// sequences with recurrent neural networks, 2013; PyTorch's definitions.
/// </para>
/// </remarks>
public sealed class RmsProp : Optimizer
{
    /// <summary>Makes an optimizer.</summary>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <param name="decay">The part of s that each step keeps, which PyTorch calls alpha: from 0 to below 1.</param>
    /// <param name="epsilon">What keeps the division from zero: finite, above 0.</param>
    /// <param name="momentum">The part of v that each step keeps: 0, none, or more, below 1.</param>
    /// <param name="centered">Whether the division is by the gradients' standard deviation.</param>
    /// <param name="weightDecay">What is added of W to its gradient: finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public RmsProp(
        double learningRate = 0.01,
        double decay = 0.99,
        double epsilon = 1e-8,
        double momentum = 0,
        bool centered = false,
        double weightDecay = 0)
        : base(learningRate)
    {
        Decay = Check.Number(decay, decay >= 0 && decay < 1, "RmsProp's decay", " from 0 to below 1", nameof(decay));
        Epsilon = Check.Number(epsilon, epsilon > 0, "RmsProp's epsilon", " above 0", nameof(epsilon));
        Momentum = Check.Number(momentum, momentum >= 0 && momentum < 1, "RmsProp's momentum", " from 0 to below 1", nameof(momentum));
        Centered = centered;
        WeightDecay = Check.Number(weightDecay, weightDecay >= 0, "RmsProp's weightDecay", ", 0 or more", nameof(weightDecay));
    }

    /// <summary>The part of s that each step keeps.</summary>
    public double Decay { get; }

    /// <summary>What keeps the division from zero.</summary>
    public double Epsilon { get; }

    /// <summary>The part of v that each step keeps; 0 for none.</summary>
    public double Momentum { get; }

    /// <summary>Whether the division is by the gradients' standard deviation.</summary>
    public bool Centered { get; }

    /// <summary>What is added of W to its gradient.</summary>
    public double WeightDecay { get; }

    /// <inheritdoc/>
    protected internal override bool CanSlice => true;

    /// <inheritdoc/>
    /// <remarks>These are s, then v where there is momentum, then m where centered.</remarks>
    protected internal override int StateArrays => 1 + (Momentum == 0 ? 0 : 1) + (Centered ? 1 : 0);

    private protected override int? Squares => 0;

    private protected override bool Decays => WeightDecay > 0;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<string?> Settings =>
    [
        Detail("decay ", Decay, 0.99), Detail("epsilon ", Epsilon, 1e-8), Detail("momentum ", Momentum, 0), Centered ? "centered" : null,
        Detail("weight decay ", WeightDecay, 0),
    ];

    /// <inheritdoc/>
    public override void Update(Parameter parameter) => UpdateWhole(parameter);

    /// <inheritdoc/>
    protected internal override void UpdateValues(OptimizerSlice slice) =>
        UpdateRules.Run(
            new UpdateRules.RmsProp(LearningRate, Decay, Epsilon, Momentum, Centered, WeightDecay),
            slice.Values,
            slice.Gradients,
            slice.State(0),
            Momentum == 0 ? [] : slice.State(1),
            Centered ? slice.State(StateArrays - 1) : []);
}
