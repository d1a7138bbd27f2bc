using System.Reflection;

namespace NeuralNet.Tests;

/// <summary>Who may depend on whom: a namespace inside the library for each folder.</summary>
public class WallTests
{
    private static readonly Assembly s_library = typeof(Network).Assembly;

    /// <summary>What a user sees of training; it stands in the library's one public namespace.</summary>
    private static readonly Type[] s_publicOfTraining =
    [
        typeof(BatchReport), typeof(Checkpoint), typeof(EarlyStopping), typeof(EpochReport), typeof(Evaluation), typeof(FitOptions),
        typeof(Metric), typeof(Schedule), typeof(StopReason), typeof(TrainingHistory),
    ];

    [Fact]
    public void KernelsReferToNothingAboveThem() =>
        Crossings("NeuralNet.Kernels", type => !IsWithin(type, "NeuralNet.Kernels")).Should().BeEmpty("kernels know spans and sizes only");

    [Fact]
    public void BatchesKnowNothingOfTraining() =>
        Crossings("NeuralNet.Batches", type => IsWithin(type, "NeuralNet.Training") || s_publicOfTraining.Contains(type))
            .Should().BeEmpty("training runs mini-batches, and not the other way round");

    [Fact]
    public void FilesOfNetworksKnowNothingOfTraining() =>
        Crossings("NeuralNet.Models", type => IsWithin(type, "NeuralNet.Training") || s_publicOfTraining.Contains(type))
            .Should().BeEmpty("training stores its checkpoints as files of networks, and not the other way round");

    [Fact]
    public void OptimizersKnowNothingOfTraining() =>
        Crossings("NeuralNet.Optimizers", type => IsWithin(type, "NeuralNet.Training") || s_publicOfTraining.Contains(type))
            .Should().BeEmpty();

    [Theory]
    [InlineData("NeuralNet.Batches")]
    [InlineData("NeuralNet.Delegates")]
    [InlineData("NeuralNet.Guards")]
    [InlineData("NeuralNet.Layers")]
    [InlineData("NeuralNet.Models")]
    [InlineData("NeuralNet.Optimizers")]
    [InlineData("NeuralNet.Training")]
    public void NamespacesOfFoldersHoldInternalTypesOnly(string name) =>
        References.TypesOf(s_library, name).Should().NotBeEmpty().And.NotContain(type => type.IsVisible);

    [Fact]
    public void WhatIsPublicOfTheKernelsIsWhatAUsersLayerAndFunctionsAreMadeOf() => References.TypesOf(s_library, "NeuralNet.Kernels")
        .Where(type => type.IsVisible)
        .Select(type => type.Name)
        .Should().BeEquivalentTo("BatchProducts", "Elementwise", "ElementwiseDerivative", "LossDerivative", "LossValue");

    [Theory]
    [InlineData(typeof(ByField))]
    [InlineData(typeof(BySignature))]
    [InlineData(typeof(ByCall))]
    [InlineData(typeof(ByArgument))]
    [InlineData(typeof(ByLambda))]
    public void ReferenceIsFoundWhereverItStands(Type type) =>
        References.TypesOf(type.Assembly, type.Namespace!).Where(one => one == type || one.DeclaringType == type)
            .SelectMany(References.Of).Should().Contain(typeof(Wanted));

    private static IEnumerable<string> Crossings(string home, Func<Type, bool> isBeyond) =>
        from type in References.TypesOf(s_library, home)
        from other in References.Of(type)
        where isBeyond(other)
        select $"{type} refers to {other}";

    private static bool IsWithin(Type type, string name) => type.Namespace == name;

    private sealed class Wanted
    {
        public static int Number() => 1;
    }

    private sealed class ByField
    {
        public List<Wanted?[]> Field { get; } = [];
    }

    private abstract class BySignature
    {
        public abstract void Take(Wanted wanted);
    }

    private static class ByCall
    {
        public static int Twice() => 2 * Wanted.Number();
    }

    private static class ByArgument
    {
        public static bool Make() => Array.Empty<Wanted>().Length == 0;
    }

    private static class ByLambda
    {
        public static Func<int, int> Sum() => add => add + Wanted.Number();
    }
}
