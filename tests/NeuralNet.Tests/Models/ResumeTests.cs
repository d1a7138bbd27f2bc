using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Data;
using NeuralNet.Tests.Optimizers;
using NeuralNet.Tests.Training;

namespace NeuralNet.Tests.Models;

/// <summary>What a checkpoint holds besides weights, when it is written, and what it refuses to go on with.</summary>
public sealed class ResumeTests : IDisposable
{
    private static readonly (Matrix<double>[] X, Matrix<double>[] Y) s_data = Trained.Samples(8);

    private readonly Folder _folder = new();

    private string File => Path.Combine(_folder.Path, "run.safetensors");

    public void Dispose() => _folder.Dispose();

    /// <summary>What a callback may do to training, once, after an epoch.</summary>
    public static TheoryData<string, Action<Network, Optimizer>> Changes => new()
    {
        { "learning rate", (_, optimizer) => optimizer.LearningRate = 0.001 },
        { "clip norm", (_, optimizer) => optimizer.ClipNorm = 0.01 },
        { "no clip norm", (_, optimizer) => optimizer.ClipNorm = null },
        { "clip value", (_, optimizer) => optimizer.ClipValue = 0.001 },
        { "L2", (network, _) => ((FCLayer)network.Layers[0]).L2 = 0.5 },
        { "L2 of a parameter", (network, _) => ((FCLayer)network.Layers[2]).Parameters[1].L2 = 0.5 },
        { "weights", (network, _) => ((FCLayer)network.Layers[0]).Weights[1, 1] = 0.25 },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void WhatACallbackChangedSurvivesResume(string what, Action<Network, Optimizer> change)
    {
        foreach (var create in new Func<Optimizer>[] { () => new Adam(0.01) { ClipNorm = 0.1 }, () =>
            new Sgd(0.01, momentum: 0.9) { ClipNorm = 0.1 } })
        {
            foreach (int stop in new[] { 5, 7 })
            {
                var (whole, network) = (Trained.Small(), Trained.Small());
                Fit(whole, 10, create(), null).Losses.Should().HaveCount(10);
                System.IO.File.Delete(File);

                Fit(network, stop, create(), new Checkpoint(File) { Every = 3 });
                network = Trained.Small();
                Fit(network, 8, create(), new Checkpoint(File) { Every = 3, Resume = true });
                network = Trained.Small();
                var history = Fit(network, 10, create(), new Checkpoint(File) { Resume = true });

                history.Losses.Should().HaveCount(10);
                network.Bits().Should().Be(whole.Bits(), $"{what} after epoch 5, stopped after {stop}");
            }
        }

        TrainingHistory Fit(Network network, int epochs, Optimizer optimizer, Checkpoint? checkpoint) =>
            network.Fit(s_data.X, s_data.Y, new FitOptions
            {
                Epochs = epochs,
                BatchSize = 3,
                Optimizer = optimizer,
                Shuffle = true,
                Seed = 4,
                Checkpoint = checkpoint,
                Progress = Trained.Tell<EpochReport>(report =>
                {
                    if (report.Epoch == 5)
                    {
                        change(network, optimizer);
                    }
                }),
            });
    }

    [Fact]
    public void ARateThatWasChangedWithinAnEpochSurvivesToo()
    {
        var (whole, network) = (Trained.Small(), Trained.Small());
        void Fit(Network one, int epochs, Optimizer optimizer, Checkpoint? checkpoint) => one.Fit(s_data.X, s_data.Y, new FitOptions
        {
            Epochs = epochs,
            BatchSize = 2,
            Optimizer = optimizer,
            Seed = 4,
            Checkpoint = checkpoint,
            BatchProgress =
                Trained.Tell<BatchReport>(report => optimizer.LearningRate = report is { Epoch: 2, Batch: 3 } ? 0.001
                : optimizer.LearningRate),
        });
        Fit(whole, 5, new Adam(0.01), null);

        Fit(network, 2, new Adam(0.01), new Checkpoint(File));
        Fit(network, 5, new Adam(0.01), new Checkpoint(File) { Resume = true });

        network.Bits().Should().Be(whole.Bits());
    }

    /// <summary>The optimizer of the first part has the changed rate, and is given again.</summary>
    [Fact]
    public void TheSameOptimizerGoesOnInTheSameProcess()
    {
        var (whole, network) = (Trained.Small(), Trained.Small());
        var optimizer = new Adam(0.01);
        static SynchronousProgress<EpochReport> Slower(Optimizer one) =>
            Trained.Tell<EpochReport>(report => one.LearningRate = report.Epoch == 2 ? 0.001 : one.LearningRate);
        var other = new Adam(0.01);
        whole.Fit(s_data.X, s_data.Y, new FitOptions { Epochs = 6, Optimizer = other, Seed = 1, Progress = Slower(other) });

        network.Fit(s_data.X, s_data.Y,
            new FitOptions
            {
                Epochs = 3,
                Optimizer = optimizer,
                Seed = 1,
                Progress = Slower(optimizer),
                Checkpoint =
            new Checkpoint(File)
            });
        network.Fit(s_data.X, s_data.Y,
            new FitOptions { Epochs = 6, Optimizer = optimizer, Seed = 1, Checkpoint = new Checkpoint(File) { Resume = true } });

        network.Bits().Should().Be(whole.Bits());
    }

    [Fact]
    public void ARateThatFollowsAScheduleStartsFromTheSameOneAgain()
    {
        var (whole, network) = (Trained.Small(), Trained.Small());
        FitOptions Options(int epochs, Checkpoint? checkpoint) =>
            new() { Epochs = epochs, Optimizer = new Adam(0.01), Schedule = Schedule.Exponential(0.5), Seed = 1, Checkpoint = checkpoint };
        whole.Fit(s_data.X, s_data.Y, Options(6, null));

        network.Fit(s_data.X, s_data.Y, Options(3, new Checkpoint(File)));
        network.Fit(s_data.X, s_data.Y, Options(6, new Checkpoint(File) { Resume = true }));

        network.Bits().Should().Be(whole.Bits());
    }

    /// <summary>Ways in which training ends between epochs that are due for the file.</summary>
    public static TheoryData<string, bool> Ends => new()
    {
        { "canceled after epoch 7", false },
        { "canceled in epoch 8", false },
        { "overflow in epoch 8", false },
        { "exception in epoch 8", true },
        { "exception in the callback of epoch 7", true },
        { "no epochs left", false },
        { "early stopping", false },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void TheLastWholeEpochIsStoredHoweverTrainingEnds(string end, bool throws)
    {
        foreach (int every in new[] { 1, 5, 100 })
        {
            foreach (string optimizer in new[] { "Adam(0.001)", "Sgd(0.1, momentum 0.9)", "Sgd(0.1)" })
            {
                System.IO.File.Delete(File);
                var (whole, first, second) =
                    (Trained.Small(batchNorm: true), Trained.Small(batchNorm: true), Trained.Small(batchNorm: true));
                Plain(whole, 10, null);
                double? seconds = null;

                var training = first.Invoking(network => Fit(network, BuiltInOptimizers.New[optimizer](), every));
                if (throws)
                {
                    training.Should().Throw<Exception>();
                }
                else
                {
                    training.Should().NotThrow();
                }

                var history =
                    Plain(second, 10,
                    new Checkpoint(File) { Resume = true, AllowChanges = end is "overflow in epoch 8" or "early stopping" });
                history.Epochs[6].Seconds.Should().Be(seconds, "the seventh epoch was not run again");
                second.Bits().Should().Be(whole.Bits(), $"{end}, every {every}, {optimizer}");

                TrainingHistory Plain(Network network, int epochs, Checkpoint? checkpoint) => network.Fit(
                    s_data.X, s_data.Y,
                        new FitOptions
                        {
                            Epochs = epochs,
                            BatchSize = 2,
                            Optimizer = BuiltInOptimizers.New[optimizer](),
                            Shuffle = true,
                            Seed = 4,
                            Checkpoint = checkpoint
                        });

                void Fit(Network network, Optimizer by, int so)
                {
                    using var cancellation = new CancellationTokenSource();
                    network.Fit(
                        s_data.X,
                        s_data.Y,
                        new FitOptions
                        {
                            Epochs = end == "no epochs left" ? 7 : 10,
                            BatchSize = 2,
                            Optimizer = by,
                            Shuffle = true,
                            Seed = 4,
                            Schedule = end == "overflow in epoch 8" ? new Schedule((epoch, rate) => epoch < 7 ? rate : 1e300) : null,
                            EarlyStopping = end == "early stopping"
                                ? new EarlyStopping { MinChange = 1e9, Patience = 6, RestoreBestWeights = false } : null,
                            Checkpoint = new Checkpoint(File) { Every = so },
                            Progress = Trained.Tell<EpochReport>(report =>
                            {
                                if (report.Epoch == 7)
                                {
                                    seconds = report.Seconds;
                                    Do(end, "canceled after epoch 7", cancellation.Cancel);
                                    Do(end, "exception in the callback of epoch 7", () => throw new NotSupportedException());
                                }
                            }),
                            BatchProgress = Trained.Tell<BatchReport>(report =>
                            {
                                if (report is { Epoch: 8, Batch: 2 })
                                {
                                    Do(end, "canceled in epoch 8", cancellation.Cancel);
                                    Do(end, "exception in epoch 8", () => throw new NotSupportedException());
                                }
                            }),
                        },
                        cancellation.Token);
                }
            }
        }

        static void Do(string end, string when, Action what)
        {
            if (end == when)
            {
                what();
            }
        }
    }

    /// <summary>Its state is in its text only, which has to be that of the whole epoch, too.</summary>
    [Fact]
    public void ALayerThatUpdatesItselfIsStoredAsTheWholeEpochLeftIt()
    {
        static Network Make() =>
            new Network().Add(new UserLayers.ArticleScale(Draw.Row(1, 2, 3, 4))).Add(new FCLayer(4, 2,
            random: Draw.Seeded(1))).Use(Losses.Mse, Losses.MsePrime);
        var registry = new LayerRegistry().Add(
            "scale",
            (UserLayers.ArticleScale layer) => string.Join(' ', layer.Value.Enumerate().Select(BitConverter.DoubleToInt64Bits)),
            text => new UserLayers.ArticleScale(Draw.Row([.. text.Split(' ').Select(bits =>
                BitConverter.Int64BitsToDouble(long.Parse(bits, System.Globalization.CultureInfo.InvariantCulture)))])));
        var whole = Make();
        whole.Fit(s_data.X, s_data.Y, new FitOptions { Epochs = 9, BatchSize = 2, Seed = 1 });
        using var cancellation = new CancellationTokenSource();
        var cancel =
            Trained.Tell<BatchReport>(report => (report is { Epoch: 8, Batch: 2 } ? cancellation.Cancel : new Action(() => { }))());
        var checkpoint = new Checkpoint(File) { Every = 5, Registry = registry };
        Make().Fit(s_data.X, s_data.Y,
            new FitOptions { Epochs = 9, BatchSize = 2, Seed = 1, Checkpoint = checkpoint, BatchProgress = cancel }, cancellation.Token);

        var loaded = Network.Load(File, registry);
        loaded.Fit(s_data.X, s_data.Y,
            new FitOptions
            {
                Epochs = 9,
                BatchSize = 2,
                Seed = 1,
                Checkpoint =
            new Checkpoint(File) { Resume = true, Registry = registry }
            }).Losses.Should().HaveCount(9);

        loaded.Bits().Should().Be(whole.Bits());
        ((UserLayers.ArticleScale)loaded.Layers[0]).Value.Should().BeEquivalentTo(((UserLayers.ArticleScale)whole.Layers[0]).Value);
    }

    [Fact]
    public void WithinTheFirstEpochThereIsNothingToStore()
    {
        using var cancellation = new CancellationTokenSource();
        Trained.Small().Fit(
            s_data.X,
            s_data.Y,
            new FitOptions
            {
                Epochs = 5,
                BatchSize = 2,
                Checkpoint = new Checkpoint(File) { Every = 5 },
                BatchProgress =
                Trained.Tell<BatchReport>(_ => cancellation.Cancel())
            },
            cancellation.Token);

        _folder.Files.Should().BeEmpty();
    }

    /// <summary>A folder has taken the file's place when it is to be stored: the exception of the callback is the one to see.</summary>
    [Fact]
    public void AnExceptionOfTheUsersIsNotHiddenByAFullDisk()
    {
        var progress = Trained.Tell<EpochReport>(_ =>
        {
            Directory.CreateDirectory(File);
            throw new NotSupportedException("the user's");
        });

        Trained.Small().Invoking(network =>
            network.Fit(s_data.X, s_data.Y, new FitOptions { Checkpoint = new Checkpoint(File), Progress = progress }))
            .Should().Throw<Exception>().WithMessage("*the user's*");
    }

    /// <summary>Training that differs in one thing from that of the file, and what the refusal says of it.</summary>
    public static TheoryData<string, Func<Given, Given>> Others => new()
    {
        { "batch size is 2, but Fit got 3", given => given with { BatchSize = 3 } },
        { "shuffle is on, but Fit got off", given => given with { Shuffle = false } },
        { "seed is 4, but Fit got 5", given => given with { Seed = 5 } },
        { "validation split is 0.25, but Fit got 0.5", given => given with { Split = 0.5 } },
        { "optimizer is Adam, but Fit got AdamW", given => given with { Optimizer = new AdamW(0.1, weightDecay: 0.01) { ClipNorm = 1 } } },
        { "list of the optimizer's settings is [], but Fit got [beta1 0.8]", given =>
            given with { Optimizer = new Adam(0.1, beta1: 0.8) { ClipNorm = 1 } } },
        { "learning rate is 0.1, but Fit got 0.2", given => given with { Optimizer = new Adam(0.2) { ClipNorm = 1 } } },
        { "clip norm is 1, but Fit got none", given => given with { Optimizer = new Adam(0.1) } },
        { "clip value is none, but Fit got 2", given => given with { Optimizer = new Adam(0.1) { ClipNorm = 1, ClipValue = 2 } } },
        { "schedule is Exponential(0.9), but Fit got none", given => given with { Schedule = null } },
        { "schedule is Exponential(0.9), but Fit got Exponential(0.8)", given => given with { Schedule = Schedule.Exponential(0.8) } },
        { "L2 of layers.0.Weights is 0, but Fit got 0.5", given =>
            given with { Change = network => ((FCLayer)network.Layers[0]).L2 = 0.5 } },
        { "L2 of layers.2.Bias is 0, but Fit got 1", given =>
            given with { Change = network => ((FCLayer)network.Layers[2]).Parameters[1].L2 = 1 } },
        { "list of frozen layers is [], but Fit got [0]", given => given with { Change = network => network.Layers[0].Trainable = false } },
        { "loss is Mse, but Fit got Mae", given => given with { Change = network => network.Use(Losses.Mae, Losses.MaePrime) } },
        { "number of samples is 8, but Fit got 7", given => given with { X = s_data.X[..7], Y = s_data.Y[..7] } },
        { "fingerprint of xTrain (8 of 1 x 4) is ????????????????, but Fit got ????????????????", given =>
            given with { X = [.. s_data.X.Select(x => 2 * x)] } },
        { "fingerprint of yTrain (8 of 1 x 2) is ????????????????, but Fit got ????????????????", given =>
            given with { Y = [.. s_data.Y.Reverse()] } },
        { "early stopping is some, but Fit got none; its restoring of the best weights is on, but Fit got off", given =>
            given with { Stopping = null } },
        { "patience of early stopping is 5, but Fit got 6", given => given with { Stopping = new EarlyStopping { Patience = 6 } } },
        { "minimum change of early stopping is 0, but Fit got 0.1", given =>
            given with { Stopping = new EarlyStopping { MinChange = 0.1 } } },
        { "restoring of the best weights is on, but Fit got off", given =>
            given with { Stopping = new EarlyStopping { RestoreBestWeights = false } } },
        { "measure of the best epoch is the validation loss, but Fit got MeanAbsoluteError", given =>
            given with { Stopping = new EarlyStopping { Monitor = Metric.MeanAbsoluteError } } },
        {
            "measure of the best epoch is the validation loss, but Fit got R2; "
                + "its better side of that measure is the lower, but Fit got the higher",
            given => given with { Stopping = new EarlyStopping { Monitor = Metric.R2 } }
        },
        { "KeepBest is off, but Fit got on", given => given with { KeepBest = true } },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void WhatDiffersIsRefusedByNameWithBothValuesAndAllowedWhereItIsMeant(string says, Func<Given, Given> other)
    {
        Fit(Trained.Small(), 2, new Given(), resume: false, allow: false);
        byte[] file = _folder.Read("run.safetensors");
        var network = Trained.Small(seed: 2);
        var given = other(new Given());
        given.Change(network);
        string before = network.Bits();

        network.Invoking(one => Fit(one, 4, given with { Change = _ => { } }, resume: true, allow: false))
            .Should().ThrowExactly<ArgumentException>()
            .WithMessage($"*run.safetensors is a checkpoint of another training: its {says}. "
                + "Train in the same way, or set Checkpoint.AllowChanges to go on all the same, or without Resume, or with another file.*")
            .Which.ParamName.Should().Be("options");
        network.Bits().Should().Be(before);
        _folder.Read("run.safetensors").Should().Equal(file);

        Fit(network, 4, given with { Change = _ => { } }, resume: true, allow: true).Losses.Should().HaveCount(4);
        var again = Trained.Small(seed: 3);
        given.Change(again);
        Fit(again, 6, given with { Change = _ => { } }, resume: true, allow: false).Losses
            .Should().HaveCount(6, "the file is now one of the training that was given");
    }

    [Fact]
    public void ValidationSamplesAreComparedToo()
    {
        FitOptions Options((IReadOnlyList<Matrix<double>>, IReadOnlyList<Matrix<double>>) validation) =>
            new() { Epochs = 3, Validation = validation, Checkpoint = new Checkpoint(File) { Resume = true } };
        Trained.Small().Fit(s_data.X[..6], s_data.Y[..6], Options((s_data.X[6..], s_data.Y[6..])));

        Trained.Small().Invoking(network => network.Fit(s_data.X[..6], s_data.Y[..6], Options((s_data.X[7..], s_data.Y[7..]))))
            .Should().Throw<ArgumentException>()
            .WithMessage("*its number of validation samples is 2, but Fit got 1*");
        Trained.Small().Invoking(network => network.Fit(s_data.X[..6], s_data.Y[..6], Options((s_data.X[..2], s_data.Y[6..]))))
            .Should().Throw<ArgumentException>()
            .WithMessage("*its fingerprint of Validation.X (2 of 1 x 4) is*");
    }

    [Fact]
    public void LayersMetricsAndValidationHaveToBeTheSameEvenSo()
    {
        Fit(Trained.Small(), 2, new Given(), resume: false, allow: false);

        Refused(Trained.Small(batchNorm: true), new Given(), "its number of layers is 3, but Fit got 4");
        Refused(Trained.Small(), new Given { Split = 0 }, "its validation is some, but Fit got none");
        Refused(Trained.Small(), new Given { Metrics = [] }, "its set of metrics is [MeanAbsoluteError, R2], but Fit got []");

        void Refused(Network network, Given given, string says) => network.Invoking(one => Fit(one, 4, given, resume: true, allow: true))
            .Should().ThrowExactly<ArgumentException>()
            .WithMessage($"*is a checkpoint of another training: {says}. Train in the same way, or without Resume*");
    }

    [Fact]
    public void WhatIsSetOfALayerWithinAnotherIsASettingToo()
    {
        Network Make() => new Network().Add(new ResidualLayer([new FCLayer(4, 4, random: Draw.Seeded(1))]))
            .Add(new FCLayer(4, 2, random: Draw.Seeded(2))).Use(LossFunction.Mse);
        FitOptions Options(bool resume, bool allow) => new()
        {
            Epochs = resume ? 2 : 1,
            Optimizer = new Adam(0.01),
            Seed = 1,
            Checkpoint = new Checkpoint(File) { Resume = resume, AllowChanges = allow },
        };
        foreach (var (change, says) in ((Action<FCLayer>, string)[])
        [
            (layer => layer.L2 = 0.5, "its L2 of layers.0.body.0.Weights is 0, but Fit got 0.5"),
            (layer => layer.Trainable = false, "its list of frozen layers is [], but Fit got [0.body.0]"),
        ])
        {
            Make().Fit(s_data.X, s_data.Y, Options(resume: false, allow: false));
            var network = Make();
            change((FCLayer)((ResidualLayer)network.Layers[0]).Layers[0]);

            network.Invoking(one => one.Fit(s_data.X, s_data.Y, Options(resume: true, allow: false)))
                .Should().Throw<ArgumentException>().WithMessage($"*is a checkpoint of another training: {says}.*AllowChanges*");
            network.Fit(s_data.X, s_data.Y, Options(resume: true, allow: true)).Losses.Should().HaveCount(2);
        }
    }

    [Fact]
    public void TrainingWithAFrozenLayerGoesOnWithTheSameBits()
    {
        Network Make()
        {
            var network = Trained.Small();
            network.Layers[0].Trainable = false;
            return network;
        }

        FitOptions Options(int epochs, bool resume) => new()
        {
            Epochs = epochs,
            Optimizer = new Adam(0.01),
            Seed = 1,
            Checkpoint = new Checkpoint(File) { Resume = resume },
        };
        var (whole, network) = (Make(), Make());
        whole.Fit(s_data.X, s_data.Y, Options(4, resume: false));

        Make().Fit(s_data.X, s_data.Y, Options(2, resume: false));
        network.Fit(s_data.X, s_data.Y, Options(4, resume: true));

        network.Bits().Should().Be(whole.Bits());
        Network.Load(File).Layers[0].Trainable.Should().BeFalse();
    }

    /// <summary>A smaller rate gets past the epoch that overflowed.</summary>
    [Fact]
    public void AllowChangesTakesWhatIsGivenAndLeavesTheRestAsCallbacksHaveLeftIt()
    {
        var optimizer = new Adam(0.01) { ClipNorm = 1 };
        Trained.Small().Fit(s_data.X, s_data.Y, new FitOptions
        {
            Epochs = 2,
            Optimizer = optimizer,
            Seed = 1,
            Checkpoint = new Checkpoint(File),
            Progress =
                Trained.Tell<EpochReport>(_ => (optimizer.LearningRate, optimizer.ClipNorm) = (0.003, 0.5)),
        });
        var (same, other) = (new Adam(0.01) { ClipNorm = 1 }, new Adam(0.0001) { ClipNorm = 1 });

        Trained.Small().Fit(s_data.X, s_data.Y,
            new FitOptions { Epochs = 2, Optimizer = same, Seed = 1, Checkpoint = new Checkpoint(File) { Resume = true } });
        Trained.Small().Fit(s_data.X, s_data.Y,
            new FitOptions
            {
                Epochs = 3,
                Optimizer = other,
                Seed = 1,
                Checkpoint =
            new Checkpoint(File) { Resume = true, AllowChanges = true }
            })
            .LearningRates.Should().Equal(0.01, 0.003, 0.0001);

        (same.LearningRate, same.ClipNorm).Should().Be((0.003, 0.5));
        (other.LearningRate, other.ClipNorm).Should().Be((0.0001, 0.5));
        Trained.Small().Invoking(network =>
            network.Fit(s_data.X, s_data.Y,
            new FitOptions
            {
                Epochs = 3,
                Optimizer = new Adam(0.01) { ClipNorm = 2 },
                Seed = 1,
                Checkpoint =
            new Checkpoint(File) { Resume = true }
            }))
            .Should().Throw<ArgumentException>().WithMessage(
                "*its learning rate is 0.0001, but Fit got 0.01; its clip norm is 1 at first and 0.5 at last, but Fit got 2. *");
    }

    /// <summary>Samples that are made anew each time they are asked for cannot be compared, and are not.</summary>
    [Fact]
    public void AListThatMakesOtherSamplesEachTimeIsNotHeldAgainstItself()
    {
        var random = Draw.Seeded(1);
        FitOptions Options(int epochs) => new() { Epochs = epochs, Checkpoint = new Checkpoint(File) { Resume = true }, Seed = 1 };
        Trained.Small().Fit(new Noisy(s_data.X, random), s_data.Y, Options(2));

        Trained.Small().Fit(new Noisy(s_data.X, random), s_data.Y, Options(3)).Losses.Should().HaveCount(3);
    }

    [Fact]
    public void ASecondFitWithTheSameSeedRepeatsTheFirstOnesOrderAndMasks()
    {
        var network = new Network().Add(new FCLayer(4, 2, Initializer.Zeros)).Add(new DropoutLayer(0.5)).Use(Losses.Mse, Losses.MsePrime);
        TrainingHistory Fit(int seed)
        {
            ((FCLayer)network.Layers[0]).Weights.Clear();
            ((FCLayer)network.Layers[0]).Bias.Clear();
            return network.Fit(s_data.X, s_data.Y, new FitOptions { Epochs = 3, BatchSize = 2, Shuffle = true, Seed = seed });
        }

        var first = Fit(1);

        Fit(1).Losses.Should().Equal(first.Losses);
        Fit(2).Losses.Should().NotEqual(first.Losses);
    }

    /// <summary>
    /// A file of the first version, written by commit 6c31426 after three epochs, goes on with the bits of training that never stopped.
    /// </summary>
    [Fact]
    public void ACheckpointOfTheFirstVersionGoesOn()
    {
        System.IO.File.Copy(Path.Combine(AppContext.BaseDirectory, "Models", "files", "checkpoint1.safetensors"), File);
        var (whole, resumed, again) = (OfTheFirstVersion(), OfTheFirstVersion(), OfTheFirstVersion());
        var (x, y) = (Draw.Matrices(8, 1, 4, Draw.Seeded(2)), Draw.Matrices(8, 1, 2, Draw.Seeded(3)));
        FitOptions Options(int epochs, Checkpoint? checkpoint, Optimizer? optimizer = null, int? seed = 4) => new()
        {
            Epochs = epochs,
            BatchSize = 2,
            Optimizer = optimizer ?? new Adam(0.1) { ClipNorm = 1 },
            Schedule = Schedule.Exponential(0.9),
            Shuffle = true,
            Seed = seed,
            ValidationSplit = 0.25,
            Metrics = [Metric.R2],
            EarlyStopping = new EarlyStopping { Patience = 9 },
            Checkpoint = checkpoint,
        };

        OfTheFirstVersion().Invoking(network => network.Fit(x, y, Options(6, new Checkpoint(File) { Resume = true }, seed: 5)))
            .Should().Throw<ArgumentException>().WithMessage("*its seed is 4, but Fit got 5. *");
        OfTheFirstVersion().Invoking(network => network.Fit(x, y, Options(6, new Checkpoint(File) { Resume = true }, new Sgd(0.1))))
            .Should().Throw<ArgumentException>()
            .WithMessage("*its optimizer is Adam, but Fit got Sgd; "
                + "its number of values that the optimizer keeps for each of a parameter is 2, but Fit got 0. *");
        var history = whole.Fit(x, y, Options(6, null));
        resumed.Fit(x, y, Options(5, new Checkpoint(File) { Resume = true }));
        var losses = again.Fit(x, y, Options(6, new Checkpoint(File) { Resume = true })).Losses;

        // Batch normalisation has sharper sums since. The gradient of a bias before it is their rounding alone, of which Adam makes steps.
        Draw.Row([.. losses]).ShouldBeNear(Draw.Row([.. history.Losses]), 1e-6);
        again.Predict(x[0]).ShouldBeNear(whole.Predict(x[0]), 1e-6);
    }

    private static Network OfTheFirstVersion()
    {
        var random = Draw.Seeded(1);
        return new Network()
            .Add(new FCLayer(4, 3, random: random) { L2 = 0.01 })
            .Add(new BatchNormLayer(3))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new DropoutLayer(0.25))
            .Add(new FCLayer(3, 2, random: random))
            .Use(Losses.Mse, Losses.MsePrime);
    }

    private TrainingHistory Fit(Network network, int epochs, Given given, bool resume, bool allow) =>
        network.Fit(given.X, given.Y, new FitOptions
        {
            Epochs = epochs,
            BatchSize = given.BatchSize,
            Optimizer = given.Optimizer,
            Schedule = given.Schedule,
            Shuffle = given.Shuffle,
            Seed = given.Seed,
            ValidationSplit = given.Split,
            Metrics = given.Metrics,
            EarlyStopping = given.Stopping,
            Checkpoint = new Checkpoint(File) { Resume = resume, AllowChanges = allow, KeepBest = given.KeepBest },
        });

    /// <summary>What Fit is given.</summary>
    public sealed record Given
    {
        public int BatchSize { get; init; } = 2;

        public bool Shuffle { get; init; } = true;

        public int Seed { get; init; } = 4;

        public double Split { get; init; } = 0.25;

        public Optimizer Optimizer { get; init; } = new Adam(0.1) { ClipNorm = 1 };

        public Schedule? Schedule { get; init; } = Schedule.Exponential(0.9);

        public Metric[] Metrics { get; init; } = [Metric.R2, Metric.MeanAbsoluteError];

        public EarlyStopping? Stopping { get; init; } = new();

        public bool KeepBest { get; init; }

        public Matrix<double>[] X { get; init; } = s_data.X;

        public Matrix<double>[] Y { get; init; } = s_data.Y;

        /// <summary>Done to the network before.</summary>
        public Action<Network> Change { get; init; } = _ => { };
    }

    private sealed class Noisy(Matrix<double>[] samples, Random random) : IReadOnlyList<Matrix<double>>
    {
        public int Count => samples.Length;

        public Matrix<double> this[int index] => samples[index] + (0.01 * Draw.Matrix(1, 4, random));

        public IEnumerator<Matrix<double>> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
