using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>The article's Network.fit, line by line.</summary>
internal static class ArticleLoop
{
    public static List<double> Fit(
        IReadOnlyList<Layer> layers,
        Loss loss,
        LossPrime lossPrime,
        IReadOnlyList<Matrix<double>> xTrain,
        IReadOnlyList<Matrix<double>> yTrain,
        int epochs,
        double learningRate)
    {
        var errors = new List<double>();
        for (int i = 0; i < epochs; i++)
        {
            double err = 0;
            for (int j = 0; j < xTrain.Count; j++)
            {
                var output = xTrain[j];
                foreach (var layer in layers)
                {
                    output = layer.ForwardPropagation(output);
                }

                err += loss(yTrain[j], output);
                var error = lossPrime(yTrain[j], output);
                foreach (var layer in layers.Reverse())
                {
                    error = layer.BackwardPropagation(error, learningRate);
                }
            }

            errors.Add(err / xTrain.Count);
        }

        return errors;
    }
}
