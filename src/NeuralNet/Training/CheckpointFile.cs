using System.Globalization;
using System.Text.Json;
using NeuralNet.Layers;
using NeuralNet.Models;
using NeuralNet.Optimizers;

namespace NeuralNet.Training;

/// <summary>
/// Training after an epoch, as a model file with what training needs besides the network: read here, checked against what is to go on from
/// it, and only then put in place.
/// </summary>
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
        Parameters = ParametersOf(model.Network.Layers);
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

    public int? InitialSeed => _model.Network.InitialSeed;

    /// <summary>The reports of all epochs so far, one at least.</summary>
    public IReadOnlyList<EpochReport> Reports { get; }

    private TensorValues[] Parameters { get; }

    /// <summary>What writes a checkpoint.</summary>
    /// <param name="network">The network's parts.</param>
    /// <param name="options">Optimizer and registry.</param>
    /// <param name="training">Where the random numbers of each epoch come from, and what else the bits depend on.</param>
    /// <param name="reports">The reports of all epochs so far; more may be added before the file is written.</param>
    /// <param name="monitor">The best epoch so far, where that was asked for.</param>
    /// <param name="later">Whether the file is written when training may have gone on.</param>
    public static Action<Stream> Writer(
        NetworkParts network,
        FitOptions options,
        (int Seed, int Samples, TrainingSettings Settings) training,
        IReadOnlyList<EpochReport> reports,
        EarlyStoppingMonitor? monitor,
        bool later)
    {
        var parameters = LayerTree.Parameters(network.Layers);
        OptimizerState?[] states = [.. parameters.Select(options.Optimizer.StateOf)];
        var text = new CheckpointText(
            training.Seed,
            training.Samples,
            options.Optimizer.Kind,
            [.. states.Select(state => state?.Steps ?? 0)],
            monitor?.Monitored,
            monitor?.BestEpoch,
            monitor?.Best ?? 0,
            monitor?.BestWeights is not null,
            [],
            new(training.Settings.Fixed),
            new(training.Settings.Initial),
            training.Settings.Present);
        var kept = ParametersOf(network.Layers).Zip(states, (parameter, state) => (state?.Values ?? [])
            .Select((values, i) => parameter with { Name = StateName(parameter, i), Values = values }));
        var best = monitor?.BestWeights?.Copies.Select(copy => copy with { Name = BestPrefix + copy.Name });
        return ModelFile.Writer(
            network,
            options.Checkpoint?.Registry,
            Texts(text, reports, reports.Count),
            [.. kept.SelectMany(tensors => tensors), .. best ?? []],
            later);
    }

    /// <summary>The history grows with the epochs: it becomes text when the file is written, and not before.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Texts(CheckpointText text, IReadOnlyList<EpochReport> reports, int count)
    {
        var epochs = reports.Take(count).Select(report => new EpochText(
            report.Loss, report.ValidationLoss, new(report.Metrics), report.LearningRate, report.Seconds, new(report.TrainingMetrics)));
        yield return new(TextKey, JsonSerializer.Serialize(text with { Epochs = [.. epochs] }, CheckpointJson.Default.CheckpointText));
    }

    /// <summary>Refuses training that could not be stored, and reads what is to be gone on with.</summary>
    /// <returns>Null where training is to begin anew.</returns>
    /// <exception cref="ArgumentException">The registry lacks a name, or the optimizer is a user's own.</exception>
    /// <exception cref="DirectoryNotFoundException">The file's folder is not there.</exception>
    /// <exception cref="IOException">A folder has the file's name.</exception>
    /// <exception cref="InvalidOperationException">A layer draws from a generator of its own.</exception>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder may not be written to.</exception>
    public static CheckpointFile? Open(NetworkParts network, FitOptions options)
    {
        if (options.Checkpoint is not { } checkpoint)
        {
            return null;
        }

        if (options.Optimizer is { IsUsers: true, CanSlice: false })
        {
            throw new ArgumentException(
                $"A checkpoint cannot store what {options.Optimizer} keeps, which is not the library's own. "
                + "Override CanSlice and UpdateValues in it, train with an optimizer of the library's, or without FitOptions.Checkpoint.",
                nameof(options));
        }

        if (LayerTree.Leaves(network.Layers).Select(leaf => leaf.Layer)
            .FirstOrDefault(layer => layer is BatchLayer { Random: not null }) is { } dropout)
        {
            throw new InvalidOperationException(
                $"A checkpoint cannot store the state of the generator that {dropout.Name} was given. Make it without one: "
                + "then FitOptions.Seed seeds it.");
        }

        ModelFile.Writer(network, checkpoint.Registry);
        string path = checkpoint.Path;
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new DirectoryNotFoundException(
                $"The checkpoint {path} cannot be written: its folder is not there. Create it before Fit.");
        }

        if ((Directory.Exists(path) ? path : checkpoint.KeepBest && Directory.Exists(checkpoint.BestPath) ? checkpoint.BestPath : null)
            is { } folder)
        {
            throw new IOException($"The checkpoint {folder} cannot be written: it is a folder. Give Checkpoint the name of a file.");
        }

        AtomicFile.RequireWritable(path);
        if (checkpoint.KeepBest)
        {
            AtomicFile.RequireWritable(checkpoint.BestPath);
        }

        if (!checkpoint.Resume || !File.Exists(path))
        {
            return null;
        }

        using var file = File.OpenRead(path);
        return Read(file, path, checkpoint.Registry);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or a network without training.</exception>
    public static CheckpointFile Read(Stream stream, string path, LayerRegistry? registry)
    {
        var model =
            ModelFile.Read(stream, path, registry, tensor => tensor.Name.StartsWith(ModelFile.CheckpointPrefix, StringComparison.Ordinal));
        if (!model.File.Metadata.TryGetValue(TextKey, out string? json))
        {
            throw model.File.Wrong(
                $"this holds a network, but no training to go on with: its {SafeTensorsReader.MetadataKey} has no '{TextKey}'. "
                + $"To train it further, load it and call Fit without Resume.");
        }

        try
        {
            var text = JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointText);
            return text is not null && !text.Epochs.Contains(null!)
                ? new CheckpointFile(model, text)
                : throw new JsonException("It or one of its epochs is null.");
        }
        catch (JsonException e)
        {
            throw model.File.Wrong($"its '{TextKey}' is no JSON of its form: {e.Message}", e);
        }
    }

    /// <summary>Holds the checkpoint against the training that is to go on from it.</summary>
    /// <exception cref="ArgumentException">It was another training.</exception>
    public void RequireSame(IReadOnlyList<Layer> layers, TrainingSettings settings, FitOptions options)
    {
        var registry = options.Checkpoint?.Registry;
        if (LayerDifferences(layers, registry).FirstOrDefault() is { What: not null } layer)
        {
            throw Other([layer], "");
        }

        (string What, string Stored, string Given)[] differences =
            [.. settings.Differences(Fixed(registry), _text.Initial, _text.Present), .. StateDifferences(options.Optimizer)];
        var history = Array.FindAll(differences, difference => difference.What is "validation" or "set of metrics");
        if (history.Length > 0)
        {
            throw Other(history, "");
        }

        if (differences.Length > 0 && options.Checkpoint is { AllowChanges: false })
        {
            throw Other(differences, " or set Checkpoint.AllowChanges to go on all the same,");
        }

        if (Reports.Count > options.Epochs)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{_model.File.Name} has {Reports.Count} epochs of training, which is more than the {options.Epochs} of ")
                + "FitOptions.Epochs, which counts from the beginning. Raise it, or train without Resume.",
            nameof(options));
        }

        ArgumentException Other(IEnumerable<(string What, string Stored, string Given)> which, string wayOut) => new(
            $"{_model.File.Name} is a checkpoint of another training: "
            + $"{string.Join("; ", which.Select(one => $"its {one.What} is {one.Stored}, but Fit got {one.Given}"))}. "
            + $"Train in the same way,{wayOut} or without Resume, or with another file.",
            nameof(options));
    }

    /// <summary>What the file says of the training's settings; of one of the first version what can be told from the rest of it.</summary>
    private Dictionary<string, string> Fixed(LayerRegistry? registry)
    {
        if (_text.Settings is { } settings)
        {
            settings.TryAdd(TrainingSettings.FrozenLayers, TrainingSettings.FrozenOf(_model.Network.Layers));
            return settings;
        }

        settings = new()
        {
            ["loss"] = TrainingSettings.NameOf(_model.Network.Criterion, registry),
            ["seed"] = Text(Seed),
            ["optimizer"] = _text.Optimizer,
            ["number of samples"] = Text(_text.Samples),
            ["validation"] = Reports[0].ValidationLoss is null ? "none" : "some",
            ["set of metrics"] = $"[{string.Join(", ", Reports[0].Metrics.Keys.Order(StringComparer.Ordinal))}]",
            ["set of training metrics"] = $"[{string.Join(", ", Reports[0].TrainingMetrics.Keys.Order(StringComparer.Ordinal))}]",
        };
        if (_text.Watched is { } watched)
        {
            settings["measure of the best epoch"] = watched;
        }

        if (!_text.HasBestWeights)
        {
            settings["restoring of the best weights"] = "off";
        }

        return settings;
    }

    /// <summary>
    /// The layers as they were and as they are; how much L2 they have and which are frozen is among the settings, or in a file of the first
    /// version with the layers.
    /// </summary>
    private IEnumerable<(string What, string Stored, string Given)> LayerDifferences(IReadOnlyList<Layer> layers, LayerRegistry? registry)
    {
        if (_model.Network.Layers.Count != layers.Count)
        {
            yield return ("number of layers", Text(_model.Network.Layers.Count), Text(layers.Count));
            yield break;
        }

        for (int place = 0; place < layers.Count; place++)
        {
            var (stored, given) = (Describe(_model.Network.Layers[place], place), Describe(layers[place], place));
            if (stored != given)
            {
                yield return ($"layer {Text(place)}", stored, given);
            }
        }

        string Describe(Layer layer, int place) =>
            new LayerFormat(registry) { WithTraining = _text.Settings is null }.Write(layer, Text(place)).ToString();
    }

    /// <summary>A file of the first version does not say how the optimizer was set; what it kept tells of momentum.</summary>
    private IEnumerable<(string What, string Stored, string Given)> StateDifferences(Optimizer optimizer) =>
        _text.Settings is null
        && _states.OfType<OptimizerState>().FirstOrDefault() is { Values.Length: int kept }
        && kept != optimizer.StateArrays
            ? [("number of values that the optimizer keeps for each of a parameter", Text(kept), Text(optimizer.StateArrays))]
            : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Puts parameters, optimizer, what callbacks may change, and the best epoch where training left them, as far as the training that goes
    /// on can have them.
    /// </summary>
    public void Restore(
        IReadOnlyList<Layer> layers, TrainingSettings settings, Optimizer optimizer, EarlyStopping? stopping, EarlyStoppingMonitor? monitor)
    {
        bool sameMeasure = !settings.Differences(Fixed(null), null, null)
            .Any(difference => difference.What is "measure of the best epoch" or "better side of that measure");
        if (monitor is not null && _text.BestEpoch is { } best && sameMeasure
            && (_text.HasBestWeights || stopping is { RestoreBestWeights: false }))
        {
            Snapshot? bestWeights = null;
            if (_text.HasBestWeights)
            {
                foreach (var tensor in TensorValues.Of(layers))
                {
                    tensor.CopyFromRowMajor(_model.Values[BestPrefix + tensor.Name]);
                }

                bestWeights = new Snapshot(layers);
            }

            monitor.Resume(Reports[^1], best, _text.Best, bestWeights);
        }

        foreach (var (tensor, loaded) in TensorValues.Of(layers).Zip(TensorValues.Of(_model.Network.Layers)))
        {
            loaded.Values.CopyTo(tensor.Values, 0);
        }

        bool sameOptimizer = _text.Optimizer == optimizer.Kind;
        foreach (var (parameter, state) in LayerTree.Parameters(layers).Zip(_states))
        {
            optimizer.Restore(parameter, sameOptimizer && state?.Values.Length == optimizer.StateArrays ? state : null);
        }

        if (_text is { Initial: { } initial, Present: { } present })
        {
            settings.Resume(initial, present);
        }
    }

    private void CheckText()
    {
        var first = Reports.Count > 0 ? Reports[0] : throw Wrong($"it has no epochs");
        foreach (var report in Reports)
        {
            bool numbers = double.IsFinite(report.Loss) && double.IsFinite(report.LearningRate) && double.IsFinite(report.Seconds)
                && report.LearningRate >= 0
                && report.Seconds >= 0;
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
            throw Wrong(
                $"it has {_text.Steps.Length} numbers of updates, but must have one of 0 or more for each of the {Parameters.Length} "
                + $"parameters");
        }

        bool settings = _text.Settings is not null;
        if (settings != (_text.Initial is not null) || settings != (_text.Present is not null))
        {
            throw Wrong($"of its settings, initial and present numbers some are missing");
        }

        if (settings && !(TrainingSettings.AreLegal(_text.Initial!) && TrainingSettings.AreLegal(_text.Present!)))
        {
            throw Wrong($"its initial or present numbers are out of range");
        }

        if (_text.BestEpoch is { } best ? best < 1 || best > Reports.Count : _text.HasBestWeights)
        {
            throw Wrong($"its best epoch is {_text.BestEpoch} of {Reports.Count}");
        }
    }

    /// <summary>
    /// The optimizer's states. Tensors that belong to no parameter are refused, and those of the best weights that are not as
    /// the network's.
    /// </summary>
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
            foreach (var tensor in TensorValues.Of(_model.Network.Layers))
            {
                Expect(BestPrefix + tensor.Name, tensor, expected);
            }

            foreach (var tensor in TensorValues.Of(_model.Network.Layers)
                .Where(tensor => !tensor.Allows(_model.Values[BestPrefix + tensor.Name])))
            {
                throw _model.File.Wrong(
                    $"tensor '{BestPrefix}{tensor.Name}' holds a number below {tensor.Least.ToString(CultureInfo.InvariantCulture)}.");
            }
        }

        return _model.File.Tensors.Keys.FirstOrDefault(name => name.StartsWith(ModelFile.CheckpointPrefix, StringComparison.Ordinal)
            && !expected.Contains(name)) is { } extra
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

    private ModelFormatException Wrong(InvariantText what) =>
        _model.File.Wrong($"its '{TextKey}' does not fit: {what.ToText()}.");

    /// <summary>Parameters without what batch norm gathers, which no optimizer sees.</summary>
    private static TensorValues[] ParametersOf(IReadOnlyList<Layer> layers) =>
        [.. TensorValues.OfParameters(layers)];

    private static string StateName(TensorValues parameter, int array) =>
        FormattableString.Invariant($"{OptimizerPrefix}{parameter.Name}.{array}");
}
