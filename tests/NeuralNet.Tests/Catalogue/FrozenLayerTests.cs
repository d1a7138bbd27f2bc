using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Catalogue;

/// <summary>What holds for every layer that is not trainable, over the catalogue.</summary>
public class FrozenLayerTests
{
    public static TheoryData<string> Names => LayerCatalogue.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void NothingOfAFrozenLayerChangesInEitherFit(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(6);
        Action<Network, Matrix<double>[]>[] ways =
        [
            (net, y) => net.Fit(x, y, 2, 0.01),
            (net, y) => net.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 1, Optimizer = new Sgd(0.01) }),
            (net, y) => net.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 3, Optimizer = new Sgd(0.01, 0.9, weightDecay: 0.1) }),
            (net, y) => net.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 4, Optimizer = new AdamW(0.01) { ClipNorm = 0.1 } }),
        ];
        foreach (bool regularised in new[] { false, true })
        {
            foreach (var way in ways)
            {
                var net = Frozen(row);
                var layer = TheLayer(net, row);
                foreach (var parameter in layer.Parameters)
                {
                    parameter.L2 = regularised ? 0.5 : 0;
                }

                string before = Numbers([layer]);
                string others = Numbers(net.Layers.Where(one => one != layer));

                way(net, row.Errors(net, 6));

                Numbers([layer]).Should().Be(before);
                Numbers(net.Layers.Where(one => one != layer)).Should().NotBe(others);
                layer.Parameters.Should().NotContain(parameter => parameter.Gradient.Exists(value => value != 0));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheOthersLearnInAStepWhatTheyWouldHaveLearntWithIt(string name)
    {
        // Batch normalisation by running statistics is another function than by those of the batch.
        var row = LayerCatalogue.Named(name);
        if (row.New() is BatchNormLayer)
        {
            return;
        }

        var x = row.Samples(6);
        var (frozen, trained) = (Frozen(row), row.Network(withOthers: true));
        var y = row.Errors(trained, 6);
        FitOptions Options() => new() { BatchSize = 6, Optimizer = new Sgd(0.1, momentum: 0.5), Seed = 5 };

        frozen.Fit(x, y, Options());
        trained.Fit(x, y, Options());

        Numbers(frozen.Layers.Where(layer => layer != TheLayer(frozen, row))).Should()
            .Be(Numbers(trained.Layers.Where(layer => layer != TheLayer(trained, row))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheErrorOfAFrozenLayerIsThatOfFiniteDifferences(string name)
    {
        var row = LayerCatalogue.Named(name);
        var layer = (TrainableLayer)row.New();
        layer.Trainable = false;
        foreach (var buffer in layer.Buffers)
        {
            buffer.Value.MapInplace(value => value + 0.25, Zeros.Include);
        }

        var result = GradientCheck.Run(layer, row.Samples(1)[0]);

        result.WorstRelativeError.Should().BeLessThan(1e-6);
        result.Where.Should().StartWith("dE/dX");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheArticlesMethodsChangeNothing(string name)
    {
        var row = LayerCatalogue.Named(name);
        var (x, layer) = (row.Samples(1)[0], (TrainableLayer)row.New());
        layer.Trainable = false;
        layer.FreezeRandom(true);
        var error = layer.ForwardPropagation(x).Map(value => value + 1);
        string before = Numbers([layer]);
        var expected = layer.Backward(error);
        layer.Parameters.Should().NotContain(parameter => parameter.Gradient.Exists(value => value != 0));

        layer.ForwardPropagation(x);
        layer.BackwardPropagation(error, 0.1).ShouldBeBitForBit(expected);

        Numbers([layer]).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheBitsDependNotOnThreadsAndAStepAllocatesNothing(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(11);
        string[] prints = [.. new[] { 1, 2, 3, 7 }.Select(threads =>
        {
            var net = Frozen(row);
            var y = row.Errors(net, x.Length);
            using var team = new Team(threads);
            var runner = new BatchRunner(net.Layers, Shape.Of(x[0]), x.Length, new Criterion(LossFunction.Mse), team);
            var (losses, ones, random) = (new double[x.Length], Enumerable.Repeat(1.0, x.Length).ToArray(), Draw.Seeded(9));
            void Step()
            {
                runner.BeginBatch(random, 0);
                runner.ForwardBackward(x, y, ones, first: 0, losses).Should().BeTrue();
            }

            Step();
            string print = Fingerprint.Of(LayerTree.Parameters(net.Layers).Select(parameter => parameter.Gradient));
            if (threads == 1)
            {
                Allocated(() =>
                {
                    runner.BeginBatch(random, 0);
                    runner.ForwardBackward(x, y, ones, first: 0, losses);
                }).Should().Be(0);
            }

            return print;
        })];

        prints.Distinct().Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FilesAndClonesKeepIt(string name)
    {
        var row = LayerCatalogue.Named(name);
        var net = new Network().Add(row.New()).Add(new FlattenLayer());
        net.Layers[0].Trainable = false;
        using var file = new MemoryStream();
        net.Save(file, row.Registry);
        file.Position = 0;

        foreach (var copy in (Network[])[Network.Load(file, row.Registry), net.Clone(row.Registry)])
        {
            LayerTree.Leaves([copy.Layers[0]]).Should().OnlyContain(leaf => !leaf.Layer.Trainable);
            copy.Layers[1].Trainable.Should().BeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OfTwoBranchesTheFrozenOneStaysAsItIs(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(6);
        var (one, other) = (row.New(1), row.New(2));
        one.Trainable = false;
        var net = new Network().Add(new ConcatenateLayer([one], [other])).Use(LossFunction.Mse);
        bool learns = LayerTree.Parameters([other]).Any();
        string before = Numbers([one]);
        string otherBefore = Numbers([other]);

        net.Fit(x, row.Errors(net, 6), new FitOptions { Epochs = 2, BatchSize = 3, Seed = 1 });

        Numbers([one]).Should().Be(before);
        (Numbers([other]) == otherBefore).Should().Be(!learns);
        net.Layers[0].Trainable.Should().BeTrue();
    }

    /// <summary>The layer behind one that learns and before another.</summary>
    private static Network Frozen(LayerCase row)
    {
        var net = row.Network(withOthers: true);
        TheLayer(net, row).Trainable = false;
        return net;
    }

    private static TrainableLayer TheLayer(Network net, LayerCase row) => (TrainableLayer)net.Layers[row.New().TakesAnyNumbers ? 1 : 0];

    private static string Numbers(IEnumerable<Layer> layers) =>
        Fingerprint.Of(TensorValues.Of([.. layers]).Select(tensor => Draw.Row(tensor.Values)));

    private static long Allocated(Action step)
    {
        step();
        return Enumerable.Range(0, 5).Min(_ =>
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            step();
            return GC.GetAllocatedBytesForCurrentThread() - start;
        });
    }
}
