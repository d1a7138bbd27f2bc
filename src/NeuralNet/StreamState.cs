namespace NeuralNet;

/// <summary>What a <see cref="SequenceStream"/> keeps for one layer of the steps that have passed.</summary>
/// <remarks>
/// <para>
/// <see cref="BatchLayer.NewStreamState"/> returns one for each stream. It reads the layer's parameters where they are, and writes to
/// itself and to <see cref="TakeStep"/>'s output only: several streams of one network may be used at once.
/// </para>
/// <para>After t steps the output is the last row of what <see cref="BatchLayer.Forward"/> makes of these t rows.</para>
/// </remarks>
public abstract class StreamState
{
    /// <summary>
    /// Gets the state of every layer that needs none, since row t of its Y is made of row t of its X alone: the stream calls its
    /// <see cref="BatchLayer.Forward"/> with one row.
    /// </summary>
    public static StreamState RowByRow { get; } = new Nothing();

    /// <summary>
    /// Gets a value that indicates whether Y is one row made of all steps, such as the last state of a recurrent layer, and not a row for
    /// each step; false unless overridden.
    /// </summary>
    protected internal virtual bool GivesOneRow => false;

    /// <summary>Takes the next step.</summary>
    /// <param name="input">The row of X, as many values as in the steps before.</param>
    /// <param name="output">The place for the last row of Y; what it holds before is undefined.</param>
    protected internal abstract void TakeStep(ReadOnlySpan<double> input, Span<double> output);

    /// <summary>Forgets all steps: the next one is the first of another sequence.</summary>
    protected internal abstract void Reset();

    private sealed class Nothing : StreamState
    {
        protected internal override void TakeStep(ReadOnlySpan<double> input, Span<double> output) =>
            throw new InvalidOperationException("A layer that works row by row has its Forward called.");

        protected internal override void Reset()
        {
        }
    }
}
