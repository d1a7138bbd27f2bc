using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

public class CallbackTests
{
    private readonly Matrix<double>[] _x = Trained.Samples(10).X;
    private readonly Matrix<double>[] _y = Trained.Samples(10).Y;

    public static TheoryData<string> Places => ["loss", "lossPrime", "layer forward", "layer backward", "batch progress", "optimizer"];

    /// <summary>
    /// The 26th sample is in the third epoch of 10, and so is the 8th batch's report; the 26th of an epoch's 18 updates of a parameter is
    /// in the second.
    /// </summary>
    [Theory]
    [MemberData(nameof(Places))]
    public void AnExceptionWithinAnEpochTakesTheEpochBackAndIsNamedButForThatOfACallback(string place)
    {
        int calls = 0;
        bool broken = true;
        void Call(string from)
        {
            if (broken && from == place && ++calls == (from == "batch progress" ? 8 : 26))
            {
                throw new NotSupportedException(place);
            }
        }

        Network Make() => new Network()
            .Add(new FCLayer(4, 3, random: Draw.Seeded(1)))
            .Add(place.StartsWith("layer", StringComparison.Ordinal)
                ? new UserTanh(() => Call("layer forward"), () => Call("layer backward"))
                : new BatchNormLayer(3))
            .Add(new FCLayer(3, 2, random: Draw.Seeded(2)))
            .Use(
                (yTrue, yPred) =>
                {
                    Call("loss");
                    return Losses.Mse(yTrue, yPred);
                },
                (yTrue, yPred) =>
                {
                    Call("lossPrime");
                    return Losses.MsePrime(yTrue, yPred);
                });
        FitOptions Options(int epochs) => new()
        {
            Epochs = epochs,
            BatchSize = 4,
            Optimizer = new CallingSgd(() => Call("optimizer")),
            Schedule = Schedule.Exponential(0.5),
            BatchProgress = Trained.Tell<BatchReport>(_ => Call("batch progress")),
        };
        var network = Make();
        var options = Options(9);

        var exception = Record.Exception(() => network.Fit(_x, _y, options))!;
        string name = place switch
        {
            "batch progress" => "batch progress",
            "layer forward" => "UserTanh's ForwardPropagation threw NotSupportedException: layer forward",
            "layer backward" => "UserTanh's Backward threw NotSupportedException: layer backward",
            "optimizer" => "CallingSgd(0.05)'s Update of * threw NotSupportedException: optimizer",
            _ => $"The network's {place} threw NotSupportedException: {place}",
        };
        exception.Message.Should().Match(name);
        exception.Should().BeOfType(place == "batch progress" ? typeof(NotSupportedException) : typeof(InvalidOperationException));
        (exception.InnerException ?? exception).Should().BeOfType<NotSupportedException>().Which.Message.Should().Be(place);

        broken = false;
        var twin = Make();
        int goodEpochs = place == "optimizer" ? 1 : 2;
        twin.Fit(_x, _y, Options(goodEpochs));
        network.Bits().Should().Be(twin.Bits());
        network.ShouldHaveNoGradients();
        options.Optimizer.LearningRate.Should().Be(0.1, "the schedule's end puts the rate back");
        network.Fit(_x, _y, Options(1)).StopReason.Should().Be(StopReason.EpochsCompleted);
        twin.Fit(_x, _y, Options(1));
        network.Bits().Should().Be(twin.Bits());
    }

    [Theory]
    [InlineData("progress")]
    [InlineData("metric")]
    public void AnExceptionAtAnEpochsEndKeepsTheEpoch(string place)
    {
        void Call(string from, int epoch)
        {
            if (from == place && epoch == 2)
            {
                throw new NotSupportedException(place);
            }
        }

        int measured = 0;
        var metric = new Metric("Mine", (_, _) => Measure(), higherIsBetter: true);
        double Measure()
        {
            Call("metric", ++measured);
            return 1;
        }

        var (network, twin) = (Trained.Small(), Trained.Small());

        network.Invoking(it => it.Fit(_x, _y, new FitOptions
        {
            Epochs = 5,
            Metrics = [metric],
            Progress = Trained.Tell<EpochReport>(report => Call("progress", report.Epoch))
        }))
            .Should().Throw<Exception>().Where(e => (place == "metric" ? e.InnerException : e) is NotSupportedException)
            .Where(e => place != "metric" || e.Message == "The function of the metric Mine threw NotSupportedException: metric");

        twin.Fit(_x, _y, new FitOptions { Epochs = 2 });
        network.Bits().Should().Be(twin.Bits());
        network.Fit(_x, _y, new FitOptions()).StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    [Fact]
    public void ReportsComeInOrderOnTheCallingThreadWithTheirNumbers()
    {
        var reports = new List<string>();
        var threads = new HashSet<int>();
        var losses = new List<double>();
        var network = Trained.Small();

        var history = network.Fit(_x, _y, new FitOptions
        {
            Epochs = 2,
            BatchSize = 4,
            Progress = Trained.Tell<EpochReport>(report =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                reports.Add($"{report.Epoch}/{report.Epochs}");
            }),
            BatchProgress = Trained.Tell<BatchReport>(report =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                reports.Add($"{report.Epoch}/{report.Epochs} {report.Batch}/{report.Batches}");
                losses.Add(report.Loss);
            }),
        });

