using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Models;

namespace NeuralNet.Training;

/// <summary>One call of Fit: epochs of mini-batches, and what is measured, watched and reported between them.</summary>
internal sealed class Trainer
{
    /// <summary>Multiply-adds of a batch's way forward below which threads cannot pay, and are not even tried.</summary>
    internal const long WorthSharing = 100_000;

    /// <summary>Samples that pass together where no layer has to see the whole batch: what they need of memory is bounded, however large a batch.</summary>
    private const int Together = 128;

    private const string NotBegun = "Canceled before training began.";

    private readonly NetworkParts _network;
    private readonly IReadOnlyList<Layer> _layers;
    private readonly Criterion _criterion;
    private readonly Predictor _predictor;
    private readonly FitOptions _options;
    private readonly bool _wholeEpochs;
    private readonly CancellationToken _cancellation;
    private readonly SampleList _x, _y;
    private readonly (SampleList X, SampleList Y)? _given;
    private readonly int[] _training, _validation;
    private readonly int _seed;
    private readonly Snapshot _lastGood;
    private readonly EarlyStoppingMonitor? _monitor;
    private readonly List<EpochReport> _reports = [];
    private readonly TrainingSettings? _settings;

    /// <summary>Writes the checkpoint of the last whole epoch, where it is not in the file yet.</summary>
    private Action<Stream>? _unstored;

    /// <summary>The parameters from before all, while a sample may still be refused.</summary>
    private Snapshot? _before;

    /// <summary>Prepares training, from a checkpoint perhaps; what is wrong with the options is refused here, before anything changes.</summary>
    /// <param name="network">The network's parts, a loss among them.</param>
    /// <param name="predictor">What predicts with its layers.</param>
    /// <param name="data">Samples and targets.</param>
    /// <param name="validation">Those to validate by, where they were given.</param>
    /// <param name="options">How to train.</param>
    /// <param name="wholeEpochs">Whether cancellation waits for the epoch's end, as in the article's Fit.</param>
    /// <param name="cancellation">Ends training early.</param>
    public Trainer(
        NetworkParts network,
        Predictor predictor,
        (SampleList X, SampleList Y) data,
        (SampleList X, SampleList Y)? validation,
        FitOptions options,
        bool wholeEpochs,
        CancellationToken cancellation)
    {
        (_network, _layers, _criterion, _predictor) = (network, network.Layers, network.Criterion!, predictor);
        ((_x, _y), _given) = (data, validation);
        (_options, _wholeEpochs, _cancellation) = (options, wholeEpochs, cancellation);
        var checkpoint = CheckpointFile.Open(network, options);
        _seed = options.Seed ?? checkpoint?.Seed ?? Random.Shared.Next();
        _settings = options.Checkpoint is null ? null : new TrainingSettings(network, data, validation, options, _seed);
        checkpoint?.RequireSame(_layers, _settings!, options);
        InitialSeed = checkpoint is null ? network.InitialSeed : checkpoint.InitialSeed;
        (_training, _validation) = Split();
        RequireWholeBatches();
        _before = Lists.All(list => list.StoresSamples) ? null : new Snapshot(_layers);
        if (MeasuresTraining)
        {
            _x.KeepLastRead();
            _y.KeepLastRead();
        }

        _monitor = EarlyStoppingMonitor.RuleOf(options) is { } stopping ? new EarlyStoppingMonitor(stopping, _layers) : null;
        WasCanceled = cancellation.IsCancellationRequested;
        if (checkpoint is not null && !WasCanceled)
        {
            checkpoint.Restore(_layers, _settings!, options.Optimizer, EarlyStoppingMonitor.RuleOf(options), _monitor);
            _reports.AddRange(checkpoint.Reports.Select(report => report with { Epochs = options.Epochs }));
        }

        _lastGood = new Snapshot(_layers);
    }

    /// <summary>The seed of the network's initial weights: that of the checkpoint's network, where its weights are gone on with.</summary>
    public int? InitialSeed { get; }

    /// <summary>Whether cancellation came before training: then nothing changes.</summary>
    public bool WasCanceled { get; }

    /// <summary>
    /// Whether a sample could not be read, or was refused, before the first epoch had been measured: all is as if Fit had not been
    /// called.
    /// </summary>
    public bool Refused => _before is not null && Lists.Any(list => list.Failed);

    private IEnumerable<SampleList> Lists => _given is var (x, y) ? [_x, _y, x, y] : [_x, _y];

    private bool Validates => _given is not null || _validation.Length > 0;

    private bool MeasuresTraining => _options.Metrics.Count > 0 && (!Validates || _options.TrainingMetrics);

    private int Batches => (_training.Length + _options.BatchSize - 1) / _options.BatchSize;

