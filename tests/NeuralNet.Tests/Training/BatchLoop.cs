using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

/// <summary>
/// Mini-batches as the documentation has them, by the public methods of layers and optimizers: the oracle of Fit with options.
/// </summary>
internal static class BatchLoop
{
    /// <summary>Sample after sample through the layers and back. Returns each epoch's mean loss.</summary>
    public static List<double> Fit(
        IReadOnlyList<Layer> layers,
        Loss loss,
        LossPrime lossPrime,
        IReadOnlyList<Matrix<double>> x,
        IReadOnlyList<Matrix<double>> y,
        int epochs,
        int batchSize,
        Optimizer optimizer)
    {
        var errors = new List<double>();
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            double sum = 0;
            foreach (int[] batch in Enumerable.Range(0, x.Count).Chunk(batchSize))
            {
                foreach (int sample in batch)
                {
                    var output = layers.Aggregate(x[sample], (input, layer) => layer.ForwardPropagation(input));
                    sum += loss(y[sample], output);
                    var error = lossPrime(y[sample], output);
                    foreach (var layer in layers.Reverse())
                    {
                        error = Backward(layer, error, optimizer.LearningRate / batch.Length);
                    }
                }

                Update(layers, batch.Length, optimizer);
            }

            errors.Add(sum / x.Count);
        }

        return errors;
    }

    /// <summary>
    /// All samples of a batch through one layer before the next, as batch normalisation needs it; that is worked out here in plain
    /// arithmetic, for rows.
    /// </summary>
    public static List<double> FitLayerByLayer(
        IReadOnlyList<Layer> layers,
        Loss loss,
        LossPrime lossPrime,
        IReadOnlyList<Matrix<double>> x,
        IReadOnlyList<Matrix<double>> y,
        int epochs,
        int batchSize,
        Optimizer optimizer)
    {
        var errors = new List<double>();
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            double sum = 0;
            foreach (int[] batch in Enumerable.Range(0, x.Count).Chunk(batchSize))
            {
                var inputs = new List<Matrix<double>[]> { Array.ConvertAll(batch, sample => x[sample]) };
                foreach (var layer in layers)
                {
                    inputs.Add(layer is BatchNormLayer norm
                        ? Normalise(norm, inputs[^1])
                        : Array.ConvertAll(inputs[^1], layer.ForwardPropagation));
                }

                sum += batch.Zip(inputs[^1], (sample, output) => loss(y[sample], output)).Sum();
                Matrix<double>[] outputErrors = [.. batch.Zip(inputs[^1], (sample, output) => lossPrime(y[sample], output))];
                for (int i = layers.Count - 1; i >= 0; i--)
                {
                    var layer = layers[i];
                    outputErrors = layer is BatchNormLayer norm
                        ? NormaliseBackward(norm, inputs[i], outputErrors)
                        : [.. inputs[i].Zip(outputErrors, (input, error) => Backward(layer, error, 0, input))];
                }

                Update(layers, batch.Length, optimizer);
            }

            errors.Add(sum / x.Count);
        }

        return errors;
    }

    private static Matrix<double> Backward(Layer layer, Matrix<double> outputError, double learningRate, Matrix<double>? input = null)
    {
        if (input is not null)
        {
            layer.ForwardPropagation(input);
        }

        return layer is TrainableLayer trainable ? trainable.Backward(outputError) : layer.BackwardPropagation(outputError, learningRate);
    }

    private static void Update(IReadOnlyList<Layer> layers, int samples, Optimizer optimizer)
    {
        Parameter[] parameters = [.. layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters)];
        foreach (var parameter in parameters)
        {
            parameter.Gradient.Divide(samples, parameter.Gradient);
            parameter.Gradient.Add(2 * parameter.L2 * parameter.Value, parameter.Gradient);
        }

        optimizer.Step(parameters);
        foreach (var parameter in parameters)
        {
            parameter.Gradient.Clear();
        }
    }

    private static Matrix<double>[] Normalise(BatchNormLayer layer, Matrix<double>[] x)
    {
        var (mean, variance) = Moments(x);
        double m = x.Length;
        layer.RunningMean = ((1 - layer.Momentum) * layer.RunningMean) + (layer.Momentum * mean);
        layer.RunningVariance = ((1 - layer.Momentum) * layer.RunningVariance) + (layer.Momentum * variance * (m / (m - 1)));
        return Array.ConvertAll(Hats(layer, x), hat => hat.PointwiseMultiply(layer.Gamma) + layer.Beta);
    }

    private static Matrix<double>[] NormaliseBackward(BatchNormLayer layer, Matrix<double>[] x, Matrix<double>[] outputErrors)
    {
        var (_, variance) = Moments(x);
        var hats = Hats(layer, x);
        var gammaGradient = hats.Zip(outputErrors, (hat, error) => hat.PointwiseMultiply(error)).Aggregate((a, b) => a + b);
        var betaGradient = outputErrors.Aggregate((a, b) => a + b);
        layer.Parameters[0].Gradient.Add(gammaGradient, layer.Parameters[0].Gradient);
        layer.Parameters[1].Gradient.Add(betaGradient, layer.Parameters[1].Gradient);
        var scale = layer.Gamma.PointwiseDivide((variance + layer.Epsilon).PointwiseSqrt());
        return [.. hats.Zip(
            outputErrors,
            (hat, error) => scale.PointwiseMultiply(error - ((betaGradient + hat.PointwiseMultiply(gammaGradient)) / x.Length)))];
    }

    private static Matrix<double>[] Hats(BatchNormLayer layer, Matrix<double>[] x)
    {
        var (mean, variance) = Moments(x);
        return Array.ConvertAll(x, one => (one - mean).PointwiseDivide((variance + layer.Epsilon).PointwiseSqrt()));
    }

    private static (Matrix<double> Mean, Matrix<double> Variance) Moments(Matrix<double>[] x)
    {
        var mean = x.Aggregate((a, b) => a + b) / x.Length;
        return (mean, x.Select(one => (one - mean).PointwisePower(2)).Aggregate((a, b) => a + b) / x.Length);
    }
}
