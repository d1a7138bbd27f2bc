using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet;

const int Window = 128, Size = 64, Heads = 4;
const double Temperature = 0.8;
const string Usage = "samples/Shakespeare expects --epochs and --characters, each with a whole number of 1 or more";
var (epochs, characters) = (4, int.MaxValue);
foreach (string[] option in args.Chunk(2))                                                      // such as --epochs 4
{
    int number = 0;
    if (option is not ["--epochs" or "--characters", var word]
        || !int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number == 0)
    {
        Console.Error.WriteLine($"{Usage}, but got {string.Join(' ', option)}.");
        return 1;
    }

    (epochs, characters) = option[0] == "--epochs" ? (number, characters) : (epochs, number);
}

// The first nine tenths of the plays to train on, or less, and the last tenth to test on; see README.md.
string plays = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "tinyshakespeare.txt"));
string alphabet = new([.. plays.Distinct().Order()]);                                           // 65 characters
string train = plays[..Math.Max(Window + 1, Math.Min(characters, plays.Length * 9 / 10))];
string test = plays[(plays.Length * 9 / 10)..];
Console.WriteLine($"{train.Length} characters to train on, {test.Length} to test on, {alphabet.Length} different ones\n");

// Windows of 128 characters, 128 x 1, and for each character the one that follows, one-hot, 128 x 65: made when they are asked for.
(OnDemand X, OnDemand Y) WindowsOf(string text) => (
    new((text.Length - 1) / Window, i => Matrix<double>.Build.Dense(Window, 1, (step, _) => Code(text[(i * Window) + step]))),
    new((text.Length - 1) / Window, i =>
        Matrix<double>.Build.Dense(Window, alphabet.Length, (step, c) => c == Code(text[(i * Window) + step + 1]) ? 1 : 0)));

int Code(char character) => alphabet.IndexOf(character);

// networks
var gru = Train("GRU", 0.003, new Network { InitialSeed = 1 }
    .Add(new EmbeddingLayer(alphabet.Length, 32))                                               // T x 1   ->  T x 32
    .Add(new GruLayer(32, 128, returnSequences: true))                                          // T x 32  ->  T x 128
    .Add(new FCLayer(128, alphabet.Length, Initializer.GlorotUniform)));                        // T x 128 ->  T x 65
var transformer = Train("Transformer", 0.006, new Network { InitialSeed = 1 }
    .Add(new EmbeddingLayer(alphabet.Length, Size))                                             // T x 1   ->  T x 64
    .Add(PositionalEncodingLayer.Sinusoidal(Size))
    .Add(Attention()).Add(FeedForward())
    .Add(Attention()).Add(FeedForward())
    .Add(new LayerNormLayer(Size))
    .Add(new FCLayer(Size, alphabet.Length, Initializer.GlorotUniform)));                       // T x 64  ->  T x 65

static ResidualLayer Attention() => new([new LayerNormLayer(Size), new SelfAttentionLayer(Size, Heads, causal: true)]);

static ResidualLayer FeedForward() => new(
[
    new LayerNormLayer(Size),
    new FCLayer(Size, 4 * Size, Initializer.HeUniform),
    new ActivationLayer(ActivationFunction.Relu),
    new FCLayer(4 * Size, Size, Initializer.GlorotUniform),
]);

Network Train(string name, double learningRate, Network net)
{
    var (x, y) = WindowsOf(train);
    Console.WriteLine(name);
    net.Use(LossFunction.SoftmaxCrossEntropy).Fit(x, y, new FitOptions
    {
        Epochs = epochs,
        BatchSize = 8,
        Optimizer = new Adam(learningRate) { ClipNorm = 1 },
        Schedule = Schedule.Cosine(epochs, learningRate / 10),
        Shuffle = true,
        Seed = 1,
        Progress = new SynchronousProgress<EpochReport>(Console.WriteLine),
        BatchProgress = new SynchronousProgress<BatchReport>(report =>
        {
            if (report.Batch % 100 == 0)
            {
                Console.WriteLine(report);
            }
        }),
    });
    Console.WriteLine();
    return net;
}

// n-grams, each smoothed by the shorter ones (Witten and Bell, 1991): how often each character came after up to 4 others
var counts = new Dictionary<string, int[]>();
for (int end = 0; end < train.Length; end++)
{
    for (int start = end; start >= Math.Max(0, end - 4); start--)
    {
        ref int[]? after = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, train[start..end], out _);
        (after ??= new int[alphabet.Length])[Code(train[end])]++;
    }
}

double Probability(string context, int next)
{
    double shorter = context == "" ? 1.0 / alphabet.Length : Probability(context[1..], next);
    if (!counts.TryGetValue(context, out int[]? after))
    {
        return shorter;
    }

    int different = after.Count(count => count > 0);
    return (after[next] + (different * shorter)) / (after.Sum() + different);
}

double NGramPerplexity(int n) => Math.Exp(-Enumerable.Range(1, test.Length - 1)
    .Average(i => Math.Log(Probability(test[Math.Max(0, i - n + 1)..i], Code(test[i])))));

double Perplexity(Network net)
{
    var (x, y) = WindowsOf(test);
    return Math.Exp(net.Evaluate(x, y).Loss);
}

Console.WriteLine("Perplexity on the text to test on:");
foreach (var (name, perplexity) in (ReadOnlySpan<(string, double)>)
[
    ("bigrams", NGramPerplexity(2)), ("trigrams", NGramPerplexity(3)), ("4-grams", NGramPerplexity(4)), ("5-grams", NGramPerplexity(5)),
    ("GRU", Perplexity(gru)), ("Transformer", Perplexity(transformer)),
])
{
    Console.WriteLine(FormattableString.Invariant($"{name,-12} {perplexity,6:F2}"));
}

foreach (var (name, net) in (ReadOnlySpan<(string, Network)>)[("GRU", gru), ("Transformer", transformer)])
{
    Console.WriteLine(FormattableString.Invariant($"\n{name} writes, at a temperature of {Temperature}:\n\n{Write(net, "ROMEO:\n", 400)}"));
}

// Goes on with a text, character by character: each is drawn by its probability, of which a low temperature makes the likely more likely.
string Write(Network net, string text, int length)
{
    var random = new Xoshiro256StarStar(1);
    var stream = net.Stream();
    int next = 0;
    while (text.Length < length)
    {
        // The networks were trained on windows: after one, the stream starts anew with the last half of it.
        if (text.Length % (Window / 2) == 0 && text.Length >= Window)
        {
            stream.Reset();
            next = text.Length - (Window / 2);
        }

        double[] logits = [];
        for (; next < text.Length; next++)
        {
            logits = stream.Next([Code(text[next])]).ToArray();
        }

        double greatest = logits.Max();
        text += alphabet[Categorical.Sample(random, [.. logits.Select(logit => Math.Exp((logit - greatest) / Temperature))])];
    }

    return text;
}

return 0;

/// <summary>A list whose items are made when they are read.</summary>
internal sealed class OnDemand(int count, Func<int, Matrix<double>> make) : IReadOnlyList<Matrix<double>>
{
    public int Count => count;

    public Matrix<double> this[int index] => make(index);

    public IEnumerator<Matrix<double>> GetEnumerator() => Enumerable.Range(0, count).Select(make).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