    public TrainingHistory Run()
    {
        if (WasCanceled)
        {
            return new TrainingHistory([], StopReason.Canceled, NotBegun);
        }

        using var team = MakeTeam();
        var update = new ParameterUpdate(_layers, _options.Optimizer, team);
        var runner = new BatchRunner(_layers, _x.Shape, Capacity(), team, stored: _options.Checkpoint is not null);
        double initialRate = _options.Optimizer.LearningRate;
        update.ClearGradients();
        try
        {
            var history = Run(runner, update, team, initialRate);
            Store();
            return history;
        }
        catch
        {
            StoreIfPossible();
            throw;
        }
        finally
        {
            update.ClearGradients();
            _monitor?.RestoreBest();
            if (_options.Schedule is not null)
            {
                _options.Optimizer.Rate = initialRate;
            }

            if (Refused)
            {
                _before!.Restore();
                update.ResetOptimizer();
            }
        }
    }

    private TrainingHistory Run(BatchRunner runner, ParameterUpdate update, Team? team, double initialRate)
    {
        for (int epoch = _reports.Count + 1; ; epoch++)
        {
            if (_monitor is { IsExhausted: true })
            {
                return End(StopReason.EarlyStopping, _monitor.Message);
            }

            if (epoch > _options.Epochs)
            {
                return End(StopReason.EpochsCompleted, $"All {Text(_options.Epochs)} epochs were run.");
            }

            if (_cancellation.IsCancellationRequested)
            {
                string canceled = epoch == 1 ? NotBegun : $"Canceled after epoch {Text(epoch - 1)} of {Text(_options.Epochs)}.";
                return End(StopReason.Canceled, canceled);
            }

            long start = Stopwatch.GetTimestamp();
            if (_options.Schedule is { } schedule)
            {
                _options.Optimizer.Rate = schedule.RateAt(epoch - 1, initialRate);
            }

            double rate = _options.Optimizer.LearningRate;
            var pass = new TrainingEpoch(runner, update, team, _criterion, _options, _wholeEpochs ? default : _cancellation);
            TrainEpoch(pass, update, epoch);
            if (pass.Overflow is { } overflow)
            {
                string parameters = _monitor?.RestoredEpoch is { } best ? $"of its best epoch, {Text(best)}" : "it had before that epoch";
                return End(
                    StopReason.NumericOverflow,
                    $"Numeric overflow in epoch {Text(epoch)}: {overflow}. The network has the parameters {parameters}. Try a smaller learning rate, or inputs scaled to about -1 to 1.");
            }

            if (pass.Canceled)
            {
                return End(StopReason.Canceled, $"Canceled in epoch {Text(epoch)} of {Text(_options.Epochs)}, after {Text(pass.Batches)} of its {Text(Batches)} batches.");
            }

            var report = Measure(new EpochReport(epoch, _options.Epochs, pass.Loss / _training.Length) { LearningRate = rate }, start);
            _before = null;
            _reports.Add(report);
            bool isBest = _monitor?.Observe(report) ?? false;
            if (isBest && _options.Checkpoint is { KeepBest: true } checkpoint)
            {
                AtomicFile.Write(checkpoint.BestPath, ModelFile.Writer(_network with { InitialSeed = InitialSeed }, checkpoint.Registry));
            }

            Tell(report);
        }
    }

    /// <summary>Tells of an epoch, and then stores it: what the one who is told changes is part of where training goes on from.</summary>
    private void Tell(EpochReport report)
    {
        bool now = _options.Checkpoint is { Every: var every } && report.Epoch % every == 0;
        try
        {
            _options.Progress?.Report(report);
        }
        finally
        {
            _unstored = _options.Checkpoint is null
                ? null
                : CheckpointFile.Writer(
                    _network with { InitialSeed = InitialSeed }, _options, (_seed, _x.Count, _settings!), _reports, _monitor, later: !now);
        }

        if (now)
        {
            Store();
        }
    }

    private void Store()
    {
        if (_unstored is { } writer)
        {
            _unstored = null;
            AtomicFile.Write(_options.Checkpoint!.Path, writer);
        }
    }

