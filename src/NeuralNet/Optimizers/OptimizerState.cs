namespace NeuralNet.Optimizers;

/// <summary>What an optimizer keeps for one parameter.</summary>
internal sealed class OptimizerState
{
    /// <param name="arrays">How many numbers are kept for each value.</param>
    /// <param name="length">How many values the parameter has.</param>
    /// <param name="initial">What the numbers begin as.</param>
    public OptimizerState(int arrays, int length, double initial = 0)
    {
        Values = new double[arrays][];
        for (int i = 0; i < arrays; i++)
        {
            Values[i] = new double[length];
            Array.Fill(Values[i], initial);
        }
    }

    /// <summary>The updates so far, the one that has begun among them.</summary>
    public long Steps { get; set; }

    /// <summary>Arrays of one number for each of the parameter's values, column-major as they are; the optimizer says which.</summary>
    public double[][] Values { get; }
}
