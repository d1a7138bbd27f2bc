using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Catalogue;

/// <summary>What holds for every layer, over the catalogue.</summary>
public class LayerContractTests
{
    private const double Worst = 1e-6;

    public static TheoryData<string> Names => LayerCatalogue.Names;

    [Fact]
    public void EveryPublicLayerIsInTheCatalogue()
    {
        var layers = typeof(Layer).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract);

        layers.Except(LayerCatalogue.All.Select(row => row.New().GetType())).Should().BeEmpty("each layer needs a row in LayerCatalogue");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsOfOneSampleAreThoseOfFiniteDifferences(string name)
    {
        var row = LayerCatalogue.Named(name);
        if (!row.NeedsBatch)
        {
            GradientCheck.Run(row.New(), row.Samples(1)[0]).WorstRelativeError.Should().BeLessThan(Worst);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsOfABatchAreThoseOfFiniteDifferences(string name)
    {
        const double H = 1e-3;
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(4);
        Network Make() => row.New().TakesAnyNumbers ? Behind(row, new Shift(row.Rows, row.Columns)) : row.Network();
        var y = row.Errors(Make(), 4);
        double MeanLoss(Network net) => net.Fit(x, y, new FitOptions { BatchSize = 4, Optimizer = new Sgd(1), Seed = 7 }).Losses[0];
        var trained = Make();
        var before = LayerTree.Parameters(trained.Layers).Select(parameter => parameter.Value).Clones();
        MeanLoss(trained);

        for (int i = 0; i < before.Length; i++)
        {
            var parameter = LayerTree.Parameters(trained.Layers).ElementAt(i);
            var analytic = before[i] - parameter.Value;
            var numeric = before[i].MapIndexed((r, c, value) =>
            {
                double At(double other)
                {
                    var changed = Make();
                    LayerTree.Parameters(changed.Layers).ElementAt(i).Value[r, c] = other;
                    return MeanLoss(changed);
                }

                return ((8 * (At(value + H) - At(value - H))) - (At(value + (2 * H)) - At(value - (2 * H)))) / (12 * H);
            });

            double floor = Math.Max(1e-3 * numeric.Enumerate().Max(Math.Abs), 1e-5);
            analytic.ShouldBeNear(numeric, Worst, Worst * floor, parameter.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ABatchIsTheSumOfItsSamples(string name)
    {
        var row = LayerCatalogue.Named(name);
        if (row.DependsOnBatch)
        {
            return;
        }

        // A layer of the article's two methods makes a mini-batch pass sample by sample.
        var x = row.Samples(12);
        var (batch, single) = (row.Network(withOthers: true), Behind(row, new PassOn(), row.Network(withOthers: true)));
        var y = row.Errors(batch, 12);
        FitOptions Options() => new() { Epochs = 3, BatchSize = 5, Optimizer = new Adam(0.01), Seed = 3, Shuffle = true };

        batch.Fit(x, y, Options()).StopReason.Should().Be(StopReason.EpochsCompleted);
        single.Fit(x, y, Options());

        foreach (var (one, other) in LayerTree.Parameters(batch.Layers).Zip(LayerTree.Parameters(single.Layers)))
        {
            one.Value.ShouldBeNear(other.Value, 1e-9, 1e-10, one.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheBitsDependNeitherOnThreadsNorOnTheRun(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(11);
        string[] prints = [.. new[] { 1, 1, 2, 3, 7 }.Select(threads =>
        {
            var net = row.Network(withOthers: true);
            var y = row.Errors(net, x.Length);
            using var team = new Team(threads);
            var runner = new BatchRunner(net.Layers, Shape.Of(x[0]), x.Length, new Criterion(Losses.Mse, Losses.MsePrime), team);
            var (losses, ones) = (new double[x.Length], Enumerable.Repeat(1.0, x.Length).ToArray());
            runner.BeginBatch(Draw.Seeded(9), 0);
            runner.ForwardBackward(x, y, ones, first: 0, losses).Should().BeTrue();
            return Fingerprint.Of(LayerTree.Parameters(net.Layers).Select(parameter => parameter.Gradient))
                + Fingerprint.Of(Draw.Row(losses))
                + Fingerprint.Of(TensorValues.Of(net.Layers).Select(tensor => Draw.Row(tensor.Values)));
        })];

        prints.Distinct().Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheArticlesFitLearnsAsAMiniBatchOfOneDoes(string name)
    {
        var row = LayerCatalogue.Named(name);
        if (row.NeedsBatch)
        {
            return;
        }

        var x = row.Samples(3);
        var (article, batch, alone) = (row.Network(withOthers: true), row.Network(withOthers: true), row.Network());
        var (y, errors) = (row.Errors(article, 3), row.Errors(alone, 3));
        string before = Fingerprint.Of(Parameters(alone));

        article.Fit(x, y, 2, 0.01);
        batch.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 1, Optimizer = new Sgd(0.01, momentum: 1e-300) });
        alone.Fit(x, errors, 2, 0.01);

        if (!row.DependsOnBatch)
        {
            foreach (var (one, other) in LayerTree.Parameters(article.Layers).Zip(LayerTree.Parameters(batch.Layers)))
            {
                one.Value.ShouldBeNear(other.Value, 1e-9, 1e-11, one.Name);
            }
        }

        // Alone it is the first layer, whose dE/dX nobody reads.
        (Fingerprint.Of(Parameters(alone)) == before).Should().Be(!LayerTree.Parameters(alone.Layers).Any());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheArticlesMethodsAgreeWithTheNetworks(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(5);
        var (layer, net) = (row.New(), row.Network());

        net.Predict(x).ShouldBeBitForBit([.. x.Select(layer.Predict)], name);
        net.Predict(x[0]).ShouldBeBitForBit(layer.Predict(x[0]));
        if (!row.DependsOnBatch)
        {
            layer.ForwardPropagation(x[0]).ShouldBeBitForBit(layer.Predict(x[0]));
            layer.Input.Should().BeSameAs(x[0]);
            layer.Output!.ShouldBeBitForBit(layer.Predict(x[0]));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void InputAndErrorsAreNotChanged(string name)
    {
        var row = LayerCatalogue.Named(name);
        var net = row.Network(withOthers: true);
        var (x, y) = (row.Samples(4), row.Errors(net, 4));
        string before = Fingerprint.Of(x) + Fingerprint.Of(y);

        net.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 4 });
        net.Predict(x);

        (Fingerprint.Of(x) + Fingerprint.Of(y)).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AStepAllocatesNothing(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(8);
        var net = row.Network();
        var y = row.Errors(net, 8);
        var runner = new BatchRunner(net.Layers, Shape.Of(x[0]), x.Length, new Criterion(Losses.Mse, Losses.MsePrime));
        var (random, losses, ones) = (Draw.Seeded(1), new double[x.Length], Enumerable.Repeat(1.0, x.Length).ToArray());
        void Step()
        {
            runner.BeginBatch(random, 0.1);
            runner.ForwardBackward(x, y, ones, first: 0, losses);
        }

        Step();
        Step();
        long least = Enumerable.Range(0, 5).Min(_ =>
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            Step();
            return GC.GetAllocatedBytesForCurrentThread() - start;
        });

        least.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AStreamGivesWhatPredictGivesOnEveryPrefixOrIsRefusedByName(string name)
    {
        var row = LayerCatalogue.Named(name);
        var net = row.Network();
        if (row.StreamRefusal is { } wayOut)
        {
            string refused = LayerTree.Leaves(net.Layers)[0].Layer.Name;
            net.Invoking(one => one.Stream()).Should().Throw<InvalidOperationException>().Which.Message
                .Should().Contain(net.Layers[0] is BidirectionalLayer ? net.Layers[0].Name : refused).And.Contain(wayOut);
            return;
        }

        int steps = MostSteps(row, net);
        var x = row.Draw(steps, row.Columns, Draw.Seeded(4));
        var stream = net.Stream();
        for (int sequence = 0; sequence < 2; sequence++)
        {
            for (int step = 0; step < steps; step++)
            {
                var whole = net.Predict(x.SubMatrix(0, step + 1, 0, row.Columns));
                var last = whole.SubMatrix(whole.RowCount - 1, 1, 0, whole.ColumnCount);

                stream.Next(x.SubMatrix(step, 1, 0, row.Columns))
                    .ShouldBeNear(last, 1e-12, 1e-14, FormattableString.Invariant($"step {step}"));
            }

            stream.Reset();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AStepOfAStreamAllocatesNothing(string name)
    {
        var row = LayerCatalogue.Named(name);
        if (row.StreamRefusal is not null)
        {
            return;
        }

        var net = row.Network();
        var stream = net.Stream();
        int steps = MostSteps(row, net);
        double[] step = row.Draw(1, row.Columns, Draw.Seeded(4)).ToColumnMajorArray();
        var matrix = Draw.Row(step);
        long least = Enumerable.Range(0, 5).Min(_ =>
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < steps; i++)
            {
                stream.Next(step);
            }

            stream.Reset();
            for (int i = 0; i < steps; i++)
            {
                stream.Next(matrix);
            }

            stream.Reset();
            return GC.GetAllocatedBytesForCurrentThread() - start;
        });

        least.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FilesAndClonesKeepEveryBit(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(6);
        var net = row.Network().Use(Losses.Mse, Losses.MsePrime);
        var y = row.Errors(net, 6);
        FitOptions Options() => new() { Epochs = 2, BatchSize = 3, Optimizer = new Adam(0.01), Seed = 3 };
        net.Fit(x, y, Options());
        using var file = new MemoryStream();
        net.Save(file, row.Registry);
        file.Position = 0;
        string again = Continue(net.Clone(row.Registry));

        foreach (var copy in (Network[])[Network.Load(file, row.Registry), net.Clone(row.Registry)])
        {
            copy.Layers[0].ToString().Should().Be(net.Layers[0].ToString());
            copy.Predict(x).ShouldBeBitForBit(net.Predict(x), name);
            Continue(copy).Should().Be(again);
        }

        string Continue(Network other) => string.Join(' ', other.Fit(x, y, Options()).Losses) + Fingerprint.Of(other.Predict(x));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TrainingGoesOnFromACheckpointWithTheSameBits(string name)
    {
        var row = LayerCatalogue.Named(name);
        var folder = Directory.CreateTempSubdirectory("NeuralNet");
        var x = row.Samples(6);
        Network Make() => row.Network().Use(Losses.Mse, Losses.MsePrime);
        var y = row.Errors(Make(), 6);
        FitOptions Options(int epochs, bool resume) => new()
        {
            Epochs = epochs,
            BatchSize = 3,
            Optimizer = new Adam(0.01),
            Seed = 3,
            Checkpoint = new Checkpoint(Path.Combine(folder.FullName, "run.safetensors")) { Resume = resume, Registry = row.Registry },
        };
        var (whole, first, second) = (Make(), Make(), Make());

        var losses = whole.Fit(x, y, Options(4, resume: false)).Losses;
        first.Fit(x, y, Options(2, resume: false));
        var resumed = second.Fit(x, y, Options(4, resume: true)).Losses;

        resumed.Should().Equal(losses);
        second.Predict(x).ShouldBeBitForBit(whole.Predict(x), name);
        folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OverflowBringsBackParametersAndBuffers(string name)
    {
        var row = LayerCatalogue.Named(name);
        var net = row.Network(withOthers: true);
        var (x, y) = (row.Samples(6), row.Errors(net, 6));
        string before = Fingerprint.Of(TensorValues.Of(net.Layers).Select(tensor => Draw.Row(tensor.Values)));
        int losses = 0;
        net.Use((_, _) => ++losses > 4 ? double.NaN : 1, (r, _) => r);

        net.Fit(x, y, new FitOptions { BatchSize = 3, Optimizer = new Sgd(0.1) }).StopReason.Should().Be(StopReason.NumericOverflow);

        Fingerprint.Of(TensorValues.Of(net.Layers).Select(tensor => Draw.Row(tensor.Values))).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheLayerWorksWithinBranches(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(6);
        Network Make() => new Network().Add(new ConcatenateLayer([row.New(1)], [row.New(2)])).Use(Losses.Mse, Losses.MsePrime);
        var net = Make();
        var y = row.Errors(net, 6);

        net.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 3, Seed = 1 }).StopReason.Should().Be(StopReason.EpochsCompleted);

        using var file = new MemoryStream();
        net.Save(file, row.Registry);
        file.Position = 0;
        Network.Load(file, row.Registry).Predict(x).ShouldBeBitForBit(net.Predict(x), name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSummaryHasItsNameShapeAndParameters(string name)
    {
        var net = LayerCatalogue.Named(name).Network();
        long parameters = LayerTree.Parameters(net.Layers).Sum(parameter => (long)parameter.Value.RowCount * parameter.Value.ColumnCount);

        var lines = net.Summary().Split('\n');

        lines.Should().Contain(line => net.Layers[0] is NetworkLayer || line.Contains(net.Layers[0].Name, StringComparison.Ordinal));
        lines.Should().Contain(line => line.StartsWith(
            $" Trainable params: {parameters.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} ",
            StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BadInputIsRefusedInWords(string name)
    {
        var row = LayerCatalogue.Named(name);
        var x = row.Samples(1)[0];
        var layer = (TrainableLayer)row.New();
        Record.Exception(() => layer.Backward(x)).Should().BeOfType<InvalidOperationException>().Which.Message
            .Should().Contain("Call ForwardPropagation first.");
        Record.Exception(() => layer.BackwardPropagation(x, 0.1)).Should().BeOfType<InvalidOperationException>();
        Record.Exception(() => layer.ForwardPropagation(null!)).Should().BeOfType<ArgumentNullException>();
        Record.Exception(() => layer.Predict(null!)).Should().BeOfType<ArgumentNullException>();
        if (row.HasOneShape)
        {
            var other = Draw.Matrix(row.Rows + 1, row.Columns + 1, Draw.Seeded(1));
            string shape = FormattableString.Invariant($"{row.Rows + 1} x {row.Columns + 1}");
            Record.Exception(() => layer.ForwardPropagation(other)).Should().BeOfType<ArgumentException>().Which.Message
                .Should().Contain($"but got {shape}");
            Record.Exception(() => layer.Predict(other)).Should().BeOfType<ArgumentException>().Which.Message
                .Should().Contain($"but got {shape}");
            Record.Exception(() => row.Network().Predict(other)).Should().BeOfType<ArgumentException>().Which.Message
                .Should().Contain($"but got {shape}");
        }

        if (row.NeedsBatch)
        {
            Record.Exception(() => layer.ForwardPropagation(x)).Should().BeOfType<InvalidOperationException>();
            return;
        }

        layer.ForwardPropagation(x);
        Record.Exception(() => layer.Backward(null!)).Should().BeOfType<ArgumentNullException>();
        Record.Exception(() => layer.Backward(Draw.Matrix(17, 19, Draw.Seeded(1)))).Should().BeOfType<ArgumentException>().Which.Message
            .Should().Contain("but got 17 x 19");
        Record.Exception(() => layer.BackwardPropagation(null!, 0.1)).Should().BeOfType<ArgumentNullException>();
        Record.Exception(() => layer.BackwardPropagation(Draw.Matrix(17, 19, Draw.Seeded(1)), 0.1)).Should().BeOfType<ArgumentException>();
        foreach (double rate in new[] { -1, double.NaN, double.PositiveInfinity })
        {
            Record.Exception(() => layer.BackwardPropagation(layer.Output!, rate)).Should().BeOfType<ArgumentOutOfRangeException>();
        }
    }

    /// <summary>The steps of a sequence for a stream: one for a layer that takes one row only.</summary>
    private static int MostSteps(LayerCase row, Network net) =>
        ((int[])[50, row.Rows, 1]).First(steps => SampleChecks.Takes(net.Layers, new Shape(steps, row.Columns)));

    private static Network Behind(LayerCase row, Layer first, Network? others = null)
    {
        var net = new Network().Add(first);
        foreach (var layer in (others ?? row.Network()).Layers)
        {
            net.Add(layer);
        }

        return net.Use((r, y) => r.PointwiseMultiply(y).Enumerate().Sum(), (r, _) => r);
    }

    private static IEnumerable<Matrix<double>> Parameters(Network net) =>
        LayerTree.Parameters(net.Layers).Select(parameter => parameter.Value);

    /// <summary>Y = X, by the article's two methods.</summary>
    private sealed class PassOn : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => outputError;
    }
}
