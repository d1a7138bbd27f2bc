using System.Globalization;
using System.Text.Json;

namespace NeuralNet;

/// <summary>Training after an epoch, as a model file with what training needs besides the network: read here, checked against what is to go on from it, and only then put in place.</summary>
internal sealed class CheckpointFile
{
    private const string TextKey = "checkpoint";
    private const string OptimizerPrefix = $"{ModelFile.CheckpointPrefix}optimizer.";
    private const string BestPrefix = $"{ModelFile.CheckpointPrefix}best.";

    private readonly LoadedModel _model;
    private readonly CheckpointText _text;
    private readonly OptimizerState?[] _states;

    private CheckpointFile(LoadedModel model, CheckpointText text)
    {
        (_model, _text) = (model, text);
        Parameters = ParametersOf(model.Layers);
        Reports =
        [
            .. text.Epochs.Select((epoch, i) => new EpochReport(i + 1, text.Epochs.Length, epoch.Loss)
            {
                ValidationLoss = epoch.ValidationLoss,
                Metrics = epoch.Metrics.AsReadOnly(),
                TrainingMetrics = (epoch.TrainingMetrics ?? []).AsReadOnly(),
                LearningRate = epoch.LearningRate,
                Seconds = epoch.Seconds,
            }),
        ];
        CheckText();
        _states = CheckTensors();
    }

    public int Seed => _text.Seed;

    public int? InitialSeed => _model.Seed;

    /// <summary>The reports of all epochs so far, one at least.</summary>
    public IReadOnlyList<EpochReport> Reports { get; }

    private TensorValues[] Parameters { get; }

