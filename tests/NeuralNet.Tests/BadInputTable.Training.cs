using static NeuralNet.Tests.Draw;

namespace NeuralNet.Tests;

internal static partial class BadInputTable
{
    private const string FitWithOptions = "Network.Fit[xTrain yTrain options cancellationToken]";

    private static IEnumerable<BadInput> Training()
    {
        foreach (int number in new[] { 0, -1, int.MinValue })
        {
            yield return OutOfRange("FitOptions.Epochs(value)", $"{number}", _ => new FitOptions { Epochs = number }, "number of epochs", "1 or more", $"{number}");
            yield return OutOfRange("FitOptions.BatchSize(value)", $"{number}", _ => new FitOptions { BatchSize = number }, "batch size", "1 or more", $"{number}");
            yield return OutOfRange("EarlyStopping.Patience(value)", $"{number}", _ => new EarlyStopping { Patience = number }, "patience", "1 or more", $"{number}");
        }

        foreach (int number in new[] { 0, -2, int.MinValue })
        {
            yield return OutOfRange("FitOptions.MaxDegreeOfParallelism(value)", $"{number}", _ => new FitOptions { MaxDegreeOfParallelism = number }, "degree of parallelism", "1 or more", "-1", $"{number}");
        }

        foreach (double number in new[] { -0.1, double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            yield return OutOfRange("FitOptions.ValidationSplit(value)", $"{number}", _ => new FitOptions { ValidationSplit = number }, "validation split", "0 to below 1");
            yield return OutOfRange("EarlyStopping.MinChange(value)", $"{number}", _ => new EarlyStopping { MinChange = number }, "minimum change", "0 or more");
        }

        yield return OutOfRange("FitOptions.ValidationSplit(value)", "1", _ => new FitOptions { ValidationSplit = 1 }, "validation split", "0 to below 1", "1");
        yield return Null("FitOptions.Optimizer(value)", _ => new FitOptions { Optimizer = null! });
        yield return Null("FitOptions.Metrics(value)", _ => new FitOptions { Metrics = null! });
        yield return Wrong("FitOptions.Metrics(value)", "a null among them", _ => new FitOptions { Metrics = [Metric.R2, null!] }, "the one at 1 is");
        yield return Wrong("FitOptions.Metrics(value)", "a name twice", _ => new FitOptions { Metrics = [Metric.R2, Metric.Accuracy, new Metric("R2", (_, _) => 0, true)] }, "2 are called R2");

        var options = new FitOptions { BatchSize = 2 };
        yield return Null($"{FitWithOptions}(xTrain)", scene => scene.Net.Fit(null!, scene.Y, options));
        yield return Null($"{FitWithOptions}(yTrain)", scene => scene.Net.Fit(scene.X, null!, options));
        yield return Null("Network.Fit(options)", scene => scene.Net.Fit(scene.X, scene.Y, null!));
        yield return Wrong($"{FitWithOptions}(xTrain)", "empty", scene => scene.Net.Fit([], [], options), "at least one sample", "xTrain is empty");
        yield return Wrong($"{FitWithOptions}(yTrain)", "fewer", scene => scene.Net.Fit(scene.X, scene.Y[..2], options), "3 xTrain", "2 yTrain");
        yield return Wrong($"{FitWithOptions}(xTrain)", "a null among them", scene => scene.Net.Fit([scene.X[0], null!], scene.Y[..2], options), "xTrain[1] is null");
        yield return Wrong($"{FitWithOptions}(xTrain)", "NaN", scene => scene.Net.Fit([Row(1, 2, 3, double.NaN)], scene.Y[..1], options), "xTrain[0]", "NaN at [0, 3]");
        yield return Wrong($"{FitWithOptions}(yTrain)", "another shape", scene => scene.Net.Fit(scene.X[..1], [Zeros(1, 3)], options), "FCLayer(3 -> 2) gives 1 x 2", "1 x 3");
        yield return Order($"{FitWithOptions}(xTrain)", "without layers", scene => scene.Empty.Fit(scene.X, scene.Y, options), "no layers");
        yield return Order($"{FitWithOptions}(xTrain)", "without a loss", scene => scene.WithoutLoss.Fit(scene.X, scene.Y, options), "no loss", "Call Use");
        yield return Fine($"{FitWithOptions}(cancellationToken)", "canceled before ends after the first batch", scene => scene.Net.Fit(scene.X, scene.Y, options, new CancellationToken(true)).Losses.Should().BeEmpty());

        BadInput Refused(string what, Func<BadInputScene, FitOptions> make, params string[] says) => Wrong("Network.Fit(options)", what, scene => scene.Net.Fit(scene.X, scene.Y, make(scene)), says);
        yield return Refused("two kinds of validation", scene => new FitOptions { Validation = (scene.X, scene.Y), ValidationSplit = 0.5 }, "Validation or ValidationSplit", "both");
        yield return Refused("validation without samples", scene => new FitOptions { Validation = (null!, scene.Y) }, "its X is null");
        yield return Refused("validation without targets", scene => new FitOptions { Validation = (scene.X, null!) }, "its Y is null");
        yield return Refused("empty validation", _ => new FitOptions { Validation = ([], []) }, "Validation.X is empty");
        yield return Refused("validation of two counts", scene => new FitOptions { Validation = (scene.X, scene.Y[..1]) }, "3 Validation.X", "1 Validation.Y");
        yield return Refused("validation of another shape", scene => new FitOptions { Validation = ([Zeros(1, 5)], scene.Y[..1]) }, "FCLayer(4 -> 3) expects a 1 x 4 input, but got 1 x 5");
        yield return Refused("validation targets of another shape", scene => new FitOptions { Validation = (scene.X[..1], [Zeros(1, 1)]) }, "Validation.Y must be 1 x 2");
        yield return Refused("validation with NaN", scene => new FitOptions { Validation = (scene.X[..1], [Row(1, double.NaN)]) }, "Validation.Y[0]", "NaN at [0, 1]");
        yield return Refused("a monitor that is not measured", _ => new FitOptions { Metrics = [Metric.R2], EarlyStopping = new EarlyStopping { Monitor = Metric.Accuracy } }, "monitors Accuracy", "Metrics (R2)");
        yield return Wrong("Network.Fit(options)", "a split of one sample", scene => scene.Net.Fit(scene.X[..1], scene.Y[..1], new FitOptions { ValidationSplit = 0.5 }), "at least two samples");

        yield return Null("Network.Evaluate(x)", scene => scene.Net.Evaluate(null!, scene.Y));
        yield return Null("Network.Evaluate(y)", scene => scene.Net.Evaluate(scene.X, null!));
        yield return Null("Network.Evaluate(metrics)", scene => scene.Net.Evaluate(scene.X, scene.Y, (IReadOnlyList<Metric>)null!));
        yield return Wrong("Network.Evaluate(metrics)", "a null among them", scene => scene.Net.Evaluate(scene.X, scene.Y, [null!]), "the one at 0 is");
        yield return Wrong("Network.Evaluate(metrics)", "a name twice", scene => scene.Net.Evaluate(scene.X, scene.Y, Metric.R2, Metric.R2), "2 are called R2");
        yield return Wrong("Network.Evaluate(x)", "empty", scene => scene.Net.Evaluate([], []), "Evaluate expects at least one sample");
        yield return Wrong("Network.Evaluate(x)", "another shape", scene => scene.Net.Evaluate([Zeros(1, 5)], scene.Y[..1]), "FCLayer(4 -> 3) expects");
        yield return Wrong("Network.Evaluate(y)", "fewer", scene => scene.Net.Evaluate(scene.X, scene.Y[..1]), "3 x", "1 y");
        yield return Wrong("Network.Evaluate(y)", "another shape", scene => scene.Net.Evaluate(scene.X[..1], [Zeros(2, 1)]), "y must be 1 x 2", "2 x 1");
        yield return Order("Network.Evaluate(x)", "without a loss", scene => scene.WithoutLoss.Evaluate(scene.X, scene.Y), "no loss", "before Evaluate");

        foreach (string parameter in new[] { "Epoch", "Epochs", "Batch", "Batches", "Loss" })
        {
            yield return Fine($"BatchReport.ctor({parameter})", "anything: a report checks nothing", _ => new BatchReport(-1, 0, -2, 0, double.NaN));
        }
    }
}
