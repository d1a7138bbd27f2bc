using NeuralNet.Kernels;
using NeuralNet.Optimizers;

namespace NeuralNet;

/// <summary>Adam with a weight decay that does not pass through its running means.</summary>
/// <remarks>
/// <para>
/// First W -= learningRate weightDecay W; then with g = dE/dW m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g², from m = s = 0,
/// and in step t W -= learningRate (m / (1 - beta1ᵗ)) / (√(s / (1 - beta2ᵗ)) + epsilon), value by value.
/// </para>
/// <para>Ilya Loshchilov and Frank Hutter, Decoupled weight decay regularization, 2019; PyTorch's definitions.</para>
/// </remarks>
public sealed class AdamW : Optimizer
{
    /// <summary>Makes an optimizer.</summary>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <param name="beta1">The part of m that each step keeps: from 0 to below 1.</param>
    /// <param name="beta2">The part of s that each step keeps: from 0 to below 1.</param>
    /// <param name="epsilon">What keeps the division from zero: finite, above 0.</param>
    /// <param name="weightDecay">The part of W that each step takes off, times the learning rate: finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public AdamW(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01)
        : base(learningRate)
    {
        Beta1 = Check.Number(beta1, beta1 >= 0 && beta1 < 1, "AdamW's beta1", " from 0 to below 1", nameof(beta1));
        Beta2 = Check.Number(beta2, beta2 >= 0 && beta2 < 1, "AdamW's beta2", " from 0 to below 1", nameof(beta2));
        Epsilon = Check.Number(epsilon, epsilon > 0, "AdamW's epsilon", " above 0", nameof(epsilon));
        WeightDecay = Check.Number(weightDecay, weightDecay >= 0, "AdamW's weightDecay", ", 0 or more", nameof(weightDecay));
    }

    /// <summary>The part of m that each step keeps.</summary>
    public double Beta1 { get; }

    /// <summary>The part of s that each step keeps.</summary>
    public double Beta2 { get; }

    /// <summary>What keeps the division from zero.</summary>
    public double Epsilon { get; }

    /// <summary>The part of W that each step takes off, times the learning rate.</summary>
    public double WeightDecay { get; }

    /// <inheritdoc/>
    protected internal override bool CanSlice => true;

    /// <inheritdoc/>
    /// <remarks>These are m, then s.</remarks>
    protected internal override int StateArrays => 2;

    private protected override int? Squares => 1;

    private protected override bool Decays => WeightDecay > 0;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<string?> Settings =>
        [
            Detail("beta1 ", Beta1, 0.9),
            Detail("beta2 ", Beta2, 0.999),
            Detail("epsilon ", Epsilon, 1e-8),
            Detail("weight decay ", WeightDecay, 0.01)
        ];

    /// <inheritdoc/>
    public override void Update(Parameter parameter) => UpdateWhole(parameter);

    /// <inheritdoc/>
    protected internal override void UpdateValues(OptimizerSlice slice) =>
        UpdateRules.Run(
            new UpdateRules.Adam(LearningRate, Beta1, Beta2, Epsilon, weightDecay: 0, WeightDecay, slice.Step),
            slice.Values,
            slice.Gradients,
            slice.State(0),
            slice.State(1));
}
