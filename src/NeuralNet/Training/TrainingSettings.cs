using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet.Training;

/// <summary>
/// What the bits of a training depend on besides the numbers that it learns: a checkpoint stores it, and is held against that of the
/// training that is to go on.
/// </summary>
internal sealed class TrainingSettings
{
    /// <summary>
    /// How many samples of a list are looked at: enough to tell another order or scale.
    /// </summary>
    private const int Probes = 16;

    public const string FrozenLayers = "list of frozen layers";

    private const string LearningRate = "learning rate";
    private const string L2Of = "L2 of ";

    private readonly (string Name, Func<double?> Get, Action<double?> Set)[] _numbers;
    private readonly OrderedDictionary<string, string> _fixed = [];
    private double? _scheduledRate;

    /// <param name="network">Layers and loss.</param>
    /// <param name="data">Samples and targets.</param>
    /// <param name="validation">Those to validate by, where they were given.</param>
    /// <param name="options">How to train.</param>
    /// <param name="seed">Where the random numbers of each epoch come from.</param>
    public TrainingSettings(
        NetworkParts network,
        (SampleList X, SampleList Y) data,
        (SampleList X, SampleList Y)? validation,
        FitOptions options,
        int seed)
    {
        var optimizer = options.Optimizer;
        _fixed.Add("loss", NameOf(network.Criterion, options.Checkpoint?.Registry));
        _fixed.Add(FrozenLayers, FrozenOf(network.Layers));
        _fixed.Add("seed", Text(seed));
        _fixed.Add("optimizer", optimizer.Kind);
        _fixed.Add("list of the optimizer's settings", List(optimizer.Settings.OfType<string>()));
        _fixed.Add("batch size", Text(options.BatchSize));
        _fixed.Add("DropLast", Switch(options.DropLast));
        _fixed.Add("fingerprint of the sample weights", Fingerprint(options.SampleWeights));
        _fixed.Add("fingerprint of the class weights", Fingerprint(options.ClassWeights));
        _fixed.Add("shuffle", Switch(options.Shuffle));
        _fixed.Add("schedule", options.Schedule?.ToString() ?? "none");
        _fixed.Add("validation", options.Validation is null && options.ValidationSplit == 0 ? "none" : "some");
        _fixed.Add("validation split", Text(options.ValidationSplit));
        string metrics = List(options.Metrics.Select(metric => metric.Name).Order(StringComparer.Ordinal));
        _fixed.Add("set of metrics", metrics);
        _fixed.Add("set of training metrics", options.TrainingMetrics ? metrics : "[]");
        AddBest(options);
        _fixed.Add("number of samples", Text(data.X.Count));
        AddSamples("xTrain", data.X);
        AddSamples("yTrain", data.Y);
        if (validation is var (x, y))
        {
            _fixed.Add("number of validation samples", Text(x.Count));
            AddSamples("Validation.X", x);
            AddSamples("Validation.Y", y);
        }

        _numbers =
        [
            (LearningRate, () => _scheduledRate ?? optimizer.LearningRate, value => SetRate(optimizer, value!.Value)),
            ("clip norm", () => optimizer.ClipNorm, value => optimizer.ClipNorm = value),
            ("clip value", () => optimizer.ClipValue, value => optimizer.ClipValue = value),
            .. L2s(network.Layers),
        ];
        Initial = Present;
        _scheduledRate = options.Schedule is null ? null : optimizer.LearningRate;
    }

    /// <summary>What stays the same during training.</summary>
    public IReadOnlyDictionary<string, string> Fixed => _fixed;

    /// <summary>The numbers that a callback may change, as they were before the first epoch.</summary>
    public Dictionary<string, double?> Initial { get; private set; }

    /// <summary>The same as they are now; a learning rate that follows a schedule is that which the schedule starts from.</summary>
    public Dictionary<string, double?> Present => _numbers.ToDictionary(number => number.Name, number => number.Get());

    /// <summary>The name of a loss.</summary>
    public static string NameOf(Criterion? criterion, LayerRegistry? registry) =>
        (criterion is null ? null : criterion.BuiltInName ?? registry?.NameOf(criterion)) ?? "none";

    /// <summary>The places of the layers that are not trainable.</summary>
    public static string FrozenOf(IReadOnlyList<Layer> layers) =>
        List(LayerTree.Leaves(layers).Where(leaf => leaf.Layer.IsFrozen).Select(leaf => leaf.Path));

    /// <summary>Whether numbers that a file has can be those of <see cref="Present"/>.</summary>
    public static bool AreLegal(IReadOnlyDictionary<string, double?> numbers) => numbers.All(number =>
        number.Value is { } value
            ? double.IsFinite(value) && (value > 0 || (value == 0 && number.Key.StartsWith(L2Of, StringComparison.Ordinal)))
            : number.Key.StartsWith("clip", StringComparison.Ordinal));

