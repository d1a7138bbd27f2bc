using System.Text.Json;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Golden;

/// <summary>
/// Softmax and the cross-entropies against PyTorch's in float64, to 1e-10 relative. PyTorch's loss is the mean over the rows, one
/// sample each.
/// </summary>
public class GoldenSoftmaxTests
{
    private const double Tolerance = 1e-10;
    private static readonly JsonElement s_softmax = GoldenFile.Read("layers.json").GetProperty("softmax");
    private static readonly JsonElement s_crossEntropy = GoldenFile.Read("layers.json").GetProperty("losses")
        .GetProperty("softmaxCrossEntropyFromLogits");

    [Fact]
    public void SoftmaxAndItsInputErrorAgreeWithPyTorch()
    {
        int rows = s_softmax.GetProperty("input").GetArrayLength();
        rows.Should().Be(3);
        for (int row = 0; row < rows; row++)
        {
            double[] x = s_softmax.GetProperty("input")[row].Numbers();
            double[] y = new double[x.Length];
            double[] inputError = new double[x.Length];

            Softmax.Apply(x, y);
            Softmax.InputError(y, s_softmax.GetProperty("outputError")[row].Numbers(), inputError);

            Matrices.Of(y).ShouldBeNear(s_softmax.GetProperty("output")[row].Row(), Tolerance, what: "output");
            Matrices.Of(inputError).ShouldBeNear(s_softmax.GetProperty("inputError")[row].Row(), Tolerance, what: "inputError");
        }
    }

    [Fact]
    public void SoftmaxCrossEntropyAgreesWithPyTorch()
    {
        int rows = s_crossEntropy.GetProperty("yPred").GetArrayLength();
        rows.Should().Be(3);
        double sum = 0;
        for (int row = 0; row < rows; row++)
        {
            var yTrue = s_crossEntropy.GetProperty("yTrue")[row].Row();
            var logits = s_crossEntropy.GetProperty("yPred")[row].Row();

            sum += Losses.SoftmaxCrossEntropy(yTrue, logits);
            Losses.SoftmaxCrossEntropyPrime(yTrue, logits)
                .ShouldBeNear(rows * s_crossEntropy.GetProperty("derivative")[row].Row(), Tolerance, what: "derivative");
        }

        (sum / rows).ShouldBeNear(s_crossEntropy.Double("loss"), Tolerance, what: "loss");
    }

    [Fact]
    public void CategoricalCrossEntropyAfterASoftmaxAgreesWithPyTorch()
    {
        int rows = s_crossEntropy.GetProperty("yPred").GetArrayLength();
        double sum = 0;
        for (int row = 0; row < rows; row++)
        {
            var yTrue = s_crossEntropy.GetProperty("yTrue")[row].Row();
            double[] y = new double[yTrue.ColumnCount];
            double[] inputError = new double[yTrue.ColumnCount];

            Softmax.Apply(s_crossEntropy.GetProperty("yPred")[row].Numbers(), y);
            sum += Losses.CategoricalCrossEntropy(yTrue, Matrices.Of(y));
            Softmax.InputError(y, Losses.CategoricalCrossEntropyPrime(yTrue, Matrices.Of(y)).ToRowMajorArray(), inputError);

            Matrices.Of(inputError).ShouldBeNear(rows * s_crossEntropy.GetProperty("derivative")[row].Row(), Tolerance, what: "derivative");
        }

        (sum / rows).ShouldBeNear(s_crossEntropy.Double("loss"), Tolerance, what: "loss");
    }
}
