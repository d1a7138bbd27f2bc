using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Models;

namespace NeuralNet.Training;

/// <summary>One call of Fit: epochs of mini-batches, and what is measured, watched and reported between them.</summary>
internal sealed class Trainer
{
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
    private readonly BatchPlan _plan;
    private readonly SampleWeighting? _weighting;
    private readonly int _seed;
    private readonly Snapshot _lastGood;
    private readonly EarlyStoppingMonitor? _monitor;
    private readonly List<EpochReport> _reports = [];
    private readonly CheckpointStore? _store;

    /// <summary>The parameters from before all, while a sample may still be refused.</summary>
    private Snapshot? _before;

    /// <summary>
    /// Prepares training, from a checkpoint perhaps; what is wrong with the options is refused here, before anything changes.
    /// </summary>
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
        var settings = options.Checkpoint is null ? null : new TrainingSettings(network, data, validation, options, _seed);
        checkpoint?.RequireSame(_layers, settings!, options);
        _store = settings is null ? null : new CheckpointStore(options, (_seed, _x.Count, settings));
        InitialSeed = checkpoint is null ? network.InitialSeed : checkpoint.InitialSeed;
        (_training, _validation) = ValidationSplit.Of(_x.Count, options.ValidationSplit, _seed);
        _plan = new BatchPlan(_layers, _x.Shape, Math.Min(options.BatchSize, _training.Length));
        _plan.RequireWholeBatches(_training.Length, options.DropLast);
        _weighting = SampleWeighting.Of(options.SampleWeights, options.ClassWeights, _x.Count, _y.Shape);
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
            checkpoint.Restore(_layers, settings!, options.Optimizer, EarlyStoppingMonitor.RuleOf(options), _monitor);
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

    private int Batches => _options.DropLast && _training.Length >= _options.BatchSize
        ? _training.Length / _options.BatchSize
        : (_training.Length + _options.BatchSize - 1) / _options.BatchSize;

    public TrainingHistory Run()
    {
        if (WasCanceled)
        {
            return new TrainingHistory([], StopReason.Canceled, NotBegun);
        }

        using var team = _plan.MakeTeam(_options);
        var update = new ParameterUpdate(_layers, _options.Optimizer, team);
        var runners = new RunnerSet(_layers, _criterion, _plan.Capacity, team, stored: _options.Checkpoint is not null);
        double initialRate = _options.Optimizer.LearningRate;
        update.ClearGradients();
        try
        {
            var history = Run(runners, update, team, initialRate);
            _store?.Write();
            return history;
        }
        catch
        {
            _store?.TryWrite();
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

    private TrainingHistory Run(RunnerSet runners, ParameterUpdate update, Team? team, double initialRate)
    {
        for (int epoch = _options.InitialEpoch + _reports.Count + 1; ; epoch++)
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
                string canceled = _reports.Count == 0 ? NotBegun : $"Canceled after epoch {Text(epoch - 1)} of {Text(_options.Epochs)}.";
                return End(StopReason.Canceled, canceled);
            }

            long start = Stopwatch.GetTimestamp();
            if (_options.Schedule is { } schedule)
            {
                _options.Optimizer.Rate = schedule.RateAt(epoch - 1, initialRate);
            }

            double rate = _options.Optimizer.LearningRate;
            var pass = new TrainingEpoch(runners, update, team, _weighting, _options, _wholeEpochs ? default : _cancellation);
            TrainEpoch(pass, update, epoch);
            if (pass.Overflow is { } overflow)
            {
                string parameters = _monitor?.RestoredEpoch is { } best ? $"of its best epoch, {Text(best)}" : "it had before that epoch";
                return End(
                    StopReason.NumericOverflow,
                    $"Numeric overflow in epoch {Text(epoch)}: {overflow}. The network has the parameters {parameters}. "
                    + "Try a smaller learning rate, or inputs scaled to about -1 to 1.");
            }

            if (pass.Canceled)
            {
                return End(
                    StopReason.Canceled,
                    $"Canceled in epoch {Text(epoch)} of {Text(_options.Epochs)}, after {Text(pass.Batches)} of its {Text(Batches)} "
                    + "batches.");
            }

            var report = Measure(new EpochReport(epoch, _options.Epochs, pass.MeanLoss) { LearningRate = rate }, start);
            _before = null;
            _reports.Add(report);
            bool isBest = _monitor?.Observe(report) ?? false;
            if (isBest)
            {
                _store?.WriteBest(_network with { InitialSeed = InitialSeed });
            }

            Report(report);
        }
    }

    /// <summary>Reports an epoch, and then stores it: what the callback changes is part of where training goes on from.</summary>
    private void Report(EpochReport report)
    {
        try
        {
            _options.Progress?.Report(report);
        }
        finally
        {
            _store?.Keep(_network with { InitialSeed = InitialSeed }, _reports, _monitor);
        }

        _store?.WriteIfDue(report.Epoch);
    }

    /// <summary>
    /// Goes through the samples once. Where that ends badly, by overflow or by a user's function that throws, the parameters are back where
    /// they were, and the optimizer starts anew.
    /// </summary>
    private void TrainEpoch(TrainingEpoch pass, ParameterUpdate update, int epoch)
    {
        bool good = false;
        try
        {
            var random = SeededRandom.Of(_seed, epoch);
            int[] order = _options.Shuffle
                ? Array.ConvertAll(SeededRandom.Permutation(_training.Length, random), index => _training[index])
                : _training;
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
            var (targets, predictions, loss) = _given is var (x, y)
                ? _criterion.Measure(_predictor, x, y, _options.Threads)
                : _criterion.Measure(_predictor, _x.Pick(_validation), _y.Pick(_validation), _options.Threads);
            _before = null;
            report = report with { ValidationLoss = loss, Metrics = MetricsOf(targets, predictions) };
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
        new Evaluation(null, _options.Metrics.Select(metric => (metric, metric.Of(y, predictions, _criterion.Threshold)))).Metrics;

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
