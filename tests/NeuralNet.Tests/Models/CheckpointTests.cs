using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Data;
using NeuralNet.Tests.Optimizers;
using NeuralNet.Tests.Training;

namespace NeuralNet.Tests.Models;

public sealed class CheckpointTests : IDisposable
{
    /// <summary>Not better in any epoch than in the first.</summary>
    private static readonly Metric s_epochs = new("Constant", (_, _) => 1, higherIsBetter: false);

    private readonly Folder _folder = new();

    private string File => Path.Combine(_folder.Path, "run.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ARandomNetworkGoesOnWithTheBitsOfOneThatNeverStopped()
    {
        var optimizers = BuiltInOptimizers.New.Values.ToArray();
        var cases = Gen.Select(RandomNetwork.WithBatchNorm, Gen.Int[0, optimizers.Length - 1], Gen.Int[1, 3], Gen.Int[2, 4], Gen.Bool);
        int file = 0;
        cases.Sample(
            (recipe, optimizer, stop, batchSize, stopsEarly) =>
            {
                recipe = recipe with { Wrapped = false, OwnRandom = false };
                var (x, y) = recipe.Samples(8);
                string path = Path.Combine(_folder.Path, $"{Interlocked.Increment(ref file)}");
                FitOptions Options(int epochs, bool stored) => new()
                {
                    Epochs = epochs,
                    BatchSize = batchSize,
                    Optimizer = optimizers[optimizer](),
                    Schedule = Schedule.Exponential(0.9),
                    Shuffle = true,
                    Seed = recipe.Seed,
                    ValidationSplit = 0.25,
                    Metrics = [Metric.MeanAbsoluteError],
                    EarlyStopping = stopsEarly ? new EarlyStopping { Patience = 2 } : null,
                    Checkpoint = stored ? new Checkpoint(path) { Resume = true } : null,
                };
                var (whole, first, second) = (recipe.Make(), recipe.Make(), recipe.Make());

                var history = whole.Fit(x, y, Options(4, stored: false));
                first.Fit(x, y, Options(stop, stored: true));
                var resumed = second.Fit(x, y, Options(4, stored: true));

                second.Bits().Should().Be(whole.Bits());
                ShouldBeSame(resumed, history);
                Fingerprint.Of(second.Predict(x)).Should().Be(Fingerprint.Of(whole.Predict(x)));
                System.IO.File.Delete(path);
            },
            iter: 1000);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void TrainingCanceledWithinAnEpochGoesOn(int batches)
    {
        var (whole, network) = (SavedNetworks.Untrained(1), SavedNetworks.Untrained(1));
        var (x, y) = SavedNetworks.Samples(1);
        var history = whole.Fit(x, y, Options(5));
        using var cancellation = new CancellationTokenSource();

        network.Fit(
            x,
            y,
            Options(5, new Checkpoint(File), batchProgress: Trained.Tell<BatchReport>(_ => Cancel())),
            cancellation.Token).StopReason.Should().Be(StopReason.Canceled);
        var resumed = network.Fit(x, y, Options(5, new Checkpoint(File) { Resume = true }));

        ShouldBeSame(resumed, history);
        network.Bits().Should().Be(whole.Bits());

        void Cancel()
        {
            if (--batches == 0)
            {
                cancellation.Cancel();
            }
        }
    }

    [Fact]
    public void ThePresentWeightsAndSeedDoNotMatter()
    {
        var (whole, network) = (SavedNetworks.Untrained(1), SavedNetworks.Untrained(1));
        var (x, y) = SavedNetworks.Samples(1);
        whole.Fit(x, y, Options(5));
        network.Fit(x, y, Options(3, new Checkpoint(File)));
        var other = SavedNetworks.Untrained(2);

        other.Fit(x, y, Options(5, new Checkpoint(File) { Resume = true }, seed: null));

        ModelBytes.Of(other).Should().Equal(ModelBytes.Of(whole), "the initial seed comes with the rest");
    }

    [Fact]
    public void TrainingThatIsAtItsEndStaysAsItIs()
    {
        var network = SavedNetworks.Untrained(1);
        var (x, y) = SavedNetworks.Samples(1);
        var history = network.Fit(x, y, Options(3, new Checkpoint(File)));
        byte[] file = _folder.Read("run.safetensors");

        var again = network.Fit(x, y, Options(3, new Checkpoint(File) { Resume = true }));

        ShouldBeSame(again, history);
        again.Seconds.Should().Equal(history.Seconds);
        _folder.Read("run.safetensors").Should().Equal(file);
    }

    [Fact]
    public void EarlyStoppingRemembersItsBestEpochAndWeights()
    {
        double[] course = [5, 3, 4, 3.5, 3.2, 9, 1];
        var (whole, first, second) = (SavedNetworks.Untrained(1), SavedNetworks.Untrained(1), SavedNetworks.Untrained(1));
        var (x, y) = SavedNetworks.Samples(1);
        FitOptions Stopping(int epochs, int from, Checkpoint? checkpoint)
        {
            int epoch = from;
            var metric = new Metric("Scripted", (_, _) => course[epoch++], higherIsBetter: false);
            return Options(epochs, checkpoint, metric, new EarlyStopping { Monitor = metric, Patience = 3 });
        }

        var history = whole.Fit(x, y, Stopping(7, 0, null));
        history.StopReason.Should().Be(StopReason.EarlyStopping);
        history.BestEpoch.Should().Be(2);

        first.Fit(x, y, Stopping(4, 0, new Checkpoint(File))).BestEpoch.Should().Be(2);
        var resumed = second.Fit(x, y, Stopping(7, 4, new Checkpoint(File) { Resume = true }));
        var atItsEnd = first.Fit(x, y, Stopping(7, 7, new Checkpoint(File) { Resume = true }));

        ShouldBeSame(resumed, history);
        ShouldBeSame(atItsEnd, history);
        second.Bits().Should().Be(whole.Bits());
        first.Bits().Should().Be(whole.Bits());
    }

    [Fact]
    public void TheBestEpochsNetworkIsAModelOfItsOwn()
    {
        double[] course = [5, 3, 4, 3.5];
        int samples = 0;
        Loss scripted = (_, _) => course[samples++ / 6];
        LayerRegistry registry = new LayerRegistry().AddLoss("scripted", scripted, Losses.MsePrime);
        var network = Trained.Small().Use(scripted, Losses.MsePrime);
        var (x, y) = Trained.Samples(6);
        var expected = Trained.Small();
        expected.Fit(x, y, Plain(2, null));

        var history = network.Fit(x, y, Plain(4, new Checkpoint(File) { KeepBest = true, Registry = registry }));

        _folder.Files.Should().Equal("run.best.safetensors", "run.safetensors");
        Network.Load(Path.Combine(_folder.Path, "run.best.safetensors"), registry).Bits().Should().Be(expected.Bits());
        Network.Load(File, registry).Bits().Should().Be(network.Bits());
        history.BestEpoch.Should().Be(2);
    }

    [Theory]
    [InlineData(1, "1 2 3 4 5")]
    [InlineData(2, "2 4 5")]
    [InlineData(9, "5")]
    public void ItIsWrittenEverySoManyEpochsAndAtTheEnd(int every, string written)
    {
        var network = Trained.Small();
        var (x, y) = Trained.Samples(6);
        var epochs = new List<int>();
        byte[]? last = null;
        string bits = "";
        void Look(int epoch)
        {
            byte[]? file = System.IO.File.Exists(File) ? _folder.Read("run.safetensors") : null;
            if (file is not null && (last is null || !file.AsSpan().SequenceEqual(last)))
            {
                epochs.Add(epoch);
                Network.Load(File).Bits().Should().Be(bits);
            }

            last = file;
        }

        var progress = Trained.Tell<EpochReport>(report =>
        {
            Look(report.Epoch - 1);
            bits = network.Bits();
        });

        network.Fit(x, y, new FitOptions
        {
            Epochs = 5,
            Optimizer = new Adam(0.1),
            Checkpoint = new Checkpoint(File) { Every = every },
            Progress = progress
        });
        Look(5);

        string.Join(' ', epochs).Should().Be(written);
    }

    [Fact]
    public void AnOverflowLeavesTheCheckpointOfTheLastGoodEpoch()
    {
        var network = Trained.Small();
        var (x, y) = Trained.Samples(6);
        var schedule = new Schedule((epoch, _) => epoch < 2 ? 0.01 : 1e300);

        var history = network.Fit(x, y, new FitOptions { Epochs = 5, Schedule = schedule, Checkpoint = new Checkpoint(File) });

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().HaveCountLessThan(5);
        Network.Load(File).Bits().Should().Be(network.Bits());
    }

    [Fact]
    public void WithoutResumeTrainingBeginsAnew()
    {
        var (whole, network) = (Trained.Small(), Trained.Small());
        var (x, y) = Trained.Samples(6);
        Trained.Small(seed: 7).Fit(x, y, Plain(9, new Checkpoint(File)));

        network.Fit(x, y, Plain(2, new Checkpoint(File))).Losses.Should().Equal(whole.Fit(x, y, Plain(2, null)).Losses);
    }

    [Fact]
    public void ADiskThatIsFullEndsFitWithTheWeightsOfTheEpoch()
    {
        var (whole, network) = (Trained.Small(), Trained.Small());
        var (x, y) = Trained.Samples(6);
        whole.Fit(x, y, Plain(2, null));
        var progress = Trained.Tell<EpochReport>(report =>
        {
            if (report.Epoch == 2)
            {
                System.IO.File.Delete(File);
                Directory.CreateDirectory(File);
            }
        });

        network.Invoking(one => one.Fit(x, y, new FitOptions
        {
            Epochs = 5,
            BatchSize = 2,
            Optimizer = new Adam(0.1),
            Seed = 4,
            Checkpoint = new Checkpoint(File),
            Progress = progress
        }))
            .Should().Throw<Exception>().Which.Should().Match(e => e is IOException || e is UnauthorizedAccessException);

        network.Bits().Should().Be(whole.Bits());
        network.Fit(x, y, 1, 0.1).StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    [Fact]
    public void AUsersTrainableLayerGoesOnToo()
    {
        Network Make() => new Network().Add(new UserLayers.Scale(Draw.Row(1, 2, 3, 4))).Add(new FCLayer(4, 2, random: Draw.Seeded(1)))
            .Use(Losses.Mse, Losses.MsePrime);
        LayerRegistry Registry() =>
            new LayerRegistry().Add("scale", (UserLayers.Scale _) => "", _ => new UserLayers.Scale(Draw.Row(0, 0, 0, 0)));
        var (whole, first, second) = (Make(), Make(), Make());
        var (x, y) = Trained.Samples(6);

        whole.Fit(x, y, Plain(4, null));
        first.Fit(x, y, Plain(2, new Checkpoint(File) { Registry = Registry() }));
        second.Fit(x, y, Plain(4, new Checkpoint(File) { Resume = true, Registry = Registry() }));

        second.Bits().Should().Be(whole.Bits());
    }

    /// <summary>What it has learnt is in its text only: training goes on in the network that is made of that, and nowhere else.</summary>
    [Fact]
    public void ALayerThatUpdatesItselfGoesOnInTheLoadedNetworkOnly()
    {
        Network Make() => new Network().Add(new UserLayers.ArticleScale(Draw.Row(1, 2, 3, 4)))
            .Add(new FCLayer(4, 2, random: Draw.Seeded(1))).Use(Losses.Mse, Losses.MsePrime);
        LayerRegistry Registry() => new LayerRegistry().Add(
            "scale",
            (UserLayers.ArticleScale layer) => string.Join(' ', layer.Value.Enumerate().Select(BitConverter.DoubleToInt64Bits)),
            text => new UserLayers.ArticleScale(Draw.Row([.. text.Split(' ')
                .Select(bits => BitConverter.Int64BitsToDouble(long.Parse(bits, System.Globalization.CultureInfo.InvariantCulture)))])));
        var (whole, first) = (Make(), Make());
        var (x, y) = Trained.Samples(6);
        var resume = new Checkpoint(File) { Resume = true, Registry = Registry() };
        whole.Fit(x, y, Plain(4, null));
        first.Fit(x, y, Plain(2, new Checkpoint(File) { Registry = Registry() }));

        Make().Invoking(other => other.Fit(x, y, Plain(4, resume)))
            .Should().Throw<ArgumentException>().WithMessage("*its layer 0 is*but Fit got*");
        var loaded = Network.Load(File, Registry());
        loaded.Fit(x, y, Plain(4, resume));

        loaded.Bits().Should().Be(whole.Bits());
        ((UserLayers.ArticleScale)loaded.Layers[0]).Value.Should().BeEquivalentTo(((UserLayers.ArticleScale)whole.Layers[0]).Value);
    }

    [Fact]
    public void AnotherTrainingIsRefusedByName()
    {
        var (x, y) = Trained.Samples(6);
        Trained.Small().Fit(x, y, Plain(2, new Checkpoint(File)));
        byte[] file = _folder.Read("run.safetensors");
        FitOptions With(
            Optimizer? optimizer = null, int? seed = 4, double split = 0, Metric[]? metrics = null, EarlyStopping? stopping = null) => new()
            {
                Epochs = 4,
                BatchSize = 2,
                Optimizer = optimizer ?? new Adam(0.1),
                Seed = seed,
                ValidationSplit = split,
                Metrics = metrics ?? [],
                EarlyStopping = stopping,
                Checkpoint = new Checkpoint(File) { Resume = true },
            };

        Refused(Trained.Small(batchNorm: true), x, With(), "its number of layers is 3, but Fit got 4");
        Refused(
            new Network().Add(new FCLayer(4, 3)).Add(BuiltIn.Layer("Relu")).Add(new FCLayer(3, 2)).Use(Losses.Mse, Losses.MsePrime),
            x,
            With(),
            "its layer 1 is {\"kind\":\"ActivationLayer\",\"activation\":\"Tanh\"}, but Fit got *Relu*");
        Refused(Trained.Small(), x[..5], With(), "its number of samples is 6, but Fit got 5");
        Refused(Trained.Small().Use(Losses.Mae, Losses.MaePrime), x, With(), "its loss is Mse, but Fit got Mae");
        Refused(Trained.Small(), x, With(seed: 5), "its seed is 4, but Fit got 5");
        Refused(Trained.Small(), x, With(new Sgd(0.1)), "its optimizer is Adam, but Fit got Sgd");
        Refused(Trained.Small(), x, With(split: 0.5), "its validation is none, but Fit got some");
        Refused(Trained.Small(), x, With(metrics: [Metric.R2]), "its set of metrics is [], but Fit got [R2]");
        Trained.Small().Fit(x, y, Watching(null, resume: false));
        Trained.Small().Invoking(one => one.Fit(x, y, Watching(null, resume: true, training: true)))
            .Should().ThrowExactly<ArgumentException>()
            .WithMessage("*its set of training metrics is [], but Fit got [R2]*");
        Trained.Small().Fit(x, y, Watching(null, resume: false));
        Trained.Small().Invoking(one => one.Fit(x, y, Watching(Metric.R2, resume: true))).Should().ThrowExactly<ArgumentException>()
            .WithMessage("*its measure of the best epoch is the loss, but Fit got R2; *");
        _folder.Write("run.safetensors", file);

        Refused(
            Trained.Small(),
            x,
            With(stopping: new EarlyStopping()),
            "its early stopping is none, but Fit got some; its restoring of the best weights is off, but Fit got on");

        FitOptions Watching(Metric? monitor, bool resume, bool training = false) => new()
        {
            Epochs = 2,
            Metrics = [Metric.R2],
            TrainingMetrics = training,
            EarlyStopping = new EarlyStopping { Monitor = monitor },
            Checkpoint = new Checkpoint(File) { Resume = resume },
        };

        void Refused(Network network, IReadOnlyList<Matrix<double>> samples, FitOptions options, string says)
        {
            string before = network.Bits();
            network.Invoking(one => one.Fit(samples, y[..samples.Count], options)).Should().ThrowExactly<ArgumentException>()
                .WithMessage($"*run.safetensors is a checkpoint of another training: {says}. *").Which.ParamName.Should().Be("options");
            network.Bits().Should().Be(before);
            network.InitialSeed.Should().BeNull();
        }
    }

    [Fact]
    public void MoreEpochsInTheFileThanAskedForAreRefused()
    {
        var (x, y) = Trained.Samples(6);
        Trained.Small().Fit(x, y, Plain(3, new Checkpoint(File)));

        Trained.Small().Invoking(network => network.Fit(x, y, Plain(2, new Checkpoint(File) { Resume = true })))
            .Should().ThrowExactly<ArgumentException>()
            .WithMessage("*run.safetensors has 3 epochs of training, which is more than the 2 of FitOptions.Epochs*");
    }

    [Fact]
    public void BestWeightsThatAreNoLongerAskedForDoNotComeBack()
    {
        var (x, y) = Trained.Samples(6);
        FitOptions Rising(int epochs, bool restores, Checkpoint? checkpoint) => new()
        {
            Epochs = epochs,
            Schedule = new Schedule((epoch, _) => epoch == 0 ? 0.01 : 1),
            EarlyStopping = new EarlyStopping { Patience = 9, Monitor = s_epochs, RestoreBestWeights = restores },
            Metrics = [s_epochs],
            Seed = 1,
            Checkpoint = checkpoint,
        };
        var (whole, first, second) = (Trained.Small(), Trained.Small(), Trained.Small());
        whole.Fit(x, y, Rising(3, restores: false, null));
        first.Fit(x, y, Rising(2, restores: true, new Checkpoint(File)));

        second.Fit(x, y, Rising(3, restores: false, new Checkpoint(File) { Resume = true, AllowChanges = true })).BestEpoch.Should().Be(1);

        second.Bits().Should().Be(whole.Bits());
    }

    [Fact]
    public void TheFileStaysTheSameWhereThePresentFolderChanges()
    {
        var checkpoint = new Checkpoint("run.safetensors");

        Path.IsPathFullyQualified(checkpoint.Path).Should().BeTrue();
        checkpoint.Path.Should().Be(Path.Combine(Environment.CurrentDirectory, "run.safetensors"));
        checkpoint.BestPath.Should().Be(Path.Combine(Environment.CurrentDirectory, "run.best.safetensors"));
        new Checkpoint("a.b/run").BestPath.Should().EndWith("run.best");
    }

    [Fact]
    public void AFolderInThePlaceOfTheFileIsToldBeforeTraining()
    {
        var (x, y) = Trained.Samples(6);
        var network = Trained.Small();
        string before = network.Bits();
        string best = Directory.CreateDirectory(Path.Combine(_folder.Path, "run.best.safetensors")).FullName;

        network.Invoking(one => one.Fit(x, y, Plain(2, new Checkpoint(_folder.Path))))
            .Should().ThrowExactly<IOException>().WithMessage($"The checkpoint {_folder.Path} cannot be written: it is a folder.*");
        network.Invoking(one => one.Fit(x, y, Plain(2, new Checkpoint(File) { KeepBest = true })))
            .Should().ThrowExactly<IOException>().WithMessage($"The checkpoint {best} cannot be written*");
        network.Bits().Should().Be(before);
    }

    [Fact]
    public void WhatCannotBeStoredIsRefusedBeforeTraining()
    {
        var (x, y) = Trained.Samples(6);
        var options = Plain(2, new Checkpoint(File));
        var nowhere = Plain(2, new Checkpoint(Path.Combine(_folder.Path, "nowhere", "run")));
        var users = new FitOptions { Optimizer = new UsersOptimizer(), Checkpoint = new Checkpoint(File) };
        var network = Trained.Small();
        string before = network.Bits();

        network.Invoking(one => one.Fit(x, y, nowhere)).Should().ThrowExactly<DirectoryNotFoundException>()
            .WithMessage("The checkpoint *run cannot be written: its folder is not there*");
        network.Invoking(one => one.Fit(x, y, users))
            .Should().ThrowExactly<ArgumentException>().WithMessage("A checkpoint cannot store what UsersOptimizer(0.1) keeps*");
        Trained.Small().Add(new DropoutLayer(0.5, Draw.Seeded(1))).Invoking(one => one.Fit(x, y, options)).Should()
            .ThrowExactly<InvalidOperationException>().WithMessage("*the generator that DropoutLayer(0.5) was given*FitOptions.Seed*");
        Trained.Small().Add(new UserLayers.Scale(Draw.Row(1, 2))).Invoking(one => one.Fit(x, y, options))
            .Should().ThrowExactly<ArgumentException>().WithMessage("Layer 3, Scale, is not the library's own*registry.Add<Scale>*");

        network.Save(File);
        network.Invoking(one => one.Fit(x, y, Plain(2, new Checkpoint(File) { Resume = true })))
            .Should().ThrowExactly<ModelFormatException>().WithMessage("*holds a network, but no training to go on with*");
        network.Bits().Should().Be(before);
    }

    [Fact]
    public void EveryTruncationAndAnyMutationIsRefusedOrGoneOnWith()
    {
        var (x, y) = Trained.Samples(6);
        var stopping = new EarlyStopping { Patience = 9 };
        FitOptions Options(bool resume) => new()
        {
            Epochs = 2,
            BatchSize = 2,
            Optimizer = new Adam(0.1),
            Metrics = [Metric.R2],
            EarlyStopping = stopping,
            Checkpoint = new Checkpoint(File) { Resume = resume }
        };
        Trained.Small(batchNorm: true).Fit(x, y, Options(resume: false));
        byte[] file = _folder.Read("run.safetensors");
        var (layers, optimizer) = (Trained.Small(batchNorm: true), new Adam(0.1));
        var random = Draw.Seeded(3);
        int goneOn = 0;

        for (int length = 0; length < file.Length; length++)
        {
            Try(file[..length]).Should().BeFalse();
        }

        for (int i = 0; i < 20_000; i++)
        {
            goneOn += Try(HostileFileTests.Mutate(file, random)) ? 1 : 0;
        }

        Try(file).Should().BeTrue();
        goneOn.Should().BePositive("a changed weight is another weight");

        bool Try(byte[] bytes)
        {
            using var stream = new MemoryStream(bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool read;
            try
            {
                CheckpointFile.Read(stream, "The stream", null);
                read = true;
            }
            catch (ModelFormatException)
            {
                read = false;
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(200_000 + (30L * bytes.Length));
            return read;
        }
    }

    [Theory]
    [InlineData("\\\"steps\\\":[6,6,6,6]", "\\\"steps\\\":[6,6,6]", "3 numbers of updates")]
    [InlineData(
        "\\\"steps\\\":[6,6,6,6]", "\\\"steps\\\":[6,6,6,-6]", "4 numbers of updates, but must have one of 0 or more for each of the 4")]
    [InlineData("\\\"steps\\\":[6,6,6,6]", "\\\"steps\\\":[6,6,6,0]", "tensor 'checkpoint.optimizer.layers.2.Bias.0' belongs to nothing")]
    [InlineData("\\\"bestEpoch\\\":null", "\\\"bestEpoch\\\":3", "its best epoch is 3 of 2")]
    [InlineData("\\\"hasBestWeights\\\":false", "\\\"hasBestWeights\\\":true", "its best epoch is  of 2")]
    [InlineData("\\\"seed\\\":4,", "", "no JSON of its form")]
    [InlineData("\\\"epochs\\\":[", "\\\"epochs\\\":[null,", "no JSON of its form: It or one of its epochs is null")]
    [InlineData("\\\"metrics\\\":{}", "\\\"metrics\\\":null", "no JSON of its form")]
    [InlineData("\\\"metrics\\\":{}", "\\\"metrics\\\":{\\\"\\\\ud800\\\":1}", "no JSON of its form")]
    [InlineData("\\\"seed\\\":4,", "\\\"seed\\\":4,\\\"seed\\\":4,", "no JSON of its form")]
    [InlineData("\\\"seed\\\":4,", "\\\"seed\\\":4,\\\"more\\\":4,", "no JSON of its form")]
    [InlineData("\\\"learningRate\\\":0.1", "\\\"learningRate\\\":-0.1", "epoch 1 has a number")]
    [InlineData("\\\"initial\\\":{\\\"learning rate\\\":0.1,", "\\\"initial\\\":{\\\"learning rate\\\":0,",
        "initial or present numbers are out of range")]
    [InlineData("\\\"present\\\":{\\\"learning rate\\\":0.1,", "\\\"present\\\":{\\\"learning rate\\\":null,",
        "initial or present numbers are out of range")]
    [InlineData("\\\"present\\\":{\\\"learning rate\\\":0.1,", "\\\"present\\\":{\\\"learning rate\\\":\\\"NaN\\\",",
        "initial or present numbers are out of range")]
    [InlineData("\\\"clip norm\\\":null", "\\\"clip norm\\\":0", "initial or present numbers are out of range")]
    [InlineData("\\\"L2 of layers.0.Weights\\\":0,", "\\\"L2 of layers.0.Weights\\\":-1,", "initial or present numbers are out of range")]
    [InlineData("\\\"initial\\\":{", "\\\"initial\\\":null,\\\"more\\\":{", "no JSON of its form")]
    [InlineData(
        "checkpoint.optimizer.layers.0.Bias.1",
        "checkpoint.optimizer.layers.0.Bias.2",
        "'checkpoint.optimizer.layers.0.Bias.2' belongs to nothing")]
    public void ACheckpointThatLiesIsRefusedInWords(string was, string becomes, string says)
    {
        var (x, y) = Trained.Samples(6);
        Trained.Small().Fit(x, y, Plain(2, new Checkpoint(File)));
        byte[] file = ModelBytes.WithHeader(_folder.Read("run.safetensors"), header => header.Contains(was, StringComparison.Ordinal)
            ? header.Replace(was, becomes, StringComparison.Ordinal)
            : throw new InvalidDataException(header));
        _folder.Write("run.safetensors", file);

        Trained.Small().Invoking(network => network.Fit(x, y, Plain(4, new Checkpoint(File) { Resume = true })))
            .Should().ThrowExactly<ModelFormatException>().WithMessage($"*run.safetensors: *{says}*");
    }

    private static FitOptions Plain(int epochs, Checkpoint? checkpoint) =>
        new() { Epochs = epochs, BatchSize = 2, Optimizer = new Adam(0.1), Seed = 4, Checkpoint = checkpoint };

    /// <summary>All that training has of random numbers and state.</summary>
    private static FitOptions Options(
        int epochs,
        Checkpoint? checkpoint = null,
        Metric? metric = null,
        EarlyStopping? stopping = null,
        IProgress<BatchReport>? batchProgress = null,
        int? seed = 6) => new()
        {
            Epochs = epochs,
            BatchSize = 3,
            Optimizer = new AdamW(0.01) { ClipNorm = 1 },
            Schedule = Schedule.Cosine(5),
            Shuffle = true,
            Seed = seed,
            ValidationSplit = 0.2,
            Metrics = [metric ?? Metric.Accuracy],
            TrainingMetrics = metric is null,
            EarlyStopping = stopping,
            Checkpoint = checkpoint,
            BatchProgress = batchProgress,
        };

    private static void ShouldBeSame(TrainingHistory actual, TrainingHistory expected)
    {
        actual.Epochs.Select(report => report.ToString()).Should().Equal(expected.Epochs.Select(report => report.ToString()));
        actual.Losses.Should().Equal(expected.Losses);
        actual.ValidationLosses.Should().Equal(expected.ValidationLosses);
        actual.LearningRates.Should().Equal(expected.LearningRates);
        actual.Metrics.Should().BeEquivalentTo(expected.Metrics);
        actual.TrainingMetrics.Should().BeEquivalentTo(expected.TrainingMetrics);
        (actual.StopReason, actual.StopMessage, actual.BestEpoch)
            .Should().Be((expected.StopReason, expected.StopMessage, expected.BestEpoch));
    }

    private sealed class UsersOptimizer() : Optimizer(0.1)
    {
        public override void Update(Parameter parameter) => parameter.Value.Subtract(LearningRate * parameter.Gradient, parameter.Value);
    }
}
