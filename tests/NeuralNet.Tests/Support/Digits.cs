using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Tests.Support;

/// <summary>The digits of samples/Mnist, copied beside the tests.</summary>
internal static class Digits
{
    private static readonly Lazy<(MnistSet Train, MnistSet Test)> s_sets =
        new(() => Mnist.Load(Path.Combine(AppContext.BaseDirectory, "digits")));

    public static MnistSet Train(int count) => s_sets.Value.Train.Take(count);

    public static MnistSet Test(int count) => s_sets.Value.Test.Take(count);

    public static IReadOnlyList<Matrix<double>> TrainTargets(int count) => Labels.OneHot(Train(count).Labels, 10);
}
