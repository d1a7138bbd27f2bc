using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Training;

namespace NeuralNet.Tests.Models;

/// <summary>Layers within layers, a thousand deep.</summary>
public class DeepNetworkTests
{
    /// <summary>1,000 layers, each within the one before it, with something to learn every few of them.</summary>
    private static Network Deep()
    {
        var random = Draw.Seeded(1);
        Layer layer = new FCLayer(2, 2, Initializer.GlorotUniform, random);
        for (int i = 0; i < 250; i++)
        {
            layer = new NetworkLayer(new Network().Add(layer));
            layer = new ResidualLayer([layer, new ActivationLayer(ActivationFunction.Tanh)]);
            layer = new ConcatenateLayer([layer], []);
            layer = new ResidualLayer([layer, new FCLayer(4, 2, Initializer.GlorotUniform, random), new BatchNormLayer(2)]);
        }

        return new Network().Add(layer).Add(new FCLayer(2, 1, Initializer.GlorotUniform, random)).Use(LossFunction.Mse);
    }

    private static FitOptions Options(int epochs, Checkpoint? checkpoint = null) =>
        new() { Epochs = epochs, BatchSize = 4, Optimizer = new Adam(0.001), Seed = 1, Checkpoint = checkpoint };

    private static (Matrix<double>[] X, Matrix<double>[] Y) Samples() =>
        (Draw.Matrices(8, 1, 2, Draw.Seeded(2)), Draw.Matrices(8, 1, 1, Draw.Seeded(3)));

    [Fact]
    public void AreTrainedSavedLoadedAndCopied()
    {
        var (x, y) = Samples();
        var net = Deep();
        net.Fit(x, y, Options(1)).StopReason.Should().Be(StopReason.EpochsCompleted);

        foreach (var copy in (Network[])[ModelBytes.Load(ModelBytes.Of(net)), net.Clone()])
        {
            copy.Bits().Should().Be(net.Bits());
            copy.Predict(x).Should().Equal(net.Predict(x));
        }
    }

    [Fact]
    public void AreSummarisedAndLoadWeightsByName()
    {
        var net = Deep();
        var folder = Directory.CreateTempSubdirectory("NeuralNet");
        string path = Path.Combine(folder.FullName, "deep.safetensors");
        net.Save(path);

        var report = Deep().LoadWeights(path);

        report.Missing.Should().BeEmpty();
        folder.Delete(recursive: true);
        net.Summary().Split('\n').Count(line => line.StartsWith('│')).Should().Be(250 * 6 + 2);
    }

    /// <summary>A thread with little stack is told so, by an exception that it can catch.</summary>
    [Fact]
    public void DoNotOverflowASmallStack()
    {
        var net = Deep();
        byte[] file = ModelBytes.Of(net);
        void Refuses<TException>(Action action)
            where TException : Exception
        {
            Exception? thrown = null;
            var thread = new Thread(() => thrown = Record.Exception(action), maxStackSize: 300_000);
            thread.Start();
            thread.Join();
            thrown.Should().BeOfType<TException>();
        }

        Refuses<ModelFormatException>(() => ModelBytes.Load(file));
        Refuses<InsufficientExecutionStackException>(() => net.Clone());
        Refuses<InsufficientExecutionStackException>(() => ModelBytes.Of(net));
        Refuses<InsufficientExecutionStackException>(() => net.Summary());
        Refuses<InsufficientExecutionStackException>(() => net.Layers[0].ForwardPropagation(Draw.Row(1, 2)));
    }

    /// <summary>
    /// A small file makes no work of many times its size: each layer is looked at once, not once for each layer around it, which took
    /// 498 MB. (The names of 2,000 layers at that depth, 9 kB each, are two thirds of the 98 MB.)
    /// </summary>
    [Fact]
    public void ManyLayersWithinAllOthersDoNotMultiply()
    {
        const int Levels = 1000, Layers = 2000;
        string layers = string.Join(',', Enumerable.Repeat("""{\"kind\":\"SoftmaxLayer\"}""", Layers));
        for (int i = 0; i < Levels; i++)
        {
            layers = $$"""{\"kind\":\"NetworkLayer\",\"layers\":[{{layers}}]}""";
        }

        byte[] file = ModelBytes.File(
            $$$"""{"__metadata__":{"format":"NeuralNet","format_version":"2","network":"{\"layers\":[{{{layers}}}]}"}}""");
        long before = GC.GetAllocatedBytesForCurrentThread();
        var net = ModelBytes.Load(file);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(160 << 20);
        LayerTree.Leaves(net.Layers).Should().HaveCount(Layers);
    }

    [Fact]
    public void DeeperOnesAreNotSaved()
    {
        Layer layer = new SoftmaxLayer();
        for (int i = 0; i < 1100; i++)
        {
            layer = new ResidualLayer([layer]);
        }

        FluentActions.Invoking(() => ModelBytes.Of(new Network().Add(layer)))
            .Should().Throw<ArgumentException>().WithMessage("*stands in more than 1024 others*");
    }

    [Fact]
    public void GoOnFromACheckpoint()
    {
        var (x, y) = Samples();
        var folder = Directory.CreateTempSubdirectory("NeuralNet");
        var checkpoint = new Checkpoint(Path.Combine(folder.FullName, "deep.safetensors")) { Resume = true };
        var (whole, first, second) = (Deep(), Deep(), Deep());

        whole.Fit(x, y, Options(2));
        first.Fit(x, y, Options(1, checkpoint));
        second.Fit(x, y, Options(2, checkpoint));

        folder.Delete(recursive: true);
        second.Bits().Should().Be(whole.Bits()).And.NotBe(first.Bits());
    }
}
