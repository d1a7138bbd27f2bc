using NeuralNet.Guards;

namespace NeuralNet.Batches;

/// <summary>What one layer works on when a batch passes through it forward and back: X, Y, dE/dY and dE/dX of the samples.</summary>
internal sealed class LayerBuffers
{
    /// <summary>How many samples pass; the batches have room for as many or more.</summary>
    public int Count { get; set; } = 1;

    public Batch Input { get; set; }

    public Batch Output { get; set; }

    public Batch OutputError { get; set; }

    /// <summary>Where dE/dX goes; empty where nobody reads it.</summary>
    public Batch InputError { get; set; }

    /// <summary>Whether the way back follows; else Y is a prediction.</summary>
    public bool Training { get; set; }

    /// <summary>The place of the first sample in the mini-batch, which may go through in several passes.</summary>
    public int First { get; set; }

    /// <summary>What the random numbers of the mini-batch are made from.</summary>
    public long Seed { get; set; }

    /// <summary>What the layer keeps of each sample from the way forward for the way back.</summary>
    public double[] Kept { get; private set; } = [];

    public int KeptPerSample { get; private set; }

    /// <summary>What the layer keeps of all samples together.</summary>
    public double[] Shared { get; private set; } = [];

    /// <summary>How many values it holds, without X.</summary>
    public long ValueCount =>
        (long)Output.Values.Length + OutputError.Values.Length + InputError.Values.Length + Kept.Length + Shared.Length;

    /// <summary>Makes room for that many samples of what comes out of the layer, and of what it keeps.</summary>
    /// <param name="layer">The layer; the shape of what comes in is known.</param>
    /// <param name="capacity">How many samples pass at most.</param>
    public void MakeRoom(BatchLayer layer, int capacity)
    {
        Output = Batch.New(layer.CheckedOutputShape(Input.Shape), capacity);
        KeptPerSample = layer.CallKeptPerSample(Input.Shape);
        Kept = Room((long)KeptPerSample * capacity, layer);
        Shared = Room(layer.CallSharedPerBatch(Input.Shape), layer);
    }

    private static double[] Room(long values, Layer layer) => values switch
    {
        0 => [],
        > 0 when values <= Array.MaxLength => new double[values],
        _ => throw UserCode.Refusal(FormattableString.Invariant(
            $"{layer.Name} asks for room to keep {values} values for the way back; 0 to {Array.MaxLength} can be had.")),
    };
}