    /// <summary>What is not as it was, in words.</summary>
    /// <param name="stored">What was fixed, as far as it is known.</param>
    /// <param name="initial">The numbers before the first epoch; null where they are not known.</param>
    /// <param name="present">The numbers after the last epoch.</param>
    public IEnumerable<(string What, string Stored, string Given)> Differences(
        IReadOnlyDictionary<string, string> stored,
        IReadOnlyDictionary<string, double?>? initial,
        IReadOnlyDictionary<string, double?>? present)
    {
        foreach (var (what, given) in _fixed)
        {
            if (stored.TryGetValue(what, out string? was) && was != given)
            {
                yield return (what, was, given);
            }
        }

        foreach (var (what, get, _) in _numbers)
        {
            if (initial is not null && !IsKnown(what, get(), initial, present!))
            {
                var (first, last) = (initial.GetValueOrDefault(what), present!.GetValueOrDefault(what));
                yield return (what, first == last ? Text(first) : $"{Text(first)} at first and {Text(last)} at last", Text(get()));
            }
        }
    }

    /// <summary>Takes over what callbacks have changed, but for what is given anew.</summary>
    public void Resume(IReadOnlyDictionary<string, double?> initial, IReadOnlyDictionary<string, double?> present)
    {
        var now = Present;
        foreach (var (what, _, set) in _numbers.Where(number => IsKnown(number.Name, now[number.Name], initial, present)))
        {
            set(present[what]);
            Initial[what] = initial[what];
        }
    }

    private static bool IsKnown(
        string what, double? given, IReadOnlyDictionary<string, double?> initial, IReadOnlyDictionary<string, double?> present) =>
        initial.TryGetValue(what, out double? first) && present.TryGetValue(what, out double? last) && (given == first || given == last);

    private static IEnumerable<(string Name, Func<double?> Get, Action<double?> Set)> L2s(IReadOnlyList<Layer> layers) =>
        LayerTree.Parameters(layers).Zip(TensorValues.OfParameters(layers), (parameter, tensor) =>
            (L2Of + tensor.Name, new Func<double?>(() => parameter.L2), new Action<double?>(value => parameter.L2 = value!.Value)));

    private void SetRate(Optimizer optimizer, double rate)
    {
        optimizer.LearningRate = rate;
        _scheduledRate = _scheduledRate is null ? null : rate;
    }

    private void AddBest(FitOptions options)
    {
        _fixed.Add("early stopping", options.EarlyStopping is null ? "none" : "some");
        _fixed.Add("restoring of the best weights", Switch(options.EarlyStopping is { RestoreBestWeights: true }));
        _fixed.Add("KeepBest", Switch(options.Checkpoint is { KeepBest: true }));
        if (options.EarlyStopping is { } stopping)
        {
            _fixed.Add("patience of early stopping", Text(stopping.Patience));
            _fixed.Add("minimum change of early stopping", Text(stopping.MinChange));
        }

        if (EarlyStoppingMonitor.RuleOf(options) is { } watched)
        {
            _fixed.Add("measure of the best epoch", EarlyStoppingMonitor.NameOf(watched, _fixed["validation"] != "none"));
            _fixed.Add("better side of that measure", watched.Monitor is { HigherIsBetter: true } ? "the higher" : "the lower");
        }
    }

    private void AddSamples(string name, SampleList samples)
    {
        string shape = samples.Shape.ToString();
        _fixed.Add($"shape of {name}", shape);

        // A list that makes its samples when it is asked for them is asked once an epoch; and they may be others each time.
        if (samples.StoresSamples)
        {
            _fixed.Add($"fingerprint of {name} ({Text(samples.Count)} of {shape})", Fingerprint(samples));
        }
    }

    private static string Fingerprint(SampleList samples)
    {
        ulong hash = 0;
        int probes = Math.Min(Probes, samples.Count);
        for (int probe = 0; probe < probes; probe++)
        {
            long last = samples.Count - 1;
            hash = Hash.Add(hash, samples[(int)(last * probe / Math.Max(probes - 1, 1))]?.Values() ?? []);
        }

        return Hash.Mix(hash).ToString("x16", CultureInfo.InvariantCulture);
    }

    private static string Fingerprint(IReadOnlyList<double>? weights) =>
        weights is null ? "none" : Hash.Mix(Hash.Add(0, (double[])weights)).ToString("x16", CultureInfo.InvariantCulture);

    private static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts)}]";

    private static string Switch(bool on) => on ? "on" : "off";

    private static string Text(double? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "none";
}
