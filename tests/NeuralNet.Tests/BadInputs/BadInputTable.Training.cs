using MathNet.Numerics.LinearAlgebra;
using static NeuralNet.Tests.Support.Draw;

namespace NeuralNet.Tests.BadInputs;

/// <summary>Bad input for training by options and for evaluation.</summary>
internal static partial class BadInputTable
{
    private const string FitByOptions = "Network.Fit[xTrain yTrain options cancellationToken]";

    private static IEnumerable<BadInput> Training() =>
        [.. Options(), .. Reports(), .. SamplesByOptions(), .. Conflicts(), .. Evaluations()];

    private static IEnumerable<BadInput> Options()
    {
        foreach (int number in new[] { 0, -1, int.MinValue })
        {
            yield return OutOfRange(
                "FitOptions.Epochs(value)", $"{number}", _ => new FitOptions { Epochs = number }, "number of epochs", "1 or more",
                $"is {number}.");
            yield return OutOfRange(
                "FitOptions.BatchSize(value)", $"{number}", _ => new FitOptions { BatchSize = number }, "batch size", "1 or more",
                $"is {number}.");
            yield return OutOfRange(
                "EarlyStopping.Patience(value)", $"{number}", _ => new EarlyStopping { Patience = number }, "patience of early stopping",
                "1 or more", $"is {number}.");
        }

        foreach (int number in new[] { 0, -2, int.MinValue })
        {
            yield return OutOfRange(
                "FitOptions.MaxDegreeOfParallelism(value)", $"{number}", _ => new FitOptions { MaxDegreeOfParallelism = number },
                "maximum degree of parallelism", "1 or more, or -1 for all processors", $"is {number}.");
        }

        yield return Fine(
            "FitOptions.MaxDegreeOfParallelism(value)",
            "-1 is all processors",
            scene => scene.Net.Fit(scene.X, scene.Y, new FitOptions { MaxDegreeOfParallelism = -1 }));
        yield return Fine(
            "FitOptions.MaxDegreeOfParallelism(value)",
            "more than there are",
            scene => scene.Net.Fit(scene.X, scene.Y, new FitOptions { MaxDegreeOfParallelism = int.MaxValue }));
        yield return Fine(
            "FitOptions.BatchSize(value)",
            "more than there are samples",
            scene => scene.Net.Fit(scene.X, scene.Y, new FitOptions { BatchSize = int.MaxValue }));

        yield return Null("FitOptions.Optimizer(value)", _ => new FitOptions { Optimizer = null! });
        foreach (double value in NotFinite.Concat([-1e-9, 1, 2]))
        {
            yield return OutOfRange(
                "FitOptions.ValidationSplit(value)", $"{value}", _ => new FitOptions { ValidationSplit = value }, "validation split",
                "finite number from 0 to below 1", $"is {value}.");
        }

        foreach (double value in NotFinite.Concat([-1e-9]))
        {
            yield return OutOfRange(
                "EarlyStopping.MinChange(value)", $"{value}", _ => new EarlyStopping { MinChange = value },
                "minimum change of early stopping", "finite number, 0 or more", $"is {value}.");
        }

        yield return OutOfRange(
            "FitOptions.InitialEpoch(value)", "-1", _ => new FitOptions { InitialEpoch = -1 }, "initial epoch", "0 or more", "is -1.");
        foreach (double value in NotFinite.Concat([-1e-9]))
        {
            yield return Wrong(
                "FitOptions.SampleWeights(value)", $"{value}", _ => new FitOptions { SampleWeights = [1, value] }, "sample weights",
                "finite, 0 or more", "the one at 1");
            yield return Wrong(
                "FitOptions.ClassWeights(value)", $"{value}", _ => new FitOptions { ClassWeights = [value, 1] }, "class weights",
                "finite, 0 or more", "the one at 0");
        }

        yield return Null("ClassWeights.Balanced(y)", _ => ClassWeights.Balanced(null!));
        yield return Wrong("ClassWeights.Balanced(y)", "none", _ => ClassWeights.Balanced([]), "at least one target", "y is empty");
        yield return Wrong(
            "ClassWeights.Balanced(y)", "no one-hot row", _ => ClassWeights.Balanced([Row(2)]), "one-hot", "y[0]", "OneHot");
        yield return Null("FitOptions.Metrics(value)", _ => new FitOptions { Metrics = null! });
        yield return Wrong(
            "FitOptions.Metrics(value)", "a null among them", _ => new FitOptions { Metrics = [Metric.R2, null!] },
            "metrics must not be null", "at 1");
        yield return Wrong(
            "FitOptions.Metrics(value)", "one twice", _ => new FitOptions { Metrics = [Metric.R2, Metric.Accuracy, Metric.R2] },
            "a name of its own", "2 are called R2");
    }

