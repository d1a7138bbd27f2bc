namespace NeuralNet;

/// <summary>What one layer works on when a batch passes through it forward and back: the samples' X, Y, dE/dY and dE/dX.</summary>
internal sealed class LayerPass
{
    public Batch Input { get; set; }

    public Batch Output { get; set; }

    public Batch OutputError { get; set; }

    /// <summary>Where dE/dX goes; empty where nobody reads it.</summary>
    public Batch InputError { get; set; }
}
