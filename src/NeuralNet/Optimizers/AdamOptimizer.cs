using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Adam, with or without a decay of its own: what <see cref="Adam"/> and <see cref="AdamW"/> have in common.</summary>
/// <remarks>
/// <para>
/// With the gradient g, m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g², from m = s = 0, and in step t W -= learningRate (m / (1
/// - beta1ᵗ)) / (√(s / (1 - beta2ᵗ)) + epsilon), value by value. The two differ in where W decays.
/// </para>
/// <para>Diederik Kingma and Jimmy Ba, Adam: A method for stochastic optimization, 2015; PyTorch's definitions.</para>
/// </remarks>
public abstract class AdamOptimizer : Optimizer
{
    private readonly double _defaultDecay;

    private protected AdamOptimizer(
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, double defaultDecay)
        : base(learningRate)
    {
        string name = GetType().Name;
        Beta1 = Check.Number(beta1, beta1 >= 0 && beta1 < 1, $"{name}'s beta1", " from 0 to below 1", nameof(beta1));
        Beta2 = Check.Number(beta2, beta2 >= 0 && beta2 < 1, $"{name}'s beta2", " from 0 to below 1", nameof(beta2));
        Epsilon = Check.Number(epsilon, epsilon > 0, $"{name}'s epsilon", " above 0", nameof(epsilon));
        WeightDecay = Check.Number(weightDecay, weightDecay >= 0, $"{name}'s weightDecay", ", 0 or more", nameof(weightDecay));
        _defaultDecay = defaultDecay;
    }

    /// <summary>Gets the part of m that each step keeps.</summary>
    public double Beta1 { get; }

    /// <summary>Gets the part of s that each step keeps.</summary>
    public double Beta2 { get; }

    /// <summary>Gets what keeps the division from zero.</summary>
    public double Epsilon { get; }

    /// <summary>Gets the part of W that decays: of its gradient in <see cref="Adam"/>, of itself in <see cref="AdamW"/>.</summary>
    public double WeightDecay { get; }

    /// <inheritdoc/>
    protected internal sealed override bool CanSlice => true;

    /// <inheritdoc/>
    /// <remarks>These are m, then s.</remarks>
    protected internal sealed override int StateArrays => 2;

    private protected sealed override int? Squares => 1;

    private protected sealed override bool Decays => WeightDecay > 0;

    /// <inheritdoc/>
    protected internal sealed override IReadOnlyList<string?> Settings =>
        [
            Detail("beta1 ", Beta1, 0.9),
            Detail("beta2 ", Beta2, 0.999),
            Detail("epsilon ", Epsilon, 1e-8),
            Detail("weight decay ", WeightDecay, _defaultDecay)
        ];

    /// <inheritdoc/>
    public sealed override void Update(Parameter parameter) => UpdateWhole(parameter);

    /// <summary>The step.</summary>
    /// <param name="slice">The values.</param>
    /// <param name="gradientDecay">What is added of W to its gradient.</param>
    /// <param name="decoupledDecay">What is taken off W, times the learning rate, before the step.</param>
    private protected void Step(OptimizerSlice slice, double gradientDecay, double decoupledDecay) => UpdateRules.Run(
        new UpdateRules.Adam(LearningRate, Beta1, Beta2, Epsilon, gradientDecay, decoupledDecay, slice.Step),
        slice.Values,
        slice.Gradients,
        slice.State(0),
        slice.State(1));
}
