using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>Global pooling against the textbook, and against pooling with a window as large as the plane.</summary>
public class GlobalPoolingTests
{
    [Fact]
    public void MeansAndMaximaOfPlanesAndTheirErrors() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 5], Gen.Int[1, 4], Gen.Int).Sample(
            (height, width, planes, seed) =>
            {
                var values = new KernelValues(seed);
                int size = height * width;
                double[] x = values.Row(size * planes);

                // Ties, and now and then a NaN.
                x = (seed & 1) == 0 ? [.. x.Select(value => Math.Round(value))] : x;
                x[x.Length / 2] = (seed & 7) == 0 ? double.NaN : x[x.Length / 2];
                double[] error = values.Dense(planes);
                var (means, maxima) = (values.Border(Unset(planes)), values.Border(Unset(planes)));
                var (meanErrors, maxErrors) = (values.Border(Unset(x.Length)), values.Border(Unset(x.Length)));

                GlobalPooling.Average(x, height, width, means.Values);
                GlobalPooling.AverageInputError(error, height, width, meanErrors.Values);
                GlobalPooling.Max(x, height, width, maxima.Values);
                GlobalPooling.MaxInputError(x, error, height, width, maxErrors.Values);

                var whole = new WindowShape(height, width, planes, (height, width), (1, 1));
                double[] expected = new double[planes];
                double[] expectedErrors = new double[x.Length];
                Pooling.Max(whole, x, expected);
                Pooling.MaxInputError(whole, x, error, expectedErrors);
                maxima.BordersShouldBeUntouched("maxima");
                maxima.Values.ToArray().Should().Equal(expected);
                maxErrors.ShouldBeExactly(expectedErrors, "errors of maxima");
                meanErrors.ShouldBeExactly([.. Enumerable.Range(0, x.Length).Select(i => error[i / size] / size)], "errors of means");
                if (x.All(double.IsFinite))
                {
                    means.ShouldBe(
                        [.. x.Chunk(size).Select(plane => plane.Average())],
                        [.. x.Chunk(size).Select(plane => plane.Sum(Math.Abs))],
                        size + 2,
                        "means");
                }
                else
                {
                    means.Values.ToArray().Should().Contain(double.NaN);
                }
            },
            iter: 3000);
}