    private static IEnumerable<BadInput> Reports()
    {
        yield return Fine("BatchReport.ctor(Epoch)", "any number", _ => new BatchReport(-1, 10, 1, 3, 0.5).ToString());
        yield return Fine("BatchReport.ctor(Epochs)", "any number", _ => new BatchReport(1, -1, 1, 3, 0.5).ToString());
        yield return Fine("BatchReport.ctor(Batch)", "any number", _ => new BatchReport(1, 10, -1, 3, 0.5).ToString());
        yield return Fine("BatchReport.ctor(Batches)", "any number", _ => new BatchReport(1, 10, 1, -3, 0.5).ToString());
        yield return Fine("BatchReport.ctor(Loss)", "any number", _ => new BatchReport(1, 10, 1, 3, double.NaN).ToString());
    }

    private static IEnumerable<BadInput> SamplesByOptions()
    {
        var options = new FitOptions { BatchSize = 2 };
        foreach (bool user in new[] { false, true })
        {
            Network Of(BadInputScene scene) => user ? scene.UserNet : scene.Net;
            BadInput Refused(
                string parameter,
                string what,
                Func<BadInputScene, (Matrix<double>[] X, Matrix<double>[] Y)> samples,
                params string[] says) => Wrong(
                $"{FitByOptions}({parameter})",
                what + (user ? ", with a user's layer" : ""),
                scene =>
                {
                    var (x, y) = samples(scene);
                    return Of(scene).Fit(x, y, options);
                },
                says);

            string with = user ? ", with a user's layer" : "";
            yield return Null($"{FitByOptions}(xTrain)", scene => Of(scene).Fit(null!, scene.Y, options), $"null{with}");
            yield return Null($"{FitByOptions}(yTrain)", scene => Of(scene).Fit(scene.X, null!, options), $"null{with}");
            yield return Null("Network.Fit(options)", scene => Of(scene).Fit(scene.X, scene.Y, null!), $"null{with}");
            yield return Refused("xTrain", "empty", _ => ([], []), "Fit expects at least one sample", "xTrain is empty");
            yield return Refused("yTrain", "empty", scene => (scene.X, []), "3 xTrain", "0 yTrain");
            yield return Refused("yTrain", "fewer than xTrain", scene => (scene.X, scene.Y[..2]), "3 xTrain", "2 yTrain");
            yield return Refused("xTrain", "fewer than yTrain", scene => (scene.X[..2], scene.Y), "2 xTrain", "3 yTrain");
            yield return Refused("xTrain", "a null among them", scene => ([scene.X[0], null!, scene.X[2]], scene.Y), "xTrain[1] is null");
            yield return Refused("yTrain", "a null among them", scene => (scene.X, [scene.Y[0], null!, scene.Y[2]]), "yTrain[1] is null");
            yield return Refused(
                "xTrain",
                "another shape than the first layer's",
                scene => ([Zeros(2, 2)], scene.Y[..1]),
                $"FCLayer(4 -> 3) expects a 1 x 4 input, but got 2 x 2. {WayOutOfFlat}");
            yield return Refused(
                "xTrain", "two shapes", scene => ([scene.X[0], scene.X[1], Zeros(1, 5)], scene.Y), "xTrain[0] is 1 x 4",
                "xTrain[2] is 1 x 5");
            yield return Refused(
                "yTrain", "another shape than the output", scene => (scene.X, [.. Enumerable.Repeat(Zeros(1, 3), 3)]),
                "FCLayer(3 -> 2) gives 1 x 2", "yTrain", "1 x 3");
            yield return Refused(
                "yTrain", "two shapes", scene => (scene.X, [scene.Y[0], scene.Y[1], Zeros(1, 3)]), "yTrain[0] is 1 x 2",
                "yTrain[2] is 1 x 3");
            foreach (double value in NotFinite)
            {
                yield return Refused(
                    "xTrain", $"{value}", scene => ([scene.X[0], scene.X[1], With(Zeros(1, 4), value)], scene.Y), "xTrain[2]", "finite",
                    $"{value} at [0, 3]");
                yield return Refused(
                    "yTrain", $"{value}", scene => (scene.X, [scene.Y[0], scene.Y[1], With(Zeros(1, 2), value)]), "yTrain[2]", "finite",
                    $"{value} at [0, 1]");
            }
        }

        yield return Order(
            $"{FitByOptions}(xTrain)", "without layers", scene => scene.Empty.Fit(scene.X, scene.Y, options), "no layers",
            "Call Add before Fit.");
        yield return Order($"{FitByOptions}(xTrain)", "without a loss", scene =>
            scene.WithoutLoss.Fit(scene.X, scene.Y, options), "no loss", "Call Use(Losses.Mse, Losses.MsePrime)", "before Fit.");
        yield return Fine($"{FitByOptions}(cancellationToken)", "canceled before", scene =>
            scene.Net.Fit(scene.X, scene.Y, options, new CancellationToken(true)).Losses.Should().BeEmpty());
    }

