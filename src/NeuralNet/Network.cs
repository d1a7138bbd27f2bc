using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>Layers in a row, trained by propagating each sample's error back through them.</summary>
public sealed class Network
{
    private readonly List<Layer> _layers = [];
    private Criterion? _criterion;
    private Shape? _outputShape;
    private int _depth = 1;
    private int _training;

    /// <summary>The buffers of the last Predict, for the next one: a thread takes them away while it uses them.</summary>
    private Pipeline? _idle;

    /// <summary>The layers, the first one first.</summary>
    public IReadOnlyList<Layer> Layers => _layers.AsReadOnly();

    /// <summary>Adds a layer after the others.</summary>
    /// <param name="layer">The layer, not in this network yet.</param>
    /// <returns>This network, so that calls chain.</returns>
    /// <exception cref="ArgumentException">The layer cannot take the output of the one before it, or is in this network already.</exception>
    /// <exception cref="InvalidOperationException">The network is being trained.</exception>
    public Network Add(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        RefuseDuringTraining(nameof(Add));
        if (layer is TrainableLayer { Parameters: null })
        {
            throw new ArgumentException($"{layer.Name}'s Parameters is null; it must list its parameters, or be empty.", nameof(layer));
        }

        if (_layers.Contains(layer))
        {
            throw new ArgumentException($"{layer.Name} is in this network already; a layer keeps its last input, so each place needs one of its own. Make a new layer.", nameof(layer));
        }

        (layer as FlattenLayer)?.Follow(_depth);
        _outputShape = (layer as IBatchLayer)?.OutputShape(_outputShape);
        _depth = _outputShape?.Depth ?? _depth;
        _layers.Add(layer);
        _idle = null;
        return this;
    }

