namespace NeuralNet.Batches;

/// <summary>A layer as a stream takes it that keeps something of the steps before.</summary>
/// <param name="layer">The layer.</param>
/// <param name="state">What is kept.</param>
/// <param name="source">The step whose output it reads.</param>
/// <param name="place">Where it stands in a branch; null where it does not.</param>
internal sealed class StateStep(BatchLayer layer, StreamState state, int source, BranchPlace? place) : Step([source], layer.Name)
{
    public override bool GivesOneRow { get; } = state.GivesOneRow;

    public override void MakeRoom(int capacity)
    {
        try
        {
            Buffers.Output = Batch.New(layer.CheckedOutputShape(Buffers.Input.Shape), capacity);
        }
        catch (ArgumentException e) when (place is not null)
        {
            throw place.Name(e);
        }
    }

    public override void Forward(int from, int to) => layer.CallTakeStep(state, Buffers.Input[from], Output[from]);

    public override void Backward(int from, int to) => throw new NotSupportedException("A stream goes forward only.");

    public override void Reset() => layer.CallReset(state);
}