    private static IEnumerable<BadInput> Conflicts()
    {
        BadInput Refused(string what, Func<BadInputScene, FitOptions> options, params string[] says) =>
            Wrong("Network.Fit(options)", what, scene => scene.Net.Fit(scene.X, scene.Y, options(scene)), says);
        BadInput Validation(string what, Func<BadInputScene, (Matrix<double>[] X, Matrix<double>[] Y)> samples, params string[] says) =>
            Refused($"Validation {what}", scene => new FitOptions { Validation = samples(scene) }, says);

        yield return Refused(
            "Validation and ValidationSplit", scene => new FitOptions { Validation = (scene.X, scene.Y), ValidationSplit = 0.5 },
            "Validation or ValidationSplit", "got both", "Leave one out");
        yield return Validation("without samples", scene => (null!, scene.Y), "Validation", "its X is null");
        yield return Validation("without targets", scene => (scene.X, null!), "Validation", "its Y is null");
        yield return Validation("empty", _ => ([], []), "at least one sample", "Validation.X is empty");
        yield return Validation("of two counts", scene => (scene.X, scene.Y[..2]), "3 Validation.X", "2 Validation.Y");
        yield return Validation("with a null among the samples", scene => ([scene.X[0], null!], scene.Y[..2]), "Validation.X[1] is null");
        yield return Validation("with a null among the targets", scene => (scene.X[..2], [scene.Y[0], null!]), "Validation.Y[1] is null");
        yield return Validation(
            "of another shape than the training samples",
            scene => ([Zeros(2, 2)], scene.Y[..1]),
            "Validation.X in the shape of xTrain, 1 x 4 each",
            "got 2 x 2");
        yield return Validation(
            "of another shape than the output", scene => (scene.X[..1], [Zeros(1, 3)]), "FCLayer(3 -> 2) gives 1 x 2", "Validation.Y",
            "1 x 3");
        foreach (double value in NotFinite)
        {
            yield return Validation(
                $"with {value} among the samples", scene => ([With(Zeros(1, 4), value)], scene.Y[..1]), "Validation.X[0]", "finite",
                $"{value} at [0, 3]");
            yield return Validation(
                $"with {value} among the targets", scene => (scene.X[..1], [With(Zeros(1, 2), value)]), "Validation.Y[0]", "finite",
                $"{value} at [0, 1]");
        }

        yield return Wrong(
            "Network.Fit(options)", "ValidationSplit of a single sample",
            scene => scene.Net.Fit(scene.X[..1], scene.Y[..1], new FitOptions { ValidationSplit = 0.5 }),
            "at least two samples for a ValidationSplit", "got one");
        yield return Refused(
            "EarlyStopping by a metric that is not measured",
            _ => new FitOptions { EarlyStopping = new EarlyStopping { Monitor = Metric.R2 } }, "EarlyStopping monitors R2",
            "Metrics (none)", "Add it there");
        yield return Refused(
            "EarlyStopping by another metric",
            _ => new FitOptions
            {
                Metrics = [Metric.Accuracy, Metric.BinaryAccuracy],
                EarlyStopping = new EarlyStopping { Monitor = Metric.R2 }
            },
            "EarlyStopping monitors R2",
            "Metrics (Accuracy, BinaryAccuracy)");
        yield return Order(
            "Network.Fit(options)", "a Schedule that gives no rate",
            scene => scene.ImageNet.Fit([Zeros(5, 12)], scene.Y[..1], new FitOptions { Schedule = new Schedule((_, _) => -1) }),
            "finite rate, 0 or more", "-1 for epoch 0");
        yield return Order(
            "Network.Fit(options)", "a batch of one for BatchNormLayer",
            scene => new Network().Add(new BatchNormLayer(4)).Add(new FCLayer(4, 2)).Use(Losses.Mse, Losses.MsePrime)
                .Fit(scene.X, scene.Y, new FitOptions { BatchSize = 2 }),
            "BatchNormLayer(4)", "two samples or more", "no last batch of one");
        yield return Order(
            "Network.Fit(options)", "BatchNormLayer beside a layer that updates itself",
            scene => new Network().Add(new BatchNormLayer(4)).Add(new UserLayers.ArticleScale(Row(1, 1, 1, 1))).Add(new FCLayer(4, 2))
                .Use(Losses.Mse, Losses.MsePrime).Fit(scene.X, scene.Y, new FitOptions { BatchSize = 3 }),
            "BatchNormLayer(4)", "ArticleScale", "TrainableLayer");
    }

