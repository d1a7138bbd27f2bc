using System.Text.Json;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>Convolutions with strides and paddings, and poolings, against PyTorch's in float64, to 1e-10 relative.</summary>
public class GoldenKernelTests
{
    private const double Tolerance = 1e-10;
    private static readonly JsonElement s_golden = GoldenFile.Read("layers.json");

    public static TheoryData<int> Convolutions => [.. Enumerable.Range(0, s_golden.GetProperty("conv").GetArrayLength())];

    public static TheoryData<int> Poolings => [.. Enumerable.Range(0, s_golden.GetProperty("pooling").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void ConvolutionAgreesWithPyTorch(int index)
    {
        var golden = s_golden.GetProperty("conv")[index];
        var (input, kernels) = (golden.GetProperty("input"), golden.GetProperty("weights"));
        var (stride, padding) = (golden.Int("stride"), golden.Int("padding"));
        var shape = new ConvolutionShape(
            input[0][0].GetArrayLength(),
            input[0][0][0].GetArrayLength(),
            input[0].GetArrayLength(),
            kernels[0][0].GetArrayLength(),
            kernels[0][0][0].GetArrayLength(),
            kernels.GetArrayLength(),
            (stride, stride),
            (padding, padding, padding, padding));
        var (x, w, b) = (Values(input), kernels.Numbers(), golden.GetProperty("bias").Numbers());
        var (expected, outputError) = (Values(golden.GetProperty("output")), Values(golden.GetProperty("outputError")));
        var (output, inputError, weightsError, biasError) =
            (new double[expected.Length], new double[x.Length], new double[w.Length], new double[b.Length]);

        Convolution.Correlate(shape, input.GetArrayLength(), x, w, b, output);
        Convolution.InputErrors(shape, input.GetArrayLength(), outputError, w, inputError);
        Convolution.AddGradients(shape, input.GetArrayLength(), 1, x, outputError, 0, b.Length, weightsError, biasError);

        Compare(output, expected, "output");
        Compare(inputError, Values(golden.GetProperty("inputError")), "inputError");
        Compare(weightsError, golden.GetProperty("weightsError").Numbers(), "weightsError");
        Compare(biasError, golden.GetProperty("biasError").Numbers(), "biasError");
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    public void PoolingAgreesWithPyTorch(int index)
    {
        var golden = s_golden.GetProperty("pooling")[index];
        var (input, size, stride) = (golden.GetProperty("input"), golden.Int("size"), golden.Int("stride"));
        var shape = new WindowShape(
            input[0][0].GetArrayLength(), input[0][0][0].GetArrayLength(), input[0].GetArrayLength(), (size, size), (stride, stride));
        for (int sample = 0; sample < input.GetArrayLength(); sample++)
        {
            double[] x = Planes(input[sample]);
            double[] outputError = Planes(golden.GetProperty("outputError")[sample]);
            var (output, inputError) = (new double[outputError.Length], new double[x.Length]);
            if (golden.GetProperty("kind").GetString() == "max")
            {
                Pooling.Max(shape, x, output);
                Pooling.MaxInputError(shape, x, outputError, inputError);
            }
            else
            {
                Pooling.Average(shape, x, output);
                Pooling.AverageInputError(shape, outputError, inputError);
            }

            Compare(output, Planes(golden.GetProperty("output")[sample]), "output");
            Compare(inputError, Planes(golden.GetProperty("inputError")[sample]), "inputError");
        }
    }

    [Fact]
    public void AllSixOfEachAreCompared() =>
        (s_golden.GetProperty("conv").GetArrayLength(), s_golden.GetProperty("pooling").GetArrayLength()).Should().Be((6, 6));

    /// <summary>[sample][plane][row][column] as the kernels have it.</summary>
    private static double[] Values(JsonElement samples) => [.. samples.EnumerateArray().SelectMany(Planes)];

    private static double[] Planes(JsonElement planes) => planes.Planes().ToColumnMajorArray();

    private static void Compare(double[] actual, double[] expected, string what) => Matrices.Of(actual)
        .ShouldBeNear(Matrices.Of(expected), Tolerance, what: what);
}
