using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

public class PositionsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 4)]
    [InlineData(5, 3)]
    public void SinusoidsAreVaswanis(int length, int size)
    {
        double[] table = Positions.Sinusoids(length, size);

        for (int t = 0; t < length; t++)
        {
            for (int i = 0; 2 * i < size; i++)
            {
                double angle = t / Math.Pow(10_000, 2.0 * i / size);
                table[(2 * i * length) + t].ShouldBeNear(Math.Sin(angle), 1e-14, 1e-14);
                if ((2 * i) + 1 < size)
                {
                    table[(((2 * i) + 1) * length) + t].ShouldBeNear(Math.Cos(angle), 1e-14, 1e-14);
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(4, 4)]
    [InlineData(5, 2)]
    public void TheFirstRowsAreAddedAndTheirGradientsAddedUp(int steps, int size)
    {
        const int Length = 5;
        const int From = 1;
        var values = new KernelValues(1);
        double[] table = values.Dense(Length * size);
        double[] x = values.Dense(steps * size);
        double[] errors = values.Dense(3 * x.Length);
        var (y, gradient) = (values.Border(KernelValues.Unset(x.Length)), values.Border(new double[Length * (size - From)]));

        Positions.Add(x, steps, table, Length, y.Values);
        Positions.AddGradients(errors, steps, size, From, Length, gradient.Values);

        y.ShouldBeExactly([.. x.Select((value, at) => value + table[(at / steps * Length) + (at % steps)])], "y");
        gradient.ShouldBeExactly(
            [.. Enumerable.Range(0, gradient.Length).Select(at =>
            {
                var (column, step) = (From + (at / Length), at % Length);
                double sum = 0;
                for (int sample = 0; step < steps && sample < 3; sample++)
                {
                    sum += errors[(sample * x.Length) + (column * steps) + step];
                }

                return sum;
            })],
            "gradient");
    }
}
