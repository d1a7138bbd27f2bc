using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using NeuralNet.Layers;

namespace NeuralNet;

public sealed partial class Network
{
    private static readonly SoftmaxLayer s_softmax = new();

    /// <summary>Predicts how likely each class is for one sample; may be called from several threads at once.</summary>
    /// <param name="input">X, in the shape that the first layer takes; finite numbers.</param>
    /// <returns>Probabilities, 0 to 1, in the shape of the network's output.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has the wrong shape, or holds NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, or gives no probabilities; or a user's layer or function threw, which is the InnerException.
    /// </exception>
    /// <remarks>
    /// <para>
    /// With <see cref="Losses.SoftmaxCrossEntropy"/> the output is logits, and the probabilities are its softmax, which add up to 1 in each
    /// row. With <see cref="Losses.BinaryCrossEntropyFromLogits"/> they are its sigmoid. With
    /// <see cref="Losses.CategoricalCrossEntropy"/> or <see cref="Losses.BinaryCrossEntropy"/>, or where the last layer is a
    /// <see cref="SoftmaxLayer"/> or <see cref="Activations.Sigmoid"/>, the output is the probabilities. Any other network
    /// gives numbers that are none, and is refused.
    /// </para>
    /// <para>The loss is part of what <see cref="Save(string, LayerRegistry?)"/> stores; an ONNX model has none: there the last layer
    /// decides.</para>
    /// </remarks>
    public Matrix<double> PredictProbabilities(Matrix<double> input)
    {
        var y = Predict(input);
        return ToProbabilities(nameof(PredictProbabilities))(y);
    }

    /// <summary>Predicts how likely each class is for many samples, in their order; may be called from several threads at once.</summary>
    /// <param name="inputs">Samples X, each in the shape that the first layer takes; finite numbers. An empty list gives an empty
    /// one.</param>
    /// <returns>For each sample probabilities, 0 to 1, in the shape of the network's output.</returns>
    /// <exception cref="ArgumentException">A sample is null, has the wrong shape, or holds NaN or infinity.</exception>
    /// <inheritdoc cref="PredictProbabilities(Matrix{double})"/>
    public IReadOnlyList<Matrix<double>> PredictProbabilities(IReadOnlyList<Matrix<double>> inputs)
    {
        var outputs = Predict(inputs);
        return [.. outputs.Select(ToProbabilities(nameof(PredictProbabilities)))];
    }

    /// <summary>Predicts the class of one sample; may be called from several threads at once.</summary>
    /// <param name="input">X, in the shape that the first layer takes; finite numbers.</param>
    /// <returns>The class, from 0.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has the wrong shape, or holds NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, or its output is several rows, one value that is no probability, or NaN; or a user's layer or function
    /// threw, which is the InnerException.
    /// </exception>
    /// <remarks>
    /// The class is the place of the greatest output, of several equal ones the first, as <see cref="Labels.OneHot"/> counts them: the
    /// likeliest one, whether the outputs are logits or probabilities. Where each output is a yes or no for itself,
    /// <see cref="PredictProbabilities(Matrix{double})"/> tells more. A network that gives one probability says 1, which is yes, from 0.5
    /// on, and 0 below, as <see cref="Metric.BinaryAccuracy"/> counts.
    /// </remarks>
    public int PredictClass(Matrix<double> input) => ClassOf(Predict(input), nameof(PredictClass));

    /// <summary>Predicts the classes of many samples, in their order; may be called from several threads at once.</summary>
    /// <param name="inputs">Samples X, each in the shape that the first layer takes; finite numbers. An empty list gives an empty
    /// one.</param>
    /// <returns>The class of each sample, from 0.</returns>
    /// <exception cref="ArgumentException">A sample is null, has the wrong shape, or holds NaN or infinity.</exception>
    /// <inheritdoc cref="PredictClass"/>
    public IReadOnlyList<int> PredictClasses(IReadOnlyList<Matrix<double>> inputs) =>
        [.. Predict(inputs).Select(y => ClassOf(y, nameof(PredictClasses)))];