    /// <summary>What writes a checkpoint.</summary>
    /// <param name="network">The network's parts.</param>
    /// <param name="options">Optimizer and registry.</param>
    /// <param name="seed">Where the random numbers of each epoch come from.</param>
    /// <param name="samples">How many samples Fit was given.</param>
    /// <param name="reports">The reports of all epochs so far.</param>
    /// <param name="watch">The best epoch so far, where that was asked for.</param>
    public static Action<Stream> Writer(
        (IReadOnlyList<Layer> Layers, Criterion? Criterion, int? Seed) network, FitOptions options, int seed, int samples, IReadOnlyList<EpochReport> reports, EarlyStoppingWatch? watch)
    {
        var parameters = network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters);
        OptimizerState?[] states = [.. parameters.Select(options.Optimizer.StateOf)];
        var text = new CheckpointText(
            seed,
            samples,
            options.Optimizer.GetType().Name,
            [.. states.Select(state => state?.Steps ?? 0)],
            watch?.Monitored,
            watch?.BestEpoch,
            watch?.Best ?? 0,
            watch?.BestWeights is not null,
            [
                .. reports.Select(report => new EpochText(
                    report.Loss,
                    report.ValidationLoss,
                    new(report.Metrics),
                    report.LearningRate,
                    report.Seconds,
                    new(report.TrainingMetrics))),
            ]);
        var kept = ParametersOf(network.Layers).Zip(states, (parameter, state) => (state?.Values ?? []).Select((values, i) => parameter with { Name = StateName(parameter, i), Values = values }));
        var best = watch?.BestWeights?.Copies.Select(copy => copy with { Name = BestPrefix + copy.Name });
        return ModelFile.Writer(
            network,
            options.Checkpoint?.Registry,
            [new(TextKey, JsonSerializer.Serialize(text, CheckpointJson.Default.CheckpointText))],
            [.. kept.SelectMany(tensors => tensors), .. best ?? []]);
    }

    /// <summary>Refuses training that could not be stored, and reads what is to be gone on with.</summary>
    /// <returns>Null where training is to begin anew.</returns>
    /// <exception cref="ArgumentException">The registry lacks a name, the optimizer is a user's own, or the file is of another training.</exception>
    /// <exception cref="DirectoryNotFoundException">The file's folder is not there.</exception>
    /// <exception cref="IOException">A folder has the file's name.</exception>
    /// <exception cref="InvalidOperationException">A layer draws from a generator of its own.</exception>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public static CheckpointFile? Open((IReadOnlyList<Layer> Layers, Criterion? Criterion, int? Seed) network, FitOptions options, int samples)
    {
        if (options.Checkpoint is not { } checkpoint)
        {
            return null;
        }

        if (options.Optimizer.GetType().Assembly != typeof(Optimizer).Assembly)
        {
            throw new ArgumentException($"A checkpoint cannot store what {options.Optimizer} keeps, which is not the library's own. Train with an optimizer of the library's, or without FitOptions.Checkpoint.", nameof(options));
        }

        if (network.Layers.FirstOrDefault(layer => layer is DropoutLayer { HasOwnRandom: true }) is { } dropout)
        {
            throw new InvalidOperationException($"A checkpoint cannot store the state of the generator that {dropout.Name} was given. Make it without one: then FitOptions.Seed seeds it.");
        }

        ModelFile.Writer(network, checkpoint.Registry);
        string path = checkpoint.Path;
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new DirectoryNotFoundException($"The checkpoint {path} cannot be written: its folder is not there. Create it before Fit.");
        }

        if ((Directory.Exists(path) ? path : checkpoint.KeepBest && Directory.Exists(checkpoint.BestPath) ? checkpoint.BestPath : null) is { } folder)
        {
            throw new IOException($"The checkpoint {folder} cannot be written: it is a folder. Give Checkpoint the name of a file.");
        }

        if (!checkpoint.Resume || !File.Exists(path))
        {
            return null;
        }

        using var file = File.OpenRead(path);
        var read = Read(file, path, checkpoint.Registry);
        read.RequireSame(network.Layers, network.Criterion, options, samples);
        return read;
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or a network without training.</exception>
    public static CheckpointFile Read(Stream stream, string path, LayerRegistry? registry)
    {
        var model = ModelFile.Read(stream, path, registry, tensor => tensor.Name.StartsWith(ModelFile.CheckpointPrefix, StringComparison.Ordinal));
        if (!model.File.Metadata.TryGetValue(TextKey, out string? json))
        {
            throw model.File.Wrong($"this holds a network, but no training to go on with: its {SafeTensorsReader.MetadataKey} has no '{TextKey}'. To train it further, load it and call Fit without Resume.");
        }

        try
        {
            var text = JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointText);
            return text is not null && !text.Epochs.Contains(null!) ? new CheckpointFile(model, text) : throw new JsonException("It or one of its epochs is null.");
        }
        catch (JsonException e)
        {
            throw model.File.Wrong($"its '{TextKey}' is no JSON of its form: {e.Message}", e);
        }
    }

    /// <summary>Holds the checkpoint against the training that is to go on from it.</summary>
    /// <exception cref="ArgumentException">It was another training.</exception>
    private void RequireSame(IReadOnlyList<Layer> layers, Criterion? criterion, FitOptions options, int samples)
    {
        foreach (var (what, stored, given) in Properties(layers, criterion, options, samples))
        {
            if (stored != given)
            {
                throw new ArgumentException($"{_model.File.Name} is a checkpoint of another training: its {what} is {stored}, but Fit got {given}. Train in the same way, or without Resume, or with another file.", nameof(options));
            }
        }

        if (Reports.Count > options.Epochs)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{_model.File.Name} has {Reports.Count} epochs of training, which is more than the {options.Epochs} of FitOptions.Epochs, which counts from the beginning. Raise it, or train without Resume."), nameof(options));
        }
    }

    /// <summary>What has to be the same: as the file has it, and as it is given.</summary>
    private IEnumerable<(string What, string Stored, string Given)> Properties(IReadOnlyList<Layer> layers, Criterion? criterion, FitOptions options, int samples)
    {
        yield return ("number of layers", Text(_model.Layers.Count), Text(layers.Count));
        for (int place = 0; place < layers.Count; place++)
        {
            yield return ($"layer {Text(place)}", Describe(_model.Layers, place), Describe(layers, place));
        }

        yield return ("loss", NameOf(_model.Criterion), NameOf(criterion));
        yield return ("seed", Text(Seed), Text(options.Seed ?? Seed));
        yield return ("number of samples", Text(_text.Samples), Text(samples));
        yield return ("optimizer", _text.Optimizer, options.Optimizer.GetType().Name);
        foreach (var state in _states.OfType<OptimizerState>())
        {
            yield return ("number of values that the optimizer keeps for each of a parameter", Text(state.Values.Length), Text(options.Optimizer.StateArrays));
        }

        bool validates = options.Validation is not null || options.ValidationSplit > 0;
        yield return ("validation", Some(Reports[0].ValidationLoss is not null), Some(validates));
        var metrics = options.Metrics.Select(metric => metric.Name);
        yield return ("set of metrics", Names(Reports[0].Metrics.Keys), Names(metrics));
        yield return ("set of training metrics", Names(Reports[0].TrainingMetrics.Keys), Names(options.TrainingMetrics ? metrics : []));
        if (_text.Watched is { } watched && Trainer.Watched(options) is { } stopping)
        {
            yield return ("measure of the best epoch", watched, EarlyStoppingWatch.NameOf(stopping, validates));
        }

        yield return ("store of best weights", Some(_text.HasBestWeights), Some(_text.HasBestWeights || options.EarlyStopping is { RestoreBestWeights: true }));

        string NameOf(Criterion? one) => (one is null ? null : one.BuiltInName ?? options.Checkpoint?.Registry?.NameOf(one)) ?? "none";
        string Describe(IReadOnlyList<Layer> of, int place) => LayerPlan.Describe(of[place], place, options.Checkpoint?.Registry).ToString();
        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        static string Some(bool any) => any ? "some" : "none";
        static string Names(IEnumerable<string> names) => $"[{string.Join(", ", names.Order(StringComparer.Ordinal))}]";
    }

    /// <summary>Puts parameters, optimizer and best epoch where training left them.</summary>
    public void Restore(IReadOnlyList<Layer> layers, Optimizer optimizer, EarlyStoppingWatch? watch)
    {
        if (watch is not null && _text.BestEpoch is { } best)
        {
            Snapshot? bestWeights = null;
            if (_text.HasBestWeights)
            {
                foreach (var tensor in ModelFile.TensorsOf(layers))
                {
                    tensor.CopyFromRowMajor(_model.Values[BestPrefix + tensor.Name]);
                }

                bestWeights = new Snapshot(layers);
            }

            watch.Resume(Reports[^1], best, _text.Best, bestWeights);
        }

        foreach (var (tensor, loaded) in ModelFile.TensorsOf(layers).Zip(ModelFile.TensorsOf(_model.Layers)))
        {
            loaded.Values.CopyTo(tensor.Values, 0);
        }

        foreach (var (parameter, state) in layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Zip(_states))
        {
            optimizer.Restore(parameter, state);
        }
    }

    private void CheckText()
    {
        var first = Reports.Count > 0 ? Reports[0] : throw Wrong($"it has no epochs");
        foreach (var report in Reports)
        {
            bool numbers = double.IsFinite(report.Loss) && double.IsFinite(report.LearningRate) && double.IsFinite(report.Seconds) && report.LearningRate >= 0 && report.Seconds >= 0;
            bool measures = report.ValidationLoss.HasValue == first.ValidationLoss.HasValue
                && report.Metrics.Keys.SequenceEqual(first.Metrics.Keys)
                && report.TrainingMetrics.Keys.SequenceEqual(first.TrainingMetrics.Keys);
            if (!numbers || !measures)
            {
                throw Wrong($"epoch {report.Epoch} has a number that is not finite, or other measures than epoch 1");
            }
        }

        if (_text.Steps.Length != Parameters.Length || _text.Steps.Any(steps => steps < 0))
        {
            throw Wrong($"it has {_text.Steps.Length} numbers of updates, but must have one of 0 or more for each of the {Parameters.Length} parameters");
        }

        if (_text.BestEpoch is { } best ? best < 1 || best > Reports.Count : _text.HasBestWeights)
        {
            throw Wrong($"its best epoch is {_text.BestEpoch} of {Reports.Count}");
        }
    }

    /// <summary>The optimizer's states. Tensors that belong to no parameter are refused, and those of the best weights that are not as the network's.</summary>
    private OptimizerState?[] CheckTensors()
    {
        var expected = new HashSet<string>();
        var states = new OptimizerState?[Parameters.Length];
        for (int i = 0; i < states.Length; i++)
        {
            if (_text.Steps[i] == 0)
            {
                continue;
            }

            var parameter = Parameters[i];
            int arrays = 0;
            while (_model.File.Tensors.ContainsKey(StateName(parameter, arrays)))
            {
                Expect(StateName(parameter, arrays++), parameter, expected);
            }

            states[i] = new OptimizerState(arrays, parameter.Values.Length) { Steps = _text.Steps[i] };
            for (int array = 0; array < arrays; array++)
            {
                (parameter with { Values = states[i]!.Values[array] }).CopyFromRowMajor(_model.Values[StateName(parameter, array)]);
            }
        }

        if (_text.HasBestWeights)
        {
            foreach (var tensor in ModelFile.TensorsOf(_model.Layers))
            {
                Expect(BestPrefix + tensor.Name, tensor, expected);
            }

            foreach (var (layer, place) in _model.Layers.Select((layer, place) => (layer, place)).Where(at => at.layer is BatchNormLayer))
            {
                string variance = BestPrefix + ModelFile.TensorsOf(layer, place).Last().Name;
                if (Array.Exists(_model.Values[variance], value => value < 0))
                {
                    throw _model.File.Wrong($"tensor '{variance}' holds a negative number.");
                }
            }
        }

        return _model.File.Tensors.Keys.FirstOrDefault(name => name.StartsWith(ModelFile.CheckpointPrefix, StringComparison.Ordinal) && !expected.Contains(name)) is { } extra
            ? throw _model.File.Wrong($"tensor '{extra}' belongs to nothing that training has.")
            : states;
    }

    private void Expect(string name, TensorValues like, HashSet<string> expected)
    {
        if (!_model.File.Tensors.TryGetValue(name, out var tensor))
        {
            throw _model.File.Wrong($"tensor '{name}' is missing.");
        }

        if (tensor.Shape is not [var rows, var columns] || rows != like.Rows || columns != like.Columns)
        {
            throw _model.File.Wrong($"tensor '{name}' must be {Tensor.Text([like.Rows, like.Columns])}, but is {tensor.ShapeText}.");
        }

        expected.Add(name);
    }

    private ModelFormatException Wrong(FormattableString what) => _model.File.Wrong($"its '{TextKey}' does not fit: {what.ToString(CultureInfo.InvariantCulture)}.");

    /// <summary>Parameters without what batch norm gathers, which no optimizer sees.</summary>
    private static TensorValues[] ParametersOf(IReadOnlyList<Layer> layers) =>
        [.. layers.SelectMany((layer, place) => ModelFile.TensorsOf(layer, place).Take((layer as TrainableLayer)?.Parameters.Count ?? 0))];

    private static string StateName(TensorValues parameter, int array) => FormattableString.Invariant($"{OptimizerPrefix}{parameter.Name}.{array}");
}
