namespace NeuralNet.Kernels;

/// <summary>The sizes of the self-attention within one sample.</summary>
/// <param name="Steps">T, the number of steps.</param>
/// <param name="Size">n, the number of values of a step, a multiple of the heads.</param>
/// <param name="Heads">The number of heads, each of which takes the next n / heads columns.</param>
/// <param name="IsCausal">Whether a step attends to itself and those before it only.</param>
internal readonly record struct AttentionShape(int Steps, int Size, int Heads, bool IsCausal)
{
    /// <summary>d, the number of columns of one head.</summary>
    public int HeadSize => Size / Heads;

    /// <summary>The number of values of all queries, of all keys, or of all values.</summary>
    public int Values => Steps * Size;

    /// <summary>The number of one head's weights, one for each pair of steps.</summary>
    public int HeadWeights => Steps * Steps;

    /// <summary>Where queries (0), keys (1) and values (2) are in the columns of all three.</summary>
    public Range Part(int part) => (part * Values)..((part + 1) * Values);

    /// <summary>Where a head's columns are in n columns.</summary>
    public Range ColumnsOf(int head) => (head * Steps * HeadSize)..((head + 1) * Steps * HeadSize);

    /// <summary>Where a head's weights are in those of all heads.</summary>
    public Range WeightsOf(int head) => (head * HeadWeights)..((head + 1) * HeadWeights);

    /// <summary>The first row that sees a column of the weights.</summary>
    public int FirstRow(int column) => IsCausal ? column : 0;
}