        reports.Should().Equal("1/2 1/3", "1/2 2/3", "1/2 3/3", "1/2", "2/2 1/3", "2/2 2/3", "2/2 3/3", "2/2");
        threads.Should().Equal(Environment.CurrentManagedThreadId);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            double[] batch = [.. losses.Skip(3 * epoch).Take(3)];
            history.Losses[epoch].ShouldBeNear(((4 * batch[0]) + (4 * batch[1]) + (2 * batch[2])) / 10, 1e-12);
        }
    }

    [Fact]
    public void TheFirstBatchsLossIsMeasuredBeforeItsUpdate()
    {
        double expected = Trained.Small().Evaluate(_x[..4], _y[..4]).Loss;
        var losses = new List<double>();

        Trained.Small()
            .Fit(_x, _y, new FitOptions { BatchSize = 4, BatchProgress = Trained.Tell<BatchReport>(report => losses.Add(report.Loss)) });

        losses[0].ShouldBeNear(expected, 1e-12);
    }

    [Fact]
    public void PredictAndEvaluateInACallbackSeeTheNetworkAsItIsAndChangeNothing()
    {
        var network = Trained.Small(batchNorm: true);
        var twin = Trained.Small(batchNorm: true);
        var seen = new List<double>();
        void Look()
        {
            seen.Add(network.Evaluate(_x, _y).Loss);
            network.Predict(_x).Should().HaveCount(10);
            network.Predict(_x[0]).ColumnCount.Should().Be(2);
        }

        var options = new FitOptions
        {
            Epochs = 3,
            BatchSize = 5,
            Progress = Trained.Tell<EpochReport>(_ => Look()),
            BatchProgress = Trained.Tell<BatchReport>(_ => Look())
        };
        network.Fit(_x, _y, options);
        twin.Fit(_x, _y, new FitOptions { Epochs = 3, BatchSize = 5 });

        network.Bits().Should().Be(twin.Bits());
        seen.Distinct().Should().HaveCount(6, "the epoch's report comes after its last batch's");
        seen[^1].Should().Be(twin.Evaluate(_x, _y).Loss);
    }

    [Fact]
    public void WhatWouldChangeTheNetworkIsRefusedInACallback()
    {
        var network = Trained.Small();
        var twin = Trained.Small();
        int refused = 0;
        void Try()
        {
            network.Invoking(it => it.Fit(_x, _y, new FitOptions()))
                .Should().ThrowExactly<InvalidOperationException>().WithMessage("*being trained already*");
            network.Invoking(it => it.Fit(_x, _y, 1, 0.1))
                .Should().ThrowExactly<InvalidOperationException>().WithMessage("*being trained already*");
            network.Invoking(it => it.Add(new FCLayer(2, 2)))
                .Should().ThrowExactly<InvalidOperationException>().WithMessage("*being trained; Add*");
            network.Invoking(it => it.Use(Losses.Mae, Losses.MaePrime))
                .Should().ThrowExactly<InvalidOperationException>().WithMessage("*being trained; Use*");
            refused++;
        }

        network.Fit(_x, _y, new FitOptions
        {
            BatchSize = 5,
            Progress = Trained.Tell<EpochReport>(_ => Try()),
            BatchProgress = Trained.Tell<BatchReport>(_ => Try())
        });
        twin.Fit(_x, _y, new FitOptions { BatchSize = 5 });

        refused.Should().Be(3);
        network.Bits().Should().Be(twin.Bits());
    }

    [Fact]
    public void GradientsOfBeforeAreNoPartOfTraining()
    {
        var (network, twin) = (Trained.Small(), Trained.Small());
        var first = (FCLayer)network.Layers[0];
        first.ForwardPropagation(_x[0]);
        first.Backward(Draw.Row(1, 2, 3));

        network.Fit(_x, _y, new FitOptions { BatchSize = 3 });
        twin.Fit(_x, _y, new FitOptions { BatchSize = 3 });

        network.Bits().Should().Be(twin.Bits());
    }

    [Theory]
    [InlineData("xTrain")]
    [InlineData("yTrain")]
    [InlineData("Validation.X")]
    [InlineData("Validation.Y")]
    public void AListThatABatchsReportChangesIsNamed(string name)
    {
        foreach (var change in new Action<List<Matrix<double>>>[]
        {
            list => list.RemoveAt(9), list => list[9] = Draw.Row(1, 2, 3, 4, 5), list => list[9] = null!
        })
        {
            var lists = new Dictionary<string, List<Matrix<double>>>
            {
                ["xTrain"] = [.. _x],
                ["yTrain"] = [.. _y],
                ["Validation.X"] = [.. _x],
                ["Validation.Y"] = [.. _y]
            };
            var network = Trained.Small();
            string before = network.Bits();

            network.Invoking(it => it.Fit(lists["xTrain"], lists["yTrain"], new FitOptions
            {
                BatchSize = 5,
                Validation = (lists["Validation.X"], lists["Validation.Y"]),
                BatchProgress = Trained.Tell<BatchReport>(report => (report.Batch == 1 ? change : _ => { })(lists[name])),
            })).Should().ThrowExactly<InvalidOperationException>().WithMessage($"{name} was changed during Fit*10 samples*");

            network.ShouldHaveNoGradients();
            (network.Bits() == before)
                .Should().Be(name.EndsWith("Train", StringComparison.Ordinal), "an epoch that did not end is taken back");
        }
    }

    /// <summary>A user's layer that learns nothing, as the article has it, but a TrainableLayer: it takes part in batches.</summary>
    private sealed class UserTanh(Action forward, Action backward) : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters => [];

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            forward();
            return Output = Activations.Tanh(Input = input);
        }

        public override Matrix<double> Backward(Matrix<double> outputError)
        {
            backward();
            return Activations.TanhPrime(Input!).PointwiseMultiply(outputError);
        }
    }

    private sealed class CallingSgd(Action call) : Optimizer(0.1)
    {
        public override void Update(Parameter parameter)
        {
            call();
            parameter.Value.Subtract(LearningRate * parameter.Gradient, parameter.Value);
        }
    }
}
