using MathNet.Numerics.LinearAlgebra;
using NeuralNet;
using NeuralNet.Data;

namespace MnistApp;

/// <summary>A network of this application, and how it is trained where the command line does not say otherwise.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Make">Makes it, its weights drawn from a generator.</param>
internal sealed record Recipe(string Name, Func<Random, Network> Make)
{
    public static IReadOnlyList<Recipe> All { get; } =
    [
        new("fc", Networks.FullyConnected) { IsArticle = true, ArticleEpochs = 35 },
        new("conv", Networks.Convolutional) { IsArticle = true, ArticleEpochs = 100, TakesImages = true },
        new("mlp", Networks.Mlp),
        new("lenet", Networks.LeNet) { TakesImages = true },
    ];

    /// <summary>Whether it is trained as in the article: after each sample, in order. The others are, by mini-batches, with Adam.</summary>
    public bool IsArticle { get; private init; }

    /// <summary>What its loss is called in a picture.</summary>
    public string Loss => IsArticle ? "mean squared error" : "cross-entropy, nats";

    public double LearningRate => IsArticle ? 0.1 : 0.001;

    private int ArticleEpochs { get; init; }

    private bool TakesImages { get; init; }

    /// <summary>The digits as the network takes them.</summary>
    public IReadOnlyList<Matrix<double>> X(MnistSet digits) => TakesImages ? digits.Images : digits.Rows;

    public int Samples(int all) => IsArticle ? Math.Min(1000, all) : all;

    public int Epochs(int samples) => IsArticle ? ArticleEpochs : samples >= 20_000 ? 5 : 10;

    /// <summary>The part of the options that is the network's own.</summary>
    public (int BatchSize, Optimizer Optimizer, Schedule Schedule, bool Shuffle) Way(int epochs, double learningRate) => IsArticle
        ? (1, new Sgd(learningRate), Schedule.Constant, false)
        : (32, new Adam(learningRate), Schedule.Cosine(epochs), true);
}
