using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Guards;
using NeuralNet.Layers;
using NeuralNet.Training;

namespace NeuralNet;

/// <summary>Layers in a row, trained by propagating each sample's error back through them.</summary>
public sealed partial class Network
{
    private readonly List<Layer> _layers = [];

    /// <summary>The layers, and those within them.</summary>
    private readonly HashSet<Layer> _all = new(ReferenceEqualityComparer.Instance);
    private Criterion? _criterion;

    /// <summary>How many rows a sample is taken to have where the layers take any number, to hold their shapes against one
    /// another.</summary>
    private int _rows = 1;
    private Shape? _outputShape;
    private int _depth = 1;
    private int _training;

    private Predictor? _predictor;

    /// <summary>The layers, the first one first.</summary>
    public IReadOnlyList<Layer> Layers => _layers.AsReadOnly();

    /// <summary>Adds a layer after the others.</summary>
    /// <param name="layer">The layer, not in this network yet.</param>
    /// <returns>This network, so that calls chain.</returns>
    /// <exception cref="ArgumentException">
    /// The layer cannot take the output of the one before it, or is in this network already.
    /// </exception>
    /// <exception cref="InvalidOperationException">The network is being trained.</exception>
    public Network Add(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        RefuseDuringTraining(nameof(Add));
        if (LayerTree.All([layer]).FirstOrDefault(one => one is TrainableLayer { Parameters: null }) is { } without)
        {
            throw new ArgumentException($"{without.Name}'s Parameters is null; it must list its parameters, or be empty.", nameof(layer));
        }

        if (LayerTree.All([layer]).FirstOrDefault(_all.Contains) is { } twice)
        {
            throw new ArgumentException(
                $"{twice.Name} is in this network already; a layer keeps its last input, so each place needs one of its own. "
                + "Make a new layer.",
                nameof(layer));
        }

        try
        {
            Append(layer, InitialSeed is { } seed ? SeededRandom.Of(seed, ~_layers.Count) : null);
        }
        catch (ArgumentException e)
        {
            throw Check.Refusal(e, nameof(layer));
        }

        return this;
    }

