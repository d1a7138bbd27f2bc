namespace NeuralNet;

/// <summary>What one layer works on when a batch passes through it forward and back: the samples' X, Y, dE/dY and dE/dX.</summary>
internal sealed class LayerPass
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

    /// <summary>The place of the pass' first sample in the mini-batch, which may go through in several passes.</summary>
    public int First { get; set; }

    /// <summary>What the random numbers of the mini-batch are made from.</summary>
    public long Seed { get; set; }

    /// <summary>The step of a layer that updates itself, as the article's do.</summary>
    public double LearningRate { get; set; }

    /// <summary>What the layer keeps from the way there for the way back.</summary>
    public double[][] Kept { get; set; } = [];
}
