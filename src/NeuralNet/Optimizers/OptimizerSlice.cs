using NeuralNet.Optimizers;

namespace NeuralNet;

/// <summary>The values of a parameter that an <see cref="Optimizer"/> updates in one call, by one thread: a range of them, column by
/// column.</summary>
public readonly ref struct OptimizerSlice
{
    private readonly OptimizerState _state;
    private readonly int _from;

    internal OptimizerSlice(Parameter parameter, OptimizerState state, int from, int to)
    {
        (_state, _from) = (state, from);
        Values = parameter.Values[from..to];
        Gradients = parameter.Gradients[from..to];
    }

    /// <summary>Gets the number of values.</summary>
    public int Count => Values.Length;

    /// <summary>Gets the number of the update, from 1: that of this parameter.</summary>
    public long Step => _state.Steps;

    /// <summary>Gets the values, to be read and written.</summary>
    public Span<double> Values { get; }

    /// <summary>Gets dE/dValue, as many; mean over the mini-batch and clipped where that was asked for.</summary>
    public ReadOnlySpan<double> Gradients { get; }

    /// <summary>Returns the numbers that are kept of the values, as many, to be read and written.</summary>
    /// <param name="array">Which, from 0 to below <see cref="Optimizer.StateArrays"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such array.</exception>
    public Span<double> State(int array) => (uint)array < (uint)_state.Values.Length
        ? _state.Values[array].AsSpan(_from, Values.Length)
        : throw new ArgumentOutOfRangeException(
            nameof(array),
            FormattableString.Invariant($"The optimizer has {_state.Values.Length} StateArrays, but asked for number {array}."));
}
