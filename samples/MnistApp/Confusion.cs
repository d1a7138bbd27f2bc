namespace MnistApp;

/// <summary>What a network took each digit for.</summary>
internal sealed class Confusion
{
    private readonly int[,] _counts = new int[10, 10];

    /// <summary>Counts guesses against labels, in the same order.</summary>
    public Confusion(IReadOnlyList<int> guesses, IReadOnlyList<int> labels)
    {
        Wrong = [.. Enumerable.Range(0, labels.Count).Where(i => guesses[i] != labels[i]).Select(i => (i, labels[i], guesses[i]))];
        Count = labels.Count;
        foreach (var (guess, label) in guesses.Zip(labels))
        {
            _counts[label, guess]++;
        }
    }

    /// <summary>How many digits there are.</summary>
    public int Count { get; }

    /// <summary>The digits that were taken for others: where they are, what they are, and what they were taken for.</summary>
    public IReadOnlyList<(int Index, int True, int Predicted)> Wrong { get; }

    /// <summary>Prints the accuracy and the table.</summary>
    public void Print()
    {
        int right = Count - Wrong.Count;
        Console.WriteLine(FormattableString.Invariant($"\ntest accuracy {(double)right / Count:P2} ({right} of {Count})"));
        Console.WriteLine("\n true |    0    1    2    3    4    5    6    7    8    9  <- predicted");
        for (int digit = 0; digit < 10; digit++)
        {
            Console.WriteLine($"{digit,5} |{string.Concat(Enumerable.Range(0, 10).Select(guess => $"{_counts[digit, guess],5}"))}");
        }
    }
}
