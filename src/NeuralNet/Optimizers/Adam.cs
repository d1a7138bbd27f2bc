namespace NeuralNet;

/// <summary>Gradient descent by running means of the gradient and of its square, both corrected for their start at 0.</summary>
/// <remarks>
/// <para>
/// g = dE/dW + weightDecay W, m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g², from m = s = 0, and in step t W -= learningRate (m
/// / (1 - beta1ᵗ)) / (√(s / (1 - beta2ᵗ)) + epsilon), value by value.
/// </para>
/// <para>Diederik Kingma and Jimmy Ba, Adam: A method for stochastic optimization, 2015; PyTorch's definitions.</para>
/// </remarks>
public sealed class Adam : AdamOptimizer
{
    /// <summary>Initializes a new instance of the <see cref="Adam"/> class.</summary>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <param name="beta1">The part of m that each step keeps: from 0 to below 1.</param>
    /// <param name="beta2">The part of s that each step keeps: from 0 to below 1.</param>
    /// <param name="epsilon">What keeps the division from zero: finite, above 0.</param>
    /// <param name="weightDecay">What is added of W to its gradient: finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Adam(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base(learningRate, beta1, beta2, epsilon, weightDecay, defaultDecay: 0)
    {
    }

    /// <inheritdoc/>
    protected internal override void UpdateValues(OptimizerSlice slice) =>
        Step(slice, gradientDecay: WeightDecay, decoupledDecay: 0);
}