    private static IEnumerable<BadInput> Evaluations()
    {
        yield return Null("Network.Evaluate(x)", scene => scene.Net.Evaluate(null!, scene.Y));
        yield return Null("Network.Evaluate(y)", scene => scene.Net.Evaluate(scene.X, null!));
        yield return Null("Network.Evaluate(metrics)", scene => scene.Net.Evaluate(scene.X, scene.Y, (IReadOnlyList<Metric>)null!));
        yield return Wrong(
            "Network.Evaluate(metrics)", "a null among them", scene => scene.Net.Evaluate(scene.X, scene.Y, [null!]),
            "metrics must not be null", "at 0");
        yield return Wrong(
            "Network.Evaluate(metrics)", "one twice", scene => scene.Net.Evaluate(scene.X, scene.Y, Metric.R2, Metric.R2),
            "a name of its own", "2 are called R2");
        yield return Wrong(
            "Network.Evaluate(x)", "empty", scene => scene.Net.Evaluate([], []), "Evaluate expects at least one sample", "x is empty");
        yield return Wrong("Network.Evaluate(x)", "fewer than y", scene => scene.Net.Evaluate(scene.X[..2], scene.Y), "2 x", "3 y");
        yield return Wrong("Network.Evaluate(y)", "fewer than x", scene => scene.Net.Evaluate(scene.X, scene.Y[..2]), "3 x", "2 y");
        yield return Wrong(
            "Network.Evaluate(x)", "a null among them", scene => scene.Net.Evaluate([scene.X[0], null!], scene.Y[..2]), "x[1] is null");
        yield return Wrong(
            "Network.Evaluate(y)", "a null among them", scene => scene.Net.Evaluate(scene.X[..2], [scene.Y[0], null!]), "y[1] is null");
        yield return Wrong(
            "Network.Evaluate(x)",
            "another shape than the first layer's",
            scene => scene.Net.Evaluate([Zeros(2, 2)], scene.Y[..1]),
            "FCLayer(4 -> 3) expects a 1 x 4 input, but got 2 x 2.");
        yield return Wrong(
            "Network.Evaluate(x)", "two shapes", scene => scene.Net.Evaluate([scene.X[0], Zeros(1, 5)], scene.Y[..2]), "x[0] is 1 x 4",
            "x[1] is 1 x 5");
        yield return Wrong(
            "Network.Evaluate(y)", "another shape than the output", scene => scene.Net.Evaluate(scene.X[..1], [Zeros(1, 3)]),
            "FCLayer(3 -> 2) gives 1 x 2", "so y must be", "1 x 3");
        foreach (double value in NotFinite)
        {
            yield return Wrong(
                "Network.Evaluate(x)", $"{value}", scene => scene.Net.Evaluate([With(Zeros(1, 4), value)], scene.Y[..1]), "x[0]", "finite",
                $"{value} at [0, 3]");
            yield return Wrong(
                "Network.Evaluate(y)", $"{value}", scene => scene.Net.Evaluate(scene.X[..1], [With(Zeros(1, 2), value)]), "y[0]", "finite",
                $"{value} at [0, 1]");
        }

        yield return Order(
            "Network.Evaluate(x)", "without layers", scene => scene.Empty.Evaluate(scene.X, scene.Y), "no layers",
            "Call Add before Evaluate.");
        yield return Order("Network.Evaluate(x)", "without a loss", scene =>
            scene.WithoutLoss.Evaluate(scene.X, scene.Y), "no loss", "Name metrics", "before Evaluate.");
    }
}