    /// <summary>Sets the loss to train by.</summary>
    /// <param name="loss">E of a sample, such as <see cref="Losses.Mse"/>.</param>
    /// <param name="lossPrime">dE/dY, such as <see cref="Losses.MsePrime"/>.</param>
    /// <returns>This network, so that calls chain.</returns>
    /// <exception cref="InvalidOperationException">The network is being trained.</exception>
    public Network Use(Loss loss, LossPrime lossPrime)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(lossPrime);
        RefuseDuringTraining(nameof(Use));
        _criterion = new Criterion(loss, lossPrime);
        return this;
    }

    /// <summary>The output for one sample; may be called from several threads at once.</summary>
    /// <param name="input">X, in the shape that the first layer takes; finite numbers.</param>
    /// <returns>Y, a matrix that nobody else writes to later.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has the wrong shape, or holds NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">The network has no layers.</exception>
    /// <remarks>Allowed in a callback of Fit between epochs; from another thread while Fit runs it is not supported.</remarks>
    public Matrix<double> Predict(Matrix<double> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        RequireLayers(nameof(Predict));
        Check.Finite(input, "The input", nameof(input));
        return PredictChecked(input);
    }

    /// <summary>The outputs for many samples, in their order; may be called from several threads at once.</summary>
    /// <param name="inputs">Samples X, each in the shape that the first layer takes; finite numbers. An empty list gives an empty one.</param>
    /// <returns>Y for each sample.</returns>
    /// <inheritdoc cref="Predict(Matrix{double})"/>
    public IReadOnlyList<Matrix<double>> Predict(IReadOnlyList<Matrix<double>> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        RequireLayers(nameof(Predict));
        CheckSamples(inputs, nameof(inputs));
        return [.. inputs.Select(PredictChecked)];
    }

    /// <summary>Trains as the article does: sample by sample, in order, updating the parameters after each.</summary>
    /// <param name="xTrain">The samples X, each in the shape that the first layer takes; finite numbers. Never modified.</param>
    /// <param name="yTrain">What the network should give for each sample, in the shape of its output; finite numbers. Never modified.</param>
    /// <param name="epochs">How many times to go through the samples, 1 or more.</param>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <param name="progress">Told after each epoch, on the training thread. <see cref="SynchronousProgress{T}"/> keeps the reports in order.</param>
    /// <param name="cancellationToken">Ends training after the current epoch, with what was learnt so far and no exception.</param>
    /// <returns>Each epoch's mean loss, and why training ended.</returns>
    /// <exception cref="ArgumentException">The sets are empty, differ in count, or hold a sample that is null, of a wrong shape or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epochs"/> or <paramref name="learningRate"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">The network has no layers, no loss, or is being trained already.</exception>
    /// <remarks>
    /// A loss or parameter that stops being finite ends training with <see cref="StopReason.NumericOverflow"/>, and the parameters go back to what they were at the end of
    /// the last good epoch. (What a user's own layer that is no <see cref="TrainableLayer"/> learns is out of the network's sight and stays as it is.)
    /// </remarks>
    public TrainingHistory Fit(
        IReadOnlyList<Matrix<double>> xTrain,
        IReadOnlyList<Matrix<double>> yTrain,
        int epochs,
        double learningRate,
        IProgress<EpochReport>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var criterion = CheckFit(xTrain, yTrain, epochs, learningRate);
        if (Interlocked.Exchange(ref _training, 1) == 1)
        {
            throw new InvalidOperationException("The network is being trained already. Wait for that Fit to end, or train another network.");
        }

        try
        {
            var pipeline = Pipeline.TryMake(_layers, Shape.Of(xTrain[0]));
            Func<Matrix<double>, Matrix<double>, double, double> step = pipeline is null ? Step : (x, y, rate) => pipeline.Step(criterion, x, y, rate);
            return Train(step, xTrain, yTrain, epochs, learningRate, progress, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _training, 0);
        }
    }

    /// <summary>A table of the layers with their output shapes and numbers of parameters, in the form of Keras' <c>summary()</c>.</summary>
    /// <returns>Several lines, for the caller to print.</returns>
    public string Summary() => SummaryTable.Of(_layers);

    /// <summary>The layers and how many numbers they learn.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Network({string.Join(", ", _layers.Select(layer => layer.Name))}), {_layers.OfType<TrainableLayer>().Sum(layer => layer.ParameterCount):N0} parameters");

    private TrainingHistory Train(
        Func<Matrix<double>, Matrix<double>, double, double> step,
        IReadOnlyList<Matrix<double>> xTrain,
        IReadOnlyList<Matrix<double>> yTrain,
        int epochs,
        double learningRate,
        IProgress<EpochReport>? progress,
        CancellationToken cancellationToken)
    {
        var losses = new List<double>();
        var lastGood = new Snapshot(_layers);
        var (count, x, y) = (xTrain.Count, Shape.Of(xTrain[0]), Shape.Of(yTrain[0]));
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            RequireUnchanged(nameof(xTrain), xTrain, count, x);
            RequireUnchanged(nameof(yTrain), yTrain, count, y);
            if (TrainEpoch(step, xTrain, yTrain, learningRate, lastGood, out double error) is { } overflow)
            {
                return new TrainingHistory(
                    losses,
                    StopReason.NumericOverflow,
                    $"Numeric overflow in epoch {Text(epoch)}: {overflow}. The network has the parameters it had before that epoch. Try a smaller learning rate, or inputs scaled to about -1 to 1.");
            }

            losses.Add(error / xTrain.Count);
            progress?.Report(new EpochReport(epoch, epochs, losses[^1]));
            if (cancellationToken.IsCancellationRequested && epoch < epochs)
            {
                return new TrainingHistory(losses, StopReason.Canceled, $"Canceled after epoch {Text(epoch)} of {Text(epochs)}.");
            }
        }

        return new TrainingHistory(losses, StopReason.EpochsCompleted, $"All {Text(epochs)} epochs were run.");
    }

    /// <summary>A callback between epochs may write to the caller's lists.</summary>
    private static void RequireUnchanged(string name, IReadOnlyList<Matrix<double>> samples, int count, Shape shape)
    {
        if (samples.Count != count || samples.Any(sample => sample is null || !Shape.Of(sample).SameMatrix(shape)))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"{name} was changed during Fit: it must keep its {count} samples of {shape}. Give Fit a list that nobody writes to."));
        }
    }

    /// <summary>Goes through the samples once. Where that ends badly, by overflow (which it returns in words) or by a user's function that throws, the parameters are back where they were.</summary>
    private static string? TrainEpoch(
        Func<Matrix<double>, Matrix<double>, double, double> step,
        IReadOnlyList<Matrix<double>> xTrain,
        IReadOnlyList<Matrix<double>> yTrain,
        double learningRate,
        Snapshot lastGood,
        out double error)
    {
        bool good = false;
        try
        {
            error = 0;
            for (int sample = 0; sample < xTrain.Count; sample++)
            {
                double loss = step(xTrain[sample], yTrain[sample], learningRate);
                error += loss;
                if (!double.IsFinite(error))
                {
                    return double.IsFinite(loss)
                        ? $"the losses up to that of sample {Text(sample)} add up to {Text(error)}"
                        : $"the loss of sample {Text(sample)} is {Text(loss)}";
                }
            }

            good = lastGood.TryRenew();
            return good ? null : $"a parameter was no longer finite after sample {Text(xTrain.Count - 1)}";
        }
        finally
        {
            if (!good)
            {
                lastGood.Restore();
            }
        }
    }

    private double Step(Matrix<double> x, Matrix<double> y, double learningRate)
    {
        var output = x;
        foreach (var layer in _layers)
        {
            output = layer.ForwardPropagation(output) ?? throw new InvalidOperationException($"{layer.Name}'s ForwardPropagation returned null; it must return Y.");
        }

        RequireOutputShape(Shape.Of(y), Shape.Of(output));
        double loss = _criterion!.Loss(y, output);
        if (!double.IsFinite(loss))
        {
            return loss;
        }

        var error = _criterion.Prime(y, output);
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            error = _layers[i].BackwardPropagation(error, learningRate)
                ?? throw new InvalidOperationException($"{_layers[i].Name}'s BackwardPropagation returned null; it must return dE/dX.");
            if (_layers[i].Input is { } input && !Shape.Of(error).SameMatrix(Shape.Of(input)))
            {
                throw new InvalidOperationException($"{_layers[i].Name}'s BackwardPropagation returned {Shape.Of(error)}; it must return dE/dX in the shape of its input, {Shape.Of(input)}.");
            }
        }

        return loss;
    }

    private Matrix<double> PredictChecked(Matrix<double> input)
    {
        var pipeline = Interlocked.Exchange(ref _idle, null);
        if (pipeline is null || !pipeline.Input.SameMatrix(Shape.Of(input)))
        {
            pipeline = Pipeline.TryMake(_layers, Shape.Of(input));
        }

        if (pipeline is null)
        {
            return PredictLayerByLayer(input);
        }

        var output = pipeline.Predict(input);
        _idle = pipeline;
        return output;
    }

    private Matrix<double> PredictLayerByLayer(Matrix<double> input)
    {
        var output = input;
        foreach (var layer in _layers)
        {
            output = layer.Predict(output) ?? throw new InvalidOperationException($"{layer.Name}'s Predict returned null; it must return Y.");
        }

        return output;
    }

    private Criterion CheckFit(IReadOnlyList<Matrix<double>> xTrain, IReadOnlyList<Matrix<double>> yTrain, int epochs, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(xTrain);
        ArgumentNullException.ThrowIfNull(yTrain);
        RequireLayers(nameof(Fit));
        var criterion = _criterion ?? throw new InvalidOperationException("The network has no loss to train by. Call Use(Losses.Mse, Losses.MsePrime) before Fit.");
        Check.Positive(epochs, "The number of epochs", nameof(epochs));
        Check.LearningRate(learningRate);
        if (xTrain.Count == 0)
        {
            throw new ArgumentException("Fit expects at least one sample, but xTrain is empty.", nameof(xTrain));
        }

        if (xTrain.Count != yTrain.Count)
        {
            throw new ArgumentException(FormattableString.Invariant($"Fit expects as many yTrain as xTrain, but got {xTrain.Count} xTrain and {yTrain.Count} yTrain."), nameof(yTrain));
        }

        var output = CheckSamples(xTrain, nameof(xTrain));
        var expected = CheckTargets(yTrain);
        if (output is { } shape)
        {
            RequireOutputShape(expected, shape);
        }

        return criterion;
    }

    /// <summary>Checks each sample against the layers; returns the shape of the network's output where the layers tell.</summary>
    private Shape? CheckSamples(IReadOnlyList<Matrix<double>> samples, string parameter)
    {
        Shape? output = null;
        for (int i = 0; i < samples.Count; i++)
        {
            var sample = samples[i] ?? throw new ArgumentException($"{parameter}[{Text(i)}] is null; each sample must be a matrix.", parameter);
            Check.Finite(sample, $"{parameter}[{Text(i)}]", parameter);
            if (i > 0 && Shape.Of(samples[0]).SameMatrix(Shape.Of(sample)))
            {
                continue;
            }

            if (i > 0)
            {
                throw new ArgumentException($"Samples must have one shape, but {parameter}[0] is {Shape.Of(samples[0])} and {parameter}[{Text(i)}] is {Shape.Of(sample)}.", parameter);
            }

            output = Shape.Of(sample);
            foreach (var layer in _layers)
            {
                output = (layer as IBatchLayer)?.OutputShape(output);
            }
        }

        return output;
    }

    private static Shape CheckTargets(IReadOnlyList<Matrix<double>> yTrain)
    {
        for (int i = 0; i < yTrain.Count; i++)
        {
            var target = yTrain[i] ?? throw new ArgumentException($"yTrain[{Text(i)}] is null; each target must be a matrix.", nameof(yTrain));
            Check.Finite(target, $"yTrain[{Text(i)}]", nameof(yTrain));
            if (!Shape.Of(target).SameMatrix(Shape.Of(yTrain[0])))
            {
                throw new ArgumentException($"Targets must have one shape, but yTrain[0] is {Shape.Of(yTrain[0])} and yTrain[{Text(i)}] is {Shape.Of(target)}.", nameof(yTrain));
            }
        }

        return Shape.Of(yTrain[0]);
    }

    private void RequireOutputShape(Shape yTrain, Shape output)
    {
        if (!yTrain.SameMatrix(output))
        {
            throw new ArgumentException($"{_layers[^1].Name} gives {output.Rows} x {output.Columns}, so yTrain must be {output.Rows} x {output.Columns} each, but got {yTrain}.", nameof(yTrain));
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

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
