namespace MnistApp;

/// <summary>What the command line asks for; null where it leaves the choice to the network.</summary>
internal sealed record Options
{
    public required Recipe Recipe { get; init; }

    public string? Data { get; init; }

    public bool Download { get; init; }

    public int? Samples { get; init; }

    public int? Epochs { get; init; }

    public double? LearningRate { get; init; }

    public int Seed { get; init; }

    public required string Output { get; init; }

    public string? Save { get; init; }

    public string? Checkpoint { get; init; }

    public bool Resume { get; init; }
}
