using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Tests.Support;

/// <summary>Random matrices, sets and the article's XOR, the same for the same seed.</summary>
internal static class Draw
{
    public static Random Seeded(int seed) => new Xoshiro256StarStar(seed);

    /// <summary>rows x columns, uniform in [-1, 1).</summary>
    public static Matrix<double> Matrix(int rows, int columns, Random random) =>
        Matrix<double>.Build.Dense(rows, columns, (_, _) => (2 * random.NextDouble()) - 1);

    public static Matrix<double>[] Matrices(int count, int rows, int columns, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => Matrix(rows, columns, random))];

    public static Matrix<double> Row(params double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);

    public static Matrix<double>[] XorX() => [Row(0, 0), Row(0, 1), Row(1, 0), Row(1, 1)];

    public static Matrix<double>[] XorY() => [Row(0), Row(1), Row(1), Row(0)];

    /// <summary>The article's network for XOR, 2-3-1.</summary>
    public static Network XorNetwork(int seed)
    {
        var random = Seeded(seed);
        return new Network()
            .Add(new FCLayer(2, 3, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new FCLayer(3, 1, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Use(Losses.Mse, Losses.MsePrime);
    }
}