    /// <summary>Predicts a class for each row of the output of one sample; may be called from several threads at once.</summary>
    /// <param name="input">X, in the shape that the first layer takes; finite numbers: a sequence, for a network that gives classes for
    /// each step, or a table of one sample a row, for one whose layers take any number of rows.</param>
    /// <returns>The class of each row of the output, from 0.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has the wrong shape, or holds NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, or its output is rows of one value that is no probability, or NaN; or a user's layer or function threw,
    /// which is the InnerException.
    /// </exception>
    /// <inheritdoc cref="PredictClass"/>
    public IReadOnlyList<int> PredictClasses(Matrix<double> input) => ClassesOf(Predict(input), nameof(PredictClasses));

    /// <summary>
    /// Begins a stream: a sequence that comes one step at a time, as from a sensor, with the output after each step.
    /// </summary>
    /// <returns>A stream with the layers that the network has now, before its first step.</returns>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, or one needs the whole sequence at once, or does not say how it takes one step by step (see
    /// <see cref="BatchLayer.NewStreamState"/>); the message names it and the way out.
    /// </exception>
    /// <remarks>
    /// Layers over steps keep what they need: recurrent layers their state, a <see cref="Conv1DLayer"/> with <see cref="Padding.Causal"/>
    /// the steps that its filters still see, a causal <see cref="SelfAttentionLayer"/> keys and values of all steps, global pooling a sum
    /// or the greatest values. Refused are layers that look ahead, such as a <see cref="BidirectionalLayer"/>, and those that take no
    /// sequences. Behind a layer that gives one row of all steps, any layer will do.
    /// </remarks>
    public SequenceStream Stream()
    {
        RequireLayers(nameof(Stream));
        return new SequenceStream([.. _layers]);
    }

    private int ClassOf(Matrix<double> y, string method)
    {
        var shape = Shape.Of(y);
        return shape.Rows == 1
            ? ClassesOf(y, method)[0]
            : throw new InvalidOperationException(
                $"{method} expects a network that gives a 1 x classes row, but {_layers[^1].Name} gives {shape}. "
                + "PredictClasses of one sample gives the class of each row.");
    }

    private IReadOnlyList<int> ClassesOf(Matrix<double> y, string method)
    {
        if (y.Exists(double.IsNaN))
        {
            throw new InvalidOperationException(
                $"{method} expects numbers to choose from, but {_layers[^1].Name} gives NaN. "
                + "Train the network with a smaller learning rate.");
        }

        return y.ColumnCount > 1
            ? [.. y.EnumerateRows().Select(row => row.MaximumIndex())]
            : [.. ToProbabilities(method)(y).Enumerate().Select(probability => probability >= 0.5 ? 1 : 0)];
    }

    /// <summary>What makes probabilities of the network's output.</summary>
    private Func<Matrix<double>, Matrix<double>> ToProbabilities(string method)
    {
        RequireLayers(method);
        switch (_criterion?.BuiltInName)
        {
            case nameof(Losses.SoftmaxCrossEntropy):
                return Probabilities;
            case nameof(Losses.BinaryCrossEntropyFromLogits):
                return Activations.Sigmoid;
            case nameof(Losses.CategoricalCrossEntropy) or nameof(Losses.BinaryCrossEntropy):
                return y => y;
        }

        string loss = _criterion is null ? "no loss" : _criterion.BuiltInName ?? "a loss of your own";
        return LayerTree.Flat(_layers)[^1] is SoftmaxLayer or ActivationLayer { Function.Name: nameof(Activations.Sigmoid) }
            ? y => y
            : throw new InvalidOperationException(
                $"{method} expects a network that gives probabilities, but {_layers[^1].Name} with {loss} gives any numbers. "
                + "Take those of Predict; or train by Losses.SoftmaxCrossEntropy for classes, "
                + "or by Losses.BinaryCrossEntropy after Activations.Sigmoid for a yes or no.");

        Matrix<double> Probabilities(Matrix<double> y)
        {
            s_softmax.RequireLearnable(Shape.Of(y));
            return s_softmax.Predict(y);
        }
    }
}