    /// <summary>Sets the loss to train by.</summary>
    /// <param name="loss">E of a sample, such as <see cref="Losses.Mse"/>.</param>
    /// <param name="lossPrime">dE/dY, such as <see cref="Losses.MsePrime"/>.</param>
    /// <returns>This network, so that calls chain.</returns>
    /// <exception cref="ArgumentException">Both are the library's own, but <paramref name="lossPrime"/> is the derivative of another
    /// loss.</exception>
    /// <exception cref="InvalidOperationException">The network is being trained.</exception>
    /// <remarks>A loss of one's own is computed on one thread, and saved under a name of a <see cref="LayerRegistry"/> only.</remarks>
    public Network Use(Loss loss, LossPrime lossPrime)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(lossPrime);
        RefuseDuringTraining(nameof(Use));
        _criterion = new Criterion(loss, lossPrime);
        return this;
    }

    /// <summary>Sets the loss to train by.</summary>
    /// <param name="loss">The loss with its derivative, such as <see cref="LossFunction.Mse"/>.</param>
    /// <returns>This network, so that calls chain.</returns>
    /// <exception cref="InvalidOperationException">The network is being trained.</exception>
    public Network Use(LossFunction loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        RefuseDuringTraining(nameof(Use));
        _criterion = new Criterion(loss);
        return this;
    }

    /// <summary>The output for one sample; may be called from several threads at once.</summary>
    /// <param name="input">X, in the shape that the first layer takes; finite numbers.</param>
    /// <returns>Y, a matrix that nobody else writes to later.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has the wrong shape, or holds NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">The network has no layers; or a user's layer or function threw, which is the
    /// InnerException.</exception>
    /// <remarks>
    /// <para>Allowed in a callback of Fit between epochs; from another thread while Fit runs it is not supported.</para>
    /// <para>
    /// Y is what the last layer gives: after training by <see cref="Losses.SoftmaxCrossEntropy"/> these are logits, greater for a likelier
    /// class, and no probabilities.
    /// <see cref="PredictProbabilities(Matrix{double})"/> and <see cref="PredictClass"/> give those and the class.
    /// </para>
    /// </remarks>
    public Matrix<double> Predict(Matrix<double> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        RequireLayers(nameof(Predict));
        Check.Countable(input, "The input", nameof(input));
        input = input.ToDense();
        Check.Finite(input, "The input", nameof(input));
        return Predictor.Predict(input);
    }

    /// <summary>The outputs for many samples, in their order; may be called from several threads at once.</summary>
    /// <param name="inputs">
    /// Samples X, each in the shape that the first layer takes; finite numbers. An empty list gives an empty one.
    /// </param>
    /// <returns>Y for each sample. Each is read once, on the calling thread.</returns>
    /// <inheritdoc cref="Predict(Matrix{double})"/>
    public IReadOnlyList<Matrix<double>> Predict(IReadOnlyList<Matrix<double>> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        RequireLayers(nameof(Predict));
        return inputs.Count == 0
            ? []
            : Predictor.Predict(
                new SampleList(
                    inputs, "sample", nameof(inputs), nameof(inputs), shape => LayerTree.OutputShape(_layers, shape, nameof(inputs))),
                Environment.ProcessorCount);
    }

    /// <summary>Trains as the article does: sample by sample, in order, updating the parameters after each.</summary>
    /// <param name="xTrain">The samples X, each in the shape that the first layer takes; finite numbers. Never modified.</param>
    /// <param name="yTrain">
    /// What the network should give for each sample, in the shape of its output; finite numbers. Never modified.
    /// </param>
    /// <param name="epochs">How many times to go through the samples, 1 or more.</param>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <param name="progress">
    /// Told after each epoch, on the training thread. <see cref="SynchronousProgress{T}"/> keeps the reports in order.
    /// </param>
    /// <param name="cancellationToken">Ends training after the current epoch, with what was learnt so far and no exception; canceled
    /// before, it leaves all as it is.</param>
    /// <returns>Each epoch's mean loss, and why training ended.</returns>
    /// <exception cref="ArgumentException">
    /// The sets are empty, differ in count, or hold a sample that is null, of a wrong shape or not finite.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="epochs"/> or <paramref name="learningRate"/> is out of range.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, no loss, one by which it could learn nothing, no layer that is <see cref="Layer.Trainable"/>, or is being
    /// trained already; or a user's function threw, which is the InnerException.
    /// </exception>
    /// <remarks>
    /// A loss or parameter that stops being finite ends training with <see cref="StopReason.NumericOverflow"/>, and the parameters go back
    /// to what they were at the end of the last good epoch. (What a user's own layer that is no <see cref="TrainableLayer"/> learns is out
    /// of the network's sight and stays as it is.) Each sample is read once an epoch, as by Fit with options.
    /// </remarks>
    public TrainingHistory Fit(
        IReadOnlyList<Matrix<double>> xTrain,
        IReadOnlyList<Matrix<double>> yTrain,
        int epochs,
        double learningRate,
        IProgress<EpochReport>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(xTrain);
        ArgumentNullException.ThrowIfNull(yTrain);
        var criterion = RequireLayersAndLoss(nameof(Fit));
        Check.Positive(epochs, "The number of epochs", nameof(epochs));
        Check.LearningRate(learningRate);
        var options = new FitOptions { Epochs = epochs, BatchSize = 1, Optimizer = new Sgd(learningRate), Progress = progress };
        return Fit(xTrain, yTrain, criterion, options, wholeEpochs: true, cancellationToken);
    }

    /// <summary>Trains by mini-batches, with an optimizer and whatever else <paramref name="options"/> ask for.</summary>
    /// <param name="xTrain">The samples X, each in the shape that the first layer takes; finite numbers. Never modified.</param>
    /// <param name="yTrain">
    /// What the network should give for each sample, in the shape of its output; finite numbers. Never modified.
    /// </param>
    /// <param name="options">How to train.</param>
    /// <param name="cancellationToken">Ends training after the current mini-batch, with what was learnt so far and no exception; canceled
    /// before, it leaves all as it is.</param>
    /// <returns>What was measured in each epoch, and why training ended.</returns>
    /// <exception cref="ArgumentException">
    /// The sets are empty, differ in count, or hold a sample that is null, of a wrong shape or not finite; or the options contradict
    /// each other.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, no loss, one by which it could learn nothing, no layer that is <see cref="Layer.Trainable"/>, or is being
    /// trained already; or a layer cannot be trained by batches of this size, or with a checkpoint; or a layer of one's own has one inside
    /// that gathers or draws what the network cannot see (see <see cref="Layer"/>); or what a checkpoint is to store is no longer
    /// finite; or a user's function threw, which is the InnerException.
    /// </exception>
    /// <exception cref="ModelFormatException">The checkpoint to go on from is damaged.</exception>
    /// <exception cref="IOException">
    /// The checkpoint cannot be read or written; the network has what the epochs so far have taught it.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">
    /// The checkpoint may not be read or written; the network has what the epochs so far have taught it.
    /// </exception>
    /// <remarks>
    /// <para>
    /// A mini-batch is: the gradients summed over its samples, divided by their number, then one update of each parameter;
    /// <see cref="Parameter.L2"/> and clipping come between.
    /// </para>
    /// <para>
    /// A user's own layer without <see cref="TrainableLayer.Backward"/> is given each sample's error with the learning rate divided by the
    /// number of samples in the batch: gradient descent within the batch, whatever the optimizer. A network with any layer of a user's
    /// trains sample by sample within the batch, on one thread.
    /// </para>
    /// <para>
    /// Samples are of one shape, but for sequences: where each layer takes any number of steps, one call may mix lengths. The samples of a
    /// mini-batch (of 128 of its samples, where it has more) are computed in groups of one length, in the order of first appearance.
    /// </para>
    /// <para>
    /// A loss or parameter that stops being finite ends training with <see cref="StopReason.NumericOverflow"/>, and the parameters go back
    /// to what they were at the end of the last good epoch (<see cref="EarlyStopping"/>: of the best). They go back too where a user's
    /// function throws within an epoch. One of the library's optimizers starts anew after either.
    /// </para>
    /// <para>
    /// What a user's layer, activation, loss, metric, schedule or optimizer throws is the InnerException of an
    /// <see cref="InvalidOperationException"/> that names it. An <see cref="OperationCanceledException"/> passes through as it
    /// is, and so does what <see cref="FitOptions.Progress"/> and <see cref="FitOptions.BatchProgress"/> throw.
    /// </para>
    /// <para>
    /// Each list is asked for each of its samples once an epoch, on the calling thread, so that a list which makes a sample when it is
    /// asked (augmentation, a file to decode) does so once. Before the first
    /// epoch only the first sample's shape is looked at. What is read is checked then, and one that is null, not finite or of another shape
    /// ends training with an <see cref="ArgumentException"/>: the
    /// network is as it was before Fit where that is before the first epoch has been measured, and has what the epochs so far have taught
    /// it later. A list that stores its samples, an array or any other
    /// <see cref="IList{T}"/>, is checked as a whole before anything changes. Samples that are not dense are copied once an epoch. Where
    /// <see cref="FitOptions.Metrics"/> are measured on the training
    /// samples, these are kept until the epoch's end.
    /// </para>
    /// </remarks>
    public TrainingHistory Fit(
        IReadOnlyList<Matrix<double>> xTrain,
        IReadOnlyList<Matrix<double>> yTrain,
        FitOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(xTrain);
        ArgumentNullException.ThrowIfNull(yTrain);
        ArgumentNullException.ThrowIfNull(options);
        var criterion = RequireLayersAndLoss(nameof(Fit));
        return Fit(xTrain, yTrain, criterion, options, wholeEpochs: false, cancellationToken);
    }

    /// <summary>How good the network's predictions are.</summary>
    /// <param name="x">Samples, each in the shape that the first layer takes; finite numbers.</param>
    /// <param name="y">What the network should give for each, in the shape of its output; finite numbers.</param>
    /// <param name="metrics">What to measure besides the loss.</param>
    /// <returns>The mean loss and the metrics over all samples; without a loss, the metrics. Each sample is read once.</returns>
    /// <exception cref="ArgumentException">
    /// The sets are empty, differ in count, or hold a sample that is null, of a wrong shape or not finite; or the metrics hold null, a name
    /// twice, or one that says nothing of outputs of that shape.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, neither loss nor metrics, or a loss by which it could learn nothing; or a user's layer or function threw,
    /// which is the InnerException.
    /// </exception>
    public Evaluation Evaluate(IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, params IReadOnlyList<Metric> metrics)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        metrics = OptionChecks.CheckMetrics(metrics, nameof(metrics));
        RequireLayers(nameof(Evaluate));
        if (_criterion is null && metrics.Count == 0)
        {
            throw new InvalidOperationException(
                "The network has no loss, and no metrics were asked for: there is nothing to measure. "
                + $"Name metrics, such as Metric.Accuracy, or call {UseALoss} before Evaluate.");
        }

        var (samples, targets) = SampleChecks.Check(nameof(Evaluate), _layers, x, y, nameof(x), nameof(y));
        SampleChecks.RequireLearnable(_layers, _criterion, samples.Shape, targets.Shape);
        OptionChecks.RequireMeaning(metrics, targets.Shape, nameof(metrics));
        if (_criterion?.After(LayerTree.Flat(_layers)[^1]) is not { } criterion)
        {
            var outputs = Predictor.Predict(samples, Environment.ProcessorCount);
            return new Evaluation(null, Measured(Predictor.TargetsOf(outputs, targets), outputs));
        }

        var (yTrue, yPred, loss) = criterion.Measure(Predictor, samples, targets, Environment.ProcessorCount);
        return new Evaluation(loss, Measured(yTrue, yPred));

        IEnumerable<(Metric, double)> Measured(Matrix<double>[] yTrue, Matrix<double>[] yPred) =>
            metrics.Select(metric => (metric, metric.Of(yTrue, yPred, _criterion?.Threshold ?? Metric.HalfWay)));
    }

    /// <summary>A table of the layers with their output shapes and numbers of parameters, in the form of Keras' <c>summary()</c>.</summary>
    /// <returns>Several lines, for the caller to print. An activation function or a loss that is not the library's own is named
    /// <c>custom</c>, with what follows from that below the table.</returns>
    /// <remarks>
    /// As in Keras, a layer's numbers are its parameters and those that it gathers, such as a <see cref="BatchNormLayer"/>'s running mean
    /// and variance; the non-trainable ones are the latter, and all of a layer that is not <see cref="Layer.Trainable"/>. A layer's
    /// <c>ToString</c> counts its parameters.
    /// </remarks>
    public string Summary() => SummaryTable.Of(_layers, _rows, _criterion);

    /// <summary>The layers and how many numbers their parameters hold.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Network({string.Join(", ", _layers.Select(layer => layer.Name))}), "
        + $"{_layers.OfType<TrainableLayer>().Sum(layer => layer.ParameterCount):N0} parameters");

    /// <summary>What predicts with the layers as they are now; several threads may come here at once.</summary>
    private Predictor Predictor =>
        _predictor ?? Interlocked.CompareExchange(ref _predictor, new Predictor([.. _layers]), null) ?? _predictor;

    private TrainingHistory Fit(
        IReadOnlyList<Matrix<double>> xTrain,
        IReadOnlyList<Matrix<double>> yTrain,
        Criterion criterion,
        FitOptions options,
        bool wholeEpochs,
        CancellationToken cancellationToken)
    {
        var data = SampleChecks.Check(nameof(Fit), _layers, xTrain, yTrain, nameof(xTrain), nameof(yTrain));
        SampleChecks.RequireLearnable(_layers, criterion, data.X.Shape, data.Y.Shape);
        var validation = OptionChecks.Check(options, _layers, data.X, data.Y.Shape);
        InnerLayers.RequireVisibleState(_layers);
        RequireTrainable();
        if (Interlocked.Exchange(ref _training, 1) == 1)
        {
            throw new InvalidOperationException(
                "The network is being trained already. Wait for that Fit to end, or train another network.");
        }

        var (trainer, seed) = ((Trainer?)null, InitialSeed);
        Layer[] trained = [.. _all.SelectMany(InnerLayers.With).Distinct()];
        Array.ForEach(trained, layer => layer.BeginTraining());
        try
        {
            trainer = new Trainer(
                new NetworkParts(_layers, criterion, InitialSeed), Predictor, data, validation, options, wholeEpochs, cancellationToken);
            _initialSeed = trainer.WasCanceled ? _initialSeed : trainer.InitialSeed;
            return trainer.Run();
        }
        catch when (trainer is { Refused: true })
        {
            _initialSeed = seed;
            throw;
        }
        finally
        {
            Array.ForEach(trained, layer => layer.EndTraining());
            Volatile.Write(ref _training, 0);
        }
    }

    private void Append(Layer layer, Random? random = null)
    {
        layer.SetInputDepth(_depth);
        _outputShape = OutputShapeWith(layer);
        _depth = _outputShape?.Depth ?? _depth;
        foreach (var one in InnerLayers.With(layer))
        {
            one.DrawInitialWeights(random);
        }

        _layers.Add(layer);
        _all.UnionWith(LayerTree.All([layer]));
        _predictor = null;
    }

    /// <summary>The shape of Y with one more layer; of several rows, where it cannot take what becomes of one.</summary>
    private Shape? OutputShapeWith(Layer layer)
    {
        try
        {
            return LayerTree.OutputShape(layer, _outputShape, _rows);
        }
        catch (ArgumentException) when (LayerTree.RowsFor(_layers, layer, _rows) is { } rows)
        {
            _rows = rows;
            return LayerTree.OutputShape(layer, LayerTree.OutputShape(_layers, rows), rows);
        }
    }

    /// <summary>The call that sets a loss which suits the last layer.</summary>
    private string UseALoss => LayerTree.Flat(_layers)[^1] switch
    {
        SoftmaxLayer => "Use(Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime)",
        ActivationLayer { Function.Name: nameof(Activations.Sigmoid) } => "Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime)",
        _ => "Use(Losses.Mse, Losses.MsePrime) for numbers, "
            + "or Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime) for classes,",
    };

    private Criterion RequireLayersAndLoss(string method)
    {
        RequireLayers(method);
        return _criterion?.After(LayerTree.Flat(_layers)[^1])
            ?? throw new InvalidOperationException($"The network has no loss to train by. Call {UseALoss} before {method}.");
    }

    /// <summary>Refuses a network of which all that could learn is frozen.</summary>
    private void RequireTrainable()
    {
        var leaves = LayerTree.Leaves(_layers).Select(leaf => leaf.Layer);
        if (leaves.FirstOrDefault(leaf => leaf.IsFrozen && leaf is not TrainableLayer { Parameters.Count: 0 }) is { } frozen
            && !leaves.Any(leaf => leaf is not TrainableLayer and { IsFrozen: false })
            && LayerTree.TrainableParameters(_layers).Count == 0)
        {
            throw new InvalidOperationException(
                $"{frozen.Name} and all other layers with something to learn are frozen: Fit would change nothing. "
                + "Set Trainable = true on a layer that is to learn, or call Evaluate to measure the network as it is.");
        }
    }

    private void RequireLayers(string method)
    {
        if (_layers.Count == 0)
        {
            throw new InvalidOperationException($"The network has no layers. Call Add before {method}.");
        }
    }

    private void RefuseDuringTraining(string method)
    {
        if (Volatile.Read(ref _training) == 1)
        {
            throw new InvalidOperationException($"The network is being trained; {method} has to wait until Fit has ended.");
        }
    }
}
