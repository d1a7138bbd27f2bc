using NeuralNet.Kernels;
using NeuralNet.Optimizers;

namespace NeuralNet;

/// <summary>Stochastic gradient descent, the article's update, with momentum where wanted.</summary>
/// <remarks>
/// <para>g = dE/dW + weightDecay W; without momentum W -= learningRate g.</para>
/// <para>
/// With momentum v = momentum v + g, from v = 0, and W -= learningRate v (Boris Polyak, 1964); with Nesterov's W -= learningRate (g
/// + momentum v) (Yurii Nesterov, 1983, in the form of Ilya Sutskever, James Martens, George Dahl and Geoffrey Hinton, 2013).
/// PyTorch's definitions.
/// </para>
/// </remarks>
public sealed class Sgd : Optimizer
{
    /// <summary>Makes an optimizer.</summary>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <param name="momentum">The part of v that each step keeps: 0, none, or more, below 1.</param>
    /// <param name="nesterov">Whether a step looks ahead by Nesterov's rule; needs a momentum above 0.</param>
    /// <param name="weightDecay">What is added of W to its gradient: finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="ArgumentException">Nesterov's rule without momentum.</exception>
    public Sgd(double learningRate, double momentum = 0, bool nesterov = false, double weightDecay = 0)
        : base(learningRate)
    {
        Momentum = Check.Number(momentum, momentum >= 0 && momentum < 1, "Sgd's momentum", " from 0 to below 1", nameof(momentum));
        WeightDecay = Check.Number(weightDecay, weightDecay >= 0, "Sgd's weightDecay", ", 0 or more", nameof(weightDecay));
        Nesterov = !nesterov || momentum > 0
            ? nesterov
            : throw new ArgumentException(
                "Sgd's nesterov needs a momentum above 0, but momentum is 0. Give a momentum, such as 0.9.", nameof(nesterov));
    }

    /// <summary>The part of v that each step keeps; 0 for none.</summary>
    public double Momentum { get; }

    /// <summary>Whether a step looks ahead by Nesterov's rule.</summary>
    public bool Nesterov { get; }

    /// <summary>What is added of W to its gradient.</summary>
    public double WeightDecay { get; }

    /// <summary>Whether an update is W -= learningRate dE/dW and nothing more.</summary>
    internal bool IsPlain => Momentum == 0 && WeightDecay == 0 && !Clips;

    /// <inheritdoc/>
    protected internal override bool CanSlice => true;

    /// <inheritdoc/>
    /// <remarks>This is v, or nothing without momentum.</remarks>
    protected internal override int StateArrays => Momentum == 0 ? 0 : 1;

    private protected override bool Decays => WeightDecay > 0;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<string?> Settings =>
        [Detail("momentum ", Momentum, 0), Nesterov ? "Nesterov" : null, Detail("weight decay ", WeightDecay, 0)];

    /// <inheritdoc/>
    public override void Update(Parameter parameter) => UpdateWhole(parameter);

    /// <inheritdoc/>
    protected internal override void UpdateValues(OptimizerSlice slice)
    {
        var w = slice.Values;
        var g = slice.Gradients;
        if (Momentum == 0)
        {
            UpdateRules.Run(new UpdateRules.Sgd(LearningRate, WeightDecay), w, g);
        }
        else
        {
            UpdateRules.Run(new UpdateRules.Momentum(LearningRate, Momentum, Nesterov, WeightDecay), w, g, slice.State(0));
        }
    }
}