    /// <summary>Where training ends by an exception, that one is for the caller to see.</summary>
    private void StoreIfPossible()
    {
        try
        {
            Store();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Goes through the samples once. Where that ends badly, by overflow or by a user's function that throws, the parameters are back where they were, and the optimizer starts anew.</summary>
    private void TrainEpoch(TrainingEpoch pass, ParameterUpdate update, int epoch)
    {
        bool good = false;
        try
        {
            var random = SeededRandom.Of(_seed, epoch);
            int[] order = _options.Shuffle ? Array.ConvertAll(SeededRandom.Permutation(_training.Length, random), index => _training[index]) : _training;
            pass.Run(_x, _y, order, random, epoch);
            if (pass.Overflow is null)
            {
                string? overflow = update.FindOverflow() ?? _lastGood.TryRenew();
                pass.Overflow = overflow is null ? null : $"{overflow} after sample {Text(order[pass.Samples - 1])}";
            }

            good = pass.Overflow is null;
        }
        finally
        {
            if (!good)
            {
                _lastGood.Restore();
                update.ResetOptimizer();
            }
        }
    }

    private TrainingHistory End(StopReason reason, string message) =>
        new(_reports.ToArray(), reason, message, _monitor?.BestEpoch) { Seed = _seed };

    private EpochReport Measure(EpochReport report, long start)
    {
        if (Validates)
        {
            var (x, y) = _given is var (givenX, givenY)
                ? (givenX, givenY.ToArray())
                : ((IReadOnlyList<Matrix<double>>)_x.Pick(_validation), _y.Pick(_validation));
            var (predictions, loss) = _criterion.Measure(_predictor, x, y, _options.Threads);
            _before = null;
            report = report with { ValidationLoss = loss, Metrics = MetricsOf(y, predictions) };
        }

        if (MeasuresTraining)
        {
            var metrics = MetricsOf(_y.LastRead(_training), _predictor.Predict(_x.LastRead(_training), _options.Threads));
            report = report with
            {
                Metrics = Validates ? report.Metrics : metrics,
                TrainingMetrics = _options.TrainingMetrics ? metrics : report.TrainingMetrics,
            };
        }

        return report with { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
    }

    private IReadOnlyDictionary<string, double> MetricsOf(IReadOnlyList<Matrix<double>> y, IReadOnlyList<Matrix<double>> predictions) =>
        new Evaluation(null, _options.Metrics.Select(metric => (metric, metric.Of(y, predictions)))).Metrics;

    /// <summary>How many of the samples a split takes for validation: one at least, and one is left.</summary>
    internal static int ValidationCount(int samples, double split) => Math.Clamp((int)Math.Round(samples * split), 1, samples - 1);

    private (int[] Training, int[] Validation) Split()
    {
        int all = _x.Count;
        if (_options.ValidationSplit == 0)
        {
            return ([.. Enumerable.Range(0, all)], []);
        }

        int validation = ValidationCount(all, _options.ValidationSplit);
        int[] order = SeededRandom.Permutation(all, SeededRandom.Of(_seed, 0));
        return ([.. order[validation..].Order()], [.. order[..validation].Order()]);
    }

    /// <summary>A layer that has to see the whole batch needs one large enough, and no layer that changes within it.</summary>
    private void RequireWholeBatches()
    {
        int last = _training.Length % _options.BatchSize is > 0 and int rest ? rest : Math.Min(_options.BatchSize, _training.Length);
        var leaves = LayerTree.Leaves(_layers).Select(leaf => leaf.Layer).ToArray();
        foreach (var layer in leaves.OfType<BatchLayer>())
        {
            layer.CallCheckBatch(last);
        }

        if (leaves.FirstOrDefault(layer => layer is BatchLayer { SeesWholeBatch: true }) is { } whole
            && leaves.FirstOrDefault(layer => layer is not TrainableLayer) is { } own)
        {
            throw new InvalidOperationException(
                $"{whole.Name} needs the whole mini-batch at once, but {own.Name} takes one sample at a time and updates itself after each. " +
                $"Make {own.Name} a TrainableLayer, or leave {whole.Name} out.");
        }
    }

    /// <summary>A layer of the article's that updates itself takes sample by sample, and one that does not remembers one sample only.</summary>
    private int Capacity()
    {
        int batch = Math.Min(_options.BatchSize, _training.Length);
        var leaves = LayerTree.Leaves(_layers).Select(leaf => leaf.Layer).ToArray();
        bool whole = leaves.Any(layer => layer is BatchLayer { SeesWholeBatch: true });
        bool own = leaves.Any(layer => layer is not BatchLayer);
        return whole ? batch : own ? 1 : Batch.Capacity(_layers, _x.Shape, Math.Min(batch, Together));
    }

    private Team? MakeTeam()
    {
        long work = LayerTree.MultiplyAdds(_layers, _x.Shape) * Math.Min(_options.BatchSize, _training.Length);
        bool pays = _options.BatchSize > 1 && work >= WorthSharing && LayerTree.Leaves(_layers).All(leaf => leaf.Layer is BatchLayer { NeedsCallingThread: false });

        // Each thread of a team has to come for each part of a batch: beyond the processors they wait for one another.
        int threads = Math.Min(_options.Threads, 2 * Environment.ProcessorCount);
        return pays && threads > 1 ? new Team(threads, _options.ThreadsOfStep) : null;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
