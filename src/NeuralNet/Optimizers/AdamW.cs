namespace NeuralNet;

/// <summary>Adam with a weight decay that does not pass through its running means.</summary>
/// <remarks>
/// <para>
/// First W -= learningRate weightDecay W; then with g = dE/dW m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g², from m = s = 0,
/// and in step t W -= learningRate (m / (1 - beta1ᵗ)) / (√(s / (1 - beta2ᵗ)) + epsilon), value by value.
/// </para>
/// <para>Ilya Loshchilov and Frank Hutter, Decoupled weight decay regularization, 2019; PyTorch's definitions.</para>
/// </remarks>
public sealed class AdamW : AdamOptimizer
{
    /// <summary>Initializes a new instance of the <see cref="AdamW"/> class.</summary>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <param name="beta1">The part of m that each step keeps: from 0 to below 1.</param>
    /// <param name="beta2">The part of s that each step keeps: from 0 to below 1.</param>
    /// <param name="epsilon">What keeps the division from zero: finite, above 0.</param>
    /// <param name="weightDecay">The part of W that each step takes off, times the learning rate: finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public AdamW(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01)
        : base(learningRate, beta1, beta2, epsilon, weightDecay, defaultDecay: 0.01)
    {
    }

    /// <inheritdoc/>
    protected internal override void UpdateValues(OptimizerSlice slice) =>
        Step(slice, gradientDecay: 0, decoupledDecay: WeightDecay);
}
