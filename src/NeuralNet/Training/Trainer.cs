using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>One call of Fit: epochs of mini-batches, and what is measured, watched and reported between them.</summary>
internal sealed class Trainer
{
    /// <summary>Multiply-adds of a batch's way forward below which threads do not pay.</summary>
    internal const long WorthSharing = 500_000;

    /// <summary>Samples that pass together where no layer has to see the whole batch: what they need of memory is bounded, however large a batch.</summary>
    private const int Together = 128;

    private readonly IReadOnlyList<Layer> _layers;
    private readonly Criterion _criterion;
    private readonly Predictor _predictor;
    private readonly FitOptions _options;
    private readonly bool _wholeEpochs;
    private readonly CancellationToken _cancellation;
    private readonly IReadOnlyList<Matrix<double>> _x, _y;
    private readonly (string Name, IReadOnlyList<Matrix<double>> Samples, int Count, Shape Shape)[] _given;
    private readonly int[] _training, _validation;
    private readonly int _seed;
    private readonly Snapshot _lastGood;
    private readonly EarlyStoppingWatch? _watch;
    private readonly List<EpochReport> _reports = [];

    /// <summary>Prepares training, from a checkpoint perhaps; what is wrong with the options is refused here, before anything changes.</summary>
    /// <param name="network">The network's parts.</param>
    /// <param name="data">Samples and targets, checked.</param>
    /// <param name="options">How to train.</param>
    /// <param name="wholeEpochs">Whether cancellation waits for the epoch's end, as in the article's Fit.</param>
    /// <param name="cancellation">Ends training early.</param>
    public Trainer(
        (IReadOnlyList<Layer> Layers, Criterion Criterion, Predictor Predictor, int? Seed) network,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) data,
        FitOptions options,
        bool wholeEpochs,
        CancellationToken cancellation)
    {
        (_layers, _criterion, _predictor, _) = network;
        (_x, _y) = data;
        (string Name, IReadOnlyList<Matrix<double>> Samples)[] given = [("xTrain", _x), ("yTrain", _y)];
        if (options.Validation is var (x, y))
        {
            given = [.. given, ("Validation.X", x), ("Validation.Y", y)];
        }

        _given = Array.ConvertAll(given, list => (list.Name, list.Samples, list.Samples.Count, Shape.Of(list.Samples[0])));
        (_options, _wholeEpochs, _cancellation) = (options, wholeEpochs, cancellation);
        var checkpoint = CheckpointFile.Open((_layers, _criterion, network.Seed), options, _x.Count);
        _seed = checkpoint?.Seed ?? options.Seed ?? Random.Shared.Next();
        InitialSeed = checkpoint is null ? network.Seed ?? _seed : checkpoint.InitialSeed;
        (_training, _validation) = Split();
        RequireWholeBatches();
        _watch = Watched(options) is { } stopping ? new EarlyStoppingWatch(stopping, _layers) : null;
        if (checkpoint is not null)
        {
            checkpoint.Restore(_layers, options.Optimizer, _watch);
            _reports.AddRange(checkpoint.Reports.Select(report => report with { Epochs = options.Epochs }));
        }

        _lastGood = new Snapshot(_layers);
    }

    /// <summary>The network's initial seed, which is that of its first training where nobody has said.</summary>
    public int? InitialSeed { get; }

    private int Batches => (_training.Length + _options.BatchSize - 1) / _options.BatchSize;

    public TrainingHistory Run()
    {
        using var team = MakeTeam();
        var update = new ParameterUpdate(_layers, _options.Optimizer, team);
        var pipeline = new Pipeline(_layers, Shape.Of(_x[0]), Capacity(), team);
        double initialRate = _options.Optimizer.LearningRate;
        update.ClearGradients();
        try
        {
            return Run(pipeline, update, initialRate);
        }
        finally
        {
            update.ClearGradients();
            _watch?.RestoreBest();
            if (_options.Schedule is not null)
            {
                _options.Optimizer.Rate = initialRate;
            }
        }
    }

    private TrainingHistory Run(Pipeline pipeline, ParameterUpdate update, double initialRate)
    {
        for (int epoch = _reports.Count + 1; ; epoch++)
        {
            if (_watch is { SeesTheEnd: true })
            {
                return End(StopReason.EarlyStopping, _watch.Message);
            }

            if (epoch > _options.Epochs)
            {
                return End(StopReason.EpochsCompleted, $"All {Text(_options.Epochs)} epochs were run.");
            }

            if (epoch > 1 && _cancellation.IsCancellationRequested)
            {
                return End(StopReason.Canceled, $"Canceled after epoch {Text(epoch - 1)} of {Text(_options.Epochs)}.");
            }

            long start = Stopwatch.GetTimestamp();
            RequireUnchanged();
            if (_options.Schedule is { } schedule)
            {
                _options.Optimizer.Rate = schedule.RateAt(epoch - 1, initialRate);
            }

            double rate = _options.Optimizer.LearningRate;
            var pass = new EpochPass(pipeline, update, _criterion, _options, _wholeEpochs ? default : _cancellation);
            TrainEpoch(pass, update, epoch);
            if (pass.Overflow is { } overflow)
            {
                string parameters = _watch?.RestoredEpoch is { } best ? $"of its best epoch, {Text(best)}" : "it had before that epoch";
                return End(
                    StopReason.NumericOverflow,
                    $"Numeric overflow in epoch {Text(epoch)}: {overflow}. The network has the parameters {parameters}. Try a smaller learning rate, or inputs scaled to about -1 to 1.");
            }

            if (pass.Canceled)
            {
                return End(StopReason.Canceled, $"Canceled in epoch {Text(epoch)} of {Text(_options.Epochs)}, after {Text(pass.Batches)} of its {Text(Batches)} batches.");
            }

            var report = Measure(new EpochReport(epoch, _options.Epochs, pass.Loss / _training.Length) { LearningRate = rate }, start);
            _reports.Add(report);
            Store(epoch, _watch?.FindsBest(report) ?? false);
            _options.Progress?.Report(report);
        }
    }

    private void Store(int epoch, bool best)
    {
        if (_options.Checkpoint is not { } checkpoint)
        {
            return;
        }

        var network = (_layers, _criterion, InitialSeed);
        if (best && checkpoint.KeepBest)
        {
            AtomicFile.Write(checkpoint.BestPath, ModelFile.Writer(network, checkpoint.Registry));
        }

        if (epoch % checkpoint.Every == 0 || epoch == _options.Epochs || _watch is { SeesTheEnd: true })
        {
            AtomicFile.Write(checkpoint.Path, CheckpointFile.Writer(network, _options, _seed, _x.Count, _reports, _watch));
        }
    }

    /// <summary>What tells the best epoch; null where nobody asks for it.</summary>
    internal static EarlyStopping? Watched(FitOptions options) =>
        options.EarlyStopping ?? (options.Checkpoint is { KeepBest: true } ? new EarlyStopping { Patience = int.MaxValue, RestoreBestWeights = false } : null);

    /// <summary>Goes through the samples once. Where that ends badly, by overflow or by a user's function that throws, the parameters are back where they were, and the optimizer starts anew.</summary>
    private void TrainEpoch(EpochPass pass, ParameterUpdate update, int epoch)
    {
        bool good = false;
        try
        {
            var random = SeededRandom.Of(_seed, epoch);
            int[] order = _options.Shuffle ? Array.ConvertAll(SeededRandom.Permutation(_training.Length, random), index => _training[index]) : _training;
            pass.Run(_x, _y, order, random, epoch);
            good = pass.Overflow is null && _lastGood.TryRenew();
            pass.Overflow ??= good ? null : $"a parameter was no longer finite after sample {Text(order[pass.Samples - 1])}";
        }
        finally
        {
            if (!good)
            {
                _lastGood.Restore();
                update.Forget();
            }
        }
    }

    private TrainingHistory End(StopReason reason, string message) => new(_reports.ToArray(), reason, message, _watch?.BestEpoch);

    private EpochReport Measure(EpochReport report, long start)
    {
        bool validate = _options.Validation is not null || _validation.Length > 0;
        if (validate || _options.Metrics.Count > 0)
        {
            RequireUnchanged();
            int[] measured = validate ? _validation : _training;
            var (x, y) = _options.Validation ?? (Pick(_x, measured), Pick(_y, measured));
            (Matrix<double>[] Outputs, double? MeanLoss) measure = validate
                ? _criterion.Measure(_predictor, x, y, _options.Threads)
                : (_predictor.Predict(x, _options.Threads), default(double?));
            report = report with
            {
                ValidationLoss = measure.MeanLoss,
                Metrics = new Evaluation(0, _options.Metrics.Select(metric => (metric, metric.Of(y, measure.Outputs)))).Metrics,
            };
        }

        return report with { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
    }

    private void RequireUnchanged()
    {
        foreach (var (name, samples, count, shape) in _given)
        {
            Samples.RequireUnchanged(name, samples, count, shape);
        }
    }

    private static Matrix<double>[] Pick(IReadOnlyList<Matrix<double>> from, int[] indices) => Array.ConvertAll(indices, index => from[index]);

    private (int[] Training, int[] Validation) Split()
    {
        int all = _x.Count;
        if (_options.ValidationSplit == 0)
        {
            return ([.. Enumerable.Range(0, all)], []);
        }

        int validation = Math.Clamp((int)Math.Round(all * _options.ValidationSplit), 1, all - 1);
        int[] order = SeededRandom.Permutation(all, SeededRandom.Of(_seed, 0));
        return ([.. order[validation..].Order()], [.. order[..validation].Order()]);
    }

    /// <summary>A layer that has to see the whole batch needs one large enough, and no layer that changes within it.</summary>
    private void RequireWholeBatches()
    {
        int last = _training.Length % _options.BatchSize is > 0 and int rest ? rest : Math.Min(_options.BatchSize, _training.Length);
        foreach (var whole in _layers.OfType<IWholeBatchLayer>())
        {
            whole.RequireBatch(last);
            if (_layers.FirstOrDefault(layer => layer is not (IBatchLayer or TrainableLayer)) is { } own)
            {
                throw new InvalidOperationException(
                    $"{((Layer)whole).Name} needs the whole mini-batch at once, but {own.Name} takes one sample at a time and updates itself after each. Make {own.Name} a TrainableLayer, or leave {((Layer)whole).Name} out.");
            }
        }
    }

    /// <summary>A layer of a user's that updates itself takes sample by sample, and one that does not remembers one sample only.</summary>
    private int Capacity()
    {
        int batch = Math.Min(_options.BatchSize, _training.Length);
        bool whole = _layers.Any(layer => layer is IWholeBatchLayer);
        bool own = _layers.Any(layer => layer is not IBatchLayer);
        return whole ? batch : own ? 1 : Batch.Capacity(_layers, Shape.Of(_x[0]), Math.Min(batch, Together));
    }

    private Team? MakeTeam()
    {
        long work = _layers.OfType<IBatchLayer>().Sum(layer => layer.Work) * Math.Min(_options.BatchSize, _training.Length);
        bool pays = _options.BatchSize > 1 && work >= WorthSharing && _layers.All(layer => layer is IBatchLayer { CallsUser: false });

        // Each thread of a team has to come for each part of a batch: beyond the processors they wait for one another.
        int threads = Math.Min(_options.Threads, 2 * Environment.ProcessorCount);
        return pays && threads > 1 ? new Team(threads) : null;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
