using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

/// <summary>Training by mini-batches as its documentation defines it, by the layers' public methods only: the oracle of Fit.</summary>
internal static class BatchLoop
{
    public static List<double> Fit(
        Network network, (Loss Loss, LossPrime Prime) criterion, IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, int epochs, int batchSize, Optimizer optimizer)
    {
        Parameter[] parameters = [.. network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters)];
        var losses = new List<double>();
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            double sum = 0;
            foreach (int[] batch in Enumerable.Range(0, x.Count).Chunk(batchSize))
            {
                foreach (var parameter in parameters)
                {
                    parameter.Gradient.Clear();
                }

                foreach (int sample in batch)
                {
                    sum += AddGradients(network.Layers, criterion, x[sample], y[sample], optimizer.LearningRate / batch.Length);
                }

                foreach (var parameter in parameters)
                {
                    parameter.Gradient.Divide(batch.Length, parameter.Gradient);
                    parameter.Gradient.Add(2 * parameter.L2 * parameter.Value, parameter.Gradient);
                }

                optimizer.Step(parameters);
            }

            losses.Add(sum / x.Count);
        }

        return losses;
    }

    private static double AddGradients(IReadOnlyList<Layer> layers, (Loss Loss, LossPrime Prime) criterion, Matrix<double> x, Matrix<double> y, double rate)
    {
        var output = layers.Aggregate(x, (input, layer) => layer.ForwardPropagation(input));
        var error = criterion.Prime(y, output);
        foreach (var layer in layers.Reverse())
        {
            error = layer is TrainableLayer trainable ? trainable.Backward(error) : layer.BackwardPropagation(error, rate);
        }

        return criterion.Loss(y, output);
    }
}
