using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Training;

public class FitOptionsTests
{
    public static TheoryData<string, string> KindsAndOptimizers
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string kind in Networks.Kinds)
            {
                foreach (string optimizer in Networks.Optimizers.Keys)
                {
                    data.Add(kind, optimizer);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(KindsAndOptimizers))]
    public void TheSameSeedGivesTheSameBitsForAnyNumberOfThreadsAndInEveryRun(string kind, string optimizer)
    {
        var (x, y) = Networks.Samples(kind, 75);
        string Run(int threads)
        {
            var network = Networks.Make(kind);
            var history = network.Fit(x, y, new FitOptions
            {
                Epochs = 2,
                BatchSize = 37,
                Optimizer = Networks.Optimizers[optimizer](),
                Shuffle = true,
                Seed = 4,
                ValidationSplit = 0.01,
                Metrics = [Metric.Accuracy],
                MaxDegreeOfParallelism = threads,
            });
            return Networks.Hash(network)
                + string.Join(' ', history.Losses.Concat(history.ValidationLosses).Select(BitConverter.DoubleToInt64Bits))
                + Fingerprint.Of(network.Predict(x));
        }

        string one = Run(1);
        Run(1).Should().Be(one);
        Run(2).Should().Be(one);
        Run(4).Should().Be(one);
    }

    [Fact]
    public void TheseNetworksAreLargeEnoughForThreads()
    {
        foreach (string kind in Networks.Kinds)
        {
            (LayerTree.MultiplyAdds(Networks.Make(kind).Layers, null) * 37).Should().BeGreaterThan(500_000, kind);
        }
    }

    [Theory]
    [InlineData("rows")]
    [InlineData("images")]
    [InlineData("everything")]
    public void ManyPredictionsAreTheBitsOfSingleOnes(string kind)
    {
        var network = Networks.Make(kind);
        var (x, _) = Networks.Samples(kind, 131);

        network.Predict(x).ShouldBeBitForBit([.. x.Select(network.Predict)], "y");
    }

    [Fact]
    public void ShuffledEpochsArePermutationsOfTheirOwn()
    {
        int[][] Orders(bool shuffle, int seed)
        {
            var seen = new List<double>();
            var network = new Network().Add(new FCLayer(1, 1)).Use(
                (yTrue, _) =>
                {
                    seen.Add(yTrue[0, 0]);
                    return 0;
                },
                (_, y) => 0 * y);
            Matrix<double>[] numbers = [.. Enumerable.Range(0, 20).Select(i => Draw.Row(i))];
            network.Fit(numbers, numbers, new FitOptions { Epochs = 3, BatchSize = 6, Shuffle = shuffle, Seed = seed });
            return [.. seen.Select(value => (int)value).Chunk(20)];
        }

        int[][] orders = Orders(true, 1);
        orders.Should().AllSatisfy(order => order.Should().BeEquivalentTo(Enumerable.Range(0, 20)));
        orders.Select(order => string.Join(' ', order)).Should().OnlyHaveUniqueItems();
        Orders(true, 1).Should().BeEquivalentTo(orders, options => options.WithStrictOrdering());
        Orders(true, 2)[0].Should().NotEqual(orders[0]);
        Orders(false, 1).Should().AllSatisfy(order => order.Should().Equal(Enumerable.Range(0, 20)));
    }

    [Fact]
    public void AValidationSplitIsNeverTrainedOn()
    {
        var trained = new HashSet<double>();
        var measured = new HashSet<double>();
        bool training = false;
        double Loss(Matrix<double> yTrue, Matrix<double> yPred)
        {
            (training ? trained : measured).Add(yTrue[0, 0]);
            return 0;
        }

        Matrix<double>[] numbers = [.. Enumerable.Range(0, 40).Select(i => Draw.Row(i))];
        double[] Split(int seed)
        {
            trained.Clear();
            measured.Clear();
            training = true;
            var network = new Network().Add(new FCLayer(1, 1)).Use(Loss, (_, y) => 0 * y);
            network.Fit(numbers, numbers, new FitOptions
            {
                Epochs = 1,
                BatchSize = 30,
                ValidationSplit = 0.25,
                Seed = seed,
                BatchProgress = new SynchronousProgress<BatchReport>(_ => training = false),
            });
            return [.. measured.Order()];
        }

        double[] split = Split(1);
        split.Should().HaveCount(10);
        trained.Should().HaveCount(30);
        trained.Overlaps(split).Should().BeFalse();
        Split(1).Should().Equal(split);
        Split(2).Should().NotEqual(split);
    }

    [Fact]
    public void ValidationAndMetricsAreThoseOfEvaluateAtTheEpochsEnd()
    {
        var network = Networks.Make("rows");
        var (x, y) = Networks.Samples("rows", 40);
        var (xValidation, yValidation) = Networks.Samples("rows", 15, seed: 9);
        var evaluations = new List<Evaluation>();
        var history = network.Fit(x, y, new FitOptions
        {
            Epochs = 3,
            Optimizer = new Adam(0.001),
            Validation = (xValidation, yValidation),
            Metrics = [Metric.Accuracy, Metric.MeanAbsoluteError],
            Progress = new SynchronousProgress<EpochReport>(_ =>
                evaluations.Add(network.Evaluate(xValidation, yValidation, Metric.Accuracy, Metric.MeanAbsoluteError))),
        });

        history.ValidationLosses.Should().Equal(evaluations.Select(evaluation => evaluation.Loss));
        history.Metrics["Accuracy"].Should().Equal(evaluations.Select(evaluation => evaluation[Metric.Accuracy]));
        history.Metrics["MeanAbsoluteError"].Should().Equal(evaluations.Select(evaluation => evaluation[Metric.MeanAbsoluteError]));
        network.Fit(x, y, new FitOptions { Metrics = [Metric.Accuracy] }).Metrics["Accuracy"][0].Should()
            .Be(network.Evaluate(x, y, Metric.Accuracy)[Metric.Accuracy], "without validation it is measured on the training samples");
    }

    [Fact]
    public void TheScheduleSetsEachEpochsRateAndPutsTheOptimizersBack()
    {
        var network = Networks.Make("rows");
        var (x, y) = Networks.Samples("rows", 10);
        var optimizer = new Sgd(0.8);

        network.Fit(x, y, new FitOptions { Epochs = 5, Optimizer = optimizer, Schedule = Schedule.Step(2, 0.5) }).LearningRates
            .Should().Equal(0.8, 0.8, 0.4, 0.4, 0.2);
        optimizer.LearningRate.Should().Be(0.8);
        network.Fit(x, y, new FitOptions { Epochs = 3, Optimizer = optimizer, Schedule = Schedule.Cosine(2) }).LearningRates[2]
            .Should().Be(0);
        optimizer.LearningRate.Should().Be(0.8);
        network.Fit(x, y, new FitOptions
        {
            Epochs = 3,
            Optimizer = optimizer,
            Progress = new SynchronousProgress<EpochReport>(_ => optimizer.LearningRate /= 2)
        }).LearningRates.Should().Equal(0.8, 0.4, 0.2);
    }

    [Fact]
    public void ReportsComeInOrderOnTheTrainingThreadAndPredictIsAllowedInThem()
    {
        var network = Networks.Make("everything");
        var (x, y) = Networks.Samples("everything", 70);
        var lines = new List<string>();
        int thread = Environment.CurrentManagedThreadId;
        void Note(object report)
        {
            Environment.CurrentManagedThreadId.Should().Be(thread);
            network.Predict(x[0]);
            lines.Add(report.ToString()![..report.ToString()!.IndexOf("error", StringComparison.Ordinal)]);
            network.Invoking(net => net.Fit(x, y, new FitOptions()))
                .Should().ThrowExactly<InvalidOperationException>().WithMessage("*trained already*");
        }

        network.Fit(x, y, new FitOptions
        {
            Epochs = 2,
            BatchSize = 30,
            Progress = new SynchronousProgress<EpochReport>(Note),
            BatchProgress = new SynchronousProgress<BatchReport>(Note)
        });

        lines.Should().Equal(
            "epoch 1/2   batch 1/3   ", "epoch 1/2   batch 2/3   ", "epoch 1/2   batch 3/3   ", "epoch 1/2   ", "epoch 2/2   batch 1/3   ",
            "epoch 2/2   batch 2/3   ", "epoch 2/2   batch 3/3   ", "epoch 2/2   ");
    }

    [Fact]
    public void CancellingAtAnyBatchKeepsWhatWasLearntUpToIt()
    {
        var (x, y) = Networks.Samples("rows", 20);
        for (int batch = 1; batch <= 8; batch++)
        {
            using var source = new CancellationTokenSource();
            var network = Networks.Make("rows");
            int batches = 0;
            var history = network.Fit(
                x,
                y,
                new FitOptions
                {
                    Epochs = 2,
                    BatchSize = 5,
                    Optimizer = new Adam(0.01),
                    BatchProgress = new SynchronousProgress<BatchReport>(_ =>
                    {
                        if (++batches == batch)
                        {
                            source.Cancel();
                        }
                    }),
                },
                source.Token);

            var twin = Networks.Make("rows");
            var optimizer = new Adam(0.01);
            for (int done = 0; done < batch; done++)
            {
                twin.Fit(
                    x[(done % 4 * 5)..((done % 4 * 5) + 5)],
                    y[(done % 4 * 5)..((done % 4 * 5) + 5)],
                    new FitOptions { BatchSize = 5, Optimizer = optimizer });
            }

            Networks.Hash(network).Should().Be(Networks.Hash(twin), "of batch {0}", batch);
            history.Losses.Should().HaveCount(batch / 4);
            history.StopReason.Should().Be(batch == 8 ? StopReason.EpochsCompleted : StopReason.Canceled);
            history.StopMessage.Should().Be(
                batch == 8
                    ? "All 2 epochs were run."
                    : batch == 4 ? "Canceled after epoch 1 of 2."
                    : $"Canceled in epoch {1 + (batch / 4)} of 2, after {batch % 4} of its 4 batches.");
            network.Fit(x, y, new FitOptions()).StopReason.Should().Be(StopReason.EpochsCompleted);
        }
    }

    [Theory]
    [InlineData("Adam")]
    [InlineData("Sgd with momentum")]
    [InlineData("RmsProp")]
    public void AnOverflowInMidEpochLeavesTheLastGoodEpochAndAnOptimizerThatStillWorks(string name)
    {
        var (x, y) = Networks.Samples("everything", 40);
        int calls = 0;
        var seen = new List<int>();
        var network = Networks.Make("everything").Use(
            (t, p) =>
            {
                calls++;
                seen.Add(Array.FindIndex(y, target => ReferenceEquals(target, t)));
                return calls == 60 ? double.NaN : Losses.SoftmaxCrossEntropy(t, p);
            },
            Losses.SoftmaxCrossEntropyPrime);
        var twin = Networks.Make("everything");
        twin.Use((t, p) => Losses.SoftmaxCrossEntropy(t, p), Losses.SoftmaxCrossEntropyPrime);
        var optimizer = Networks.Optimizers[name]();
        FitOptions Options(Optimizer one) => new() { Epochs = 2, BatchSize = 8, Optimizer = one, Shuffle = true, Seed = 3 };

        var history = network.Fit(x, y, Options(optimizer));
        twin.Fit(x, y, new FitOptions { Epochs = 1, BatchSize = 8, Optimizer = Networks.Optimizers[name](), Shuffle = true, Seed = 3 });

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().HaveCount(1);
        history.StopMessage.Should().Contain("epoch 2:").And
            .Contain($"the loss of sample {seen[59]} is NaN", "it is named by its place in the caller's list");
        Networks.Hash(network).Should().Be(Networks.Hash(twin));
        network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters)
            .Should().OnlyContain(parameter => parameter.Gradient.Enumerate().All(value => value == 0));
        network.Fit(x, y, Options(optimizer)).StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    [Fact]
    public void AnOptimizerThatOverflowedStartsAgain()
    {
        var network = new Network().Add(new FCLayer(2, 2, random: Draw.Seeded(1))).Use(Losses.Mse, Losses.MsePrime);
        var momentum = new Sgd(0.1, momentum: 0.9);
        Matrix<double>[] x = [Draw.Row(1e100, 1e100), Draw.Row(1e100, 1e100)];

        network.Fit(x, [Draw.Row(0, 0), Draw.Row(0, 0)], new FitOptions { BatchSize = 1, Optimizer = momentum }).StopReason
            .Should().Be(StopReason.NumericOverflow);
        network.Fit([Draw.Row(1, 1)], [Draw.Row(0, 0)], new FitOptions { Epochs = 9, Optimizer = momentum }).StopReason
            .Should().Be(StopReason.EpochsCompleted);
    }

    [Fact]
    public void AFunctionThatThrowsLeavesTheLastGoodEpochAndNoGradients()
    {
        var (x, y) = Networks.Samples("rows", 12);
        int calls = 0;
        var network = Networks.Make("rows")
            .Use((t, p) => ++calls == 20 ? throw new NotSupportedException("mine") : Losses.Mse(t, p), Losses.MsePrime);
        var twin = Networks.Make("rows").Use((t, p) => Losses.Mse(t, p), Losses.MsePrime);
        FitOptions Options(int epochs) => new() { Epochs = epochs, BatchSize = 4, Optimizer = new Adam(0.01) };

        network.Invoking(net => net.Fit(x, y, Options(3)))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage("The network's loss threw NotSupportedException: mine")
            .WithInnerExceptionExactly<NotSupportedException>();
        twin.Fit(x, y, Options(1));

        Networks.Hash(network).Should().Be(Networks.Hash(twin));
        network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters)
            .Should().OnlyContain(parameter => parameter.Gradient.Enumerate().All(value => value == 0));
        network.Fit(x, y, Options(1)).Losses.Should().HaveCount(1);
    }

    [Fact]
    public void TheHistoryAsCsvReadsBackToTheSameBitsInAnyCulture()
    {
        var (x, y) = Networks.Samples("rows", 20);
        var culture = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            var history = Networks.Make("rows").Fit(x, y, new FitOptions
            {
                Epochs = 2,
                Optimizer = new Adam(0.001),
                ValidationSplit = 0.2,
                Metrics = [Metric.Accuracy, new Metric("mine, \"quoted\"", (_, _) => 0.1 + 0.2, false)],
            });

            string[] lines = history.ToCsv().Split("\r\n");
            lines[0].Should().Be("epoch,loss,validationLoss,validationAccuracy,\"validationmine, \"\"quoted\"\"\",learningRate,seconds");
            lines.Should().HaveCount(4).And.EndWith("");
            for (int epoch = 0; epoch < 2; epoch++)
            {
                double[] numbers = [.. lines[epoch + 1].Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
                numbers.Should().Equal(
                    epoch + 1, history.Losses[epoch], history.ValidationLosses[epoch], history.Metrics["Accuracy"][epoch], 0.1 + 0.2, 0.001,
                    history.Seconds[epoch]);
            }

            history.Epochs[1].ToString().Should().MatchRegex(
                @"^epoch 2/2   error=\d\.\d{6}   validation error=\d\.\d{6}   "
                + @"validation Accuracy=\d\.\d{6}   validation mine, ""quoted""=0\.300000$");
            history.Seconds.Should().OnlyContain(seconds => seconds > 0);
            new BatchReport(1, 10, 3, 1875, 0.5).ToString().Should().Be("epoch 1/10   batch 3/1875   error=0.500000");
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}
