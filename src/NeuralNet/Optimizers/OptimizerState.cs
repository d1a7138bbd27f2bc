namespace NeuralNet;

/// <summary>What an optimizer keeps for one parameter.</summary>
/// <param name="values">Arrays of one number for each of the parameter's values, column-major as they are; the optimizer says which.</param>
internal sealed class OptimizerState(double[][] values)
{
    /// <summary>The updates so far, the one that has begun among them.</summary>
    public long Steps { get; set; }

    public double[][] Values { get; } = values;
}
