using System.Reflection;
using MathNet.Numerics.LinearAlgebra;
using static NeuralNet.Tests.Support.Draw;

namespace NeuralNet.Tests.BadInputs;

/// <summary>One call with a bad argument, or in the wrong order.</summary>
/// <param name="Parameter">The public parameter it is for: <c>Network.Fit(epochs)</c>.</param>
/// <param name="What">What is wrong with it.</param>
/// <param name="Call">The call.</param>
/// <param name="Exception">The exact exception; null where the value is fine.</param>
/// <param name="Says">What the message must contain.</param>
internal sealed record BadInput(string Parameter, string What, Func<BadInputScene, object?> Call, Type? Exception, string[] Says)
{
    public string Name => $"{Parameter}: {What}";
}

/// <summary>Bad input for every public parameter of the library.</summary>
internal static partial class BadInputTable
{
    private const string CheckOfPair = "GradientCheck.RunLoss[loss lossPrime yTrue yPred]";
    private const string CheckOfValue = "GradientCheck.RunLoss[loss yTrue yPred]";
    private const string CheckWithLast = "GradientCheck.RunLoss[loss yTrue input last]";
    private const string ArticlesFit = "Network.Fit[xTrain yTrain epochs learningRate progress cancellationToken]";
    private const string ArticlesConvLayer = "ConvLayer.ctor[inputShape kernelShape layerDepth initializer random]";
    private const string WayOutOfFlat = "Add a FlattenLayer before it.";

    public static IReadOnlyList<BadInput> Rows { get; } =
    [
        .. Layers(), .. Constructors(), .. Setters(), .. Networks(), .. Checks(), .. Functions(), .. Optimizers(), .. Metrics(),
        .. Training(),
        .. MoreLayers(), .. Models(), .. SequenceStreamTests.BadInput, .. Catalogue.LayerCatalogue.All.SelectMany(row => row.BadInput),
    ];

    private static IEnumerable<BadInput> Constructors()
    {
        foreach (int size in new[] { 0, -1, int.MinValue })
        {
            yield return OutOfRange(
                "FCLayer.ctor(inputSize)", $"{size}", _ => new FCLayer(size, 3), "FCLayer's inputSize", "1 or more", $"{size}");
            yield return OutOfRange(
                "FCLayer.ctor(outputSize)", $"{size}", _ => new FCLayer(3, size), "FCLayer's outputSize", "1 or more", $"{size}");
            yield return OutOfRange(
                "FlattenLayer.ctor(depth)", $"{size}", _ => new FlattenLayer(size), "FlattenLayer's depth", "1 or more", $"{size}");
            yield return OutOfRange(
                $"{ArticlesConvLayer}(inputShape)", $"height {size}", _ => new ConvLayer((size, 6, 2), (1, 1), 1),
                "ConvLayer's input height", "1 or more", $"{size}");
            yield return OutOfRange(
                $"{ArticlesConvLayer}(inputShape)", $"width {size}", _ => new ConvLayer((5, size, 2), (1, 1), 1), "ConvLayer's input width",
                "1 or more", $"{size}");
            yield return OutOfRange(
                $"{ArticlesConvLayer}(inputShape)", $"depth {size}", _ => new ConvLayer((5, 6, size), (1, 1), 1), "ConvLayer's input depth",
                "1 or more", $"{size}");
            yield return OutOfRange(
                $"{ArticlesConvLayer}(kernelShape)", $"rows {size}", _ => new ConvLayer((5, 6, 2), (size, 1), 1), "ConvLayer's kernel rows",
                "1 or more", $"{size}");
            yield return OutOfRange(
                $"{ArticlesConvLayer}(kernelShape)", $"columns {size}", _ => new ConvLayer((5, 6, 2), (1, size), 1),
                "ConvLayer's kernel columns", "1 or more", $"{size}");
            yield return OutOfRange(
                $"{ArticlesConvLayer}(layerDepth)", $"{size}", _ => new ConvLayer((5, 6, 2), (1, 1), size), "ConvLayer's layerDepth",
                "1 or more", $"{size}");
        }

        yield return OutOfRange(
            "FCLayer.ctor(inputSize)", "too many weights", _ => new FCLayer(int.MaxValue, int.MaxValue),
            "FCLayer(2147483647 -> 2147483647)", "4,611,686,014,132,420,609", "2,147,483,591");
        yield return OutOfRange(
            "FCLayer.ctor(outputSize)", "weights that wrap around to few", _ => new FCLayer(65536, 65536), "FCLayer(65536 -> 65536)",
            "4,294,967,296", "2,147,483,591");
        yield return OutOfRange(
            $"{ArticlesConvLayer}(inputShape)", "too many pixels", _ => new ConvLayer((65536, 65536, 1), (1, 1), 1),
            "ConvLayer(65536 x 65536 x 1", "4,294,967,296", "2,147,483,591");
        yield return OutOfRange(
            $"{ArticlesConvLayer}(inputShape)", "pixels that wrap around in 64 bits",
            _ => new ConvLayer((1 << 21, 1 << 21, 1 << 22), (1 << 21, 1 << 21), 1), "ConvLayer(2097152 x 2097152 x 4194304",
            "18,446,744,073,709,551,616", "2,147,483,591");
        yield return OutOfRange(
            $"{ArticlesConvLayer}(kernelShape)", "more rows than the input", _ => new ConvLayer((5, 6, 2), (6, 1), 1), "ConvLayer",
            "no larger than its input of 5 x 6", "6 x 1", "smaller kernel");
        yield return OutOfRange(
            $"{ArticlesConvLayer}(kernelShape)", "more columns than the input", _ => new ConvLayer((5, 6, 2), (1, 7), 1), "ConvLayer",
            "no larger than its input of 5 x 6", "1 x 7", "smaller kernel");
        yield return OutOfRange(
            $"{ArticlesConvLayer}(layerDepth)", "too large an output", _ => new ConvLayer((5, 6, 2), (1, 1), int.MaxValue),
            "ConvLayer(5 x 6 x 2 -> 5 x 6 x 2147483647", "output", "2,147,483,591");
        yield return OutOfRange(
            $"{ArticlesConvLayer}(layerDepth)", "too many weights", _ => new ConvLayer((5, 6, 2), (5, 6), int.MaxValue / 2), "Weights",
            "2,147,483,591");
        yield return Fine("FCLayer.ctor(initializer)", "null is the default", _ => new FCLayer(4, 3, null, Seeded(1)));
        yield return Fine("FCLayer.ctor(random)", "null is a shared one", _ => new FCLayer(4, 3, Initializer.Default, null));
        yield return Fine(
            $"{ArticlesConvLayer}(initializer)", "null is the default", _ => new ConvLayer((5, 6, 2), (2, 3), 3, null, Seeded(1)));
        yield return Fine(
            $"{ArticlesConvLayer}(random)", "null is a shared one", _ => new ConvLayer((5, 6, 2), (2, 3), 3, Initializer.Default, null));

        yield return Null("ActivationLayer.ctor(activation)", _ => new ActivationLayer(null!, Activations.TanhPrime));
        yield return Null("ActivationLayer.ctor(activationPrime)", _ => new ActivationLayer(Activations.Tanh, null!));

        yield return Null("ActivationLayer.ctor(function)", _ => new ActivationLayer(null!));
        yield return Wrong(
            "ActivationLayer.ctor(activationPrime)", "another function's", _ =>
                new ActivationLayer(Activations.Tanh, Activations.ReluPrime),
            "Activations.Tanh", "Activations.ReluPrime", "ActivationFunction.Tanh");

        yield return Null("Parameter.ctor(name)", _ => new Parameter(null!, Row(1)));
        yield return Wrong("Parameter.ctor(name)", "empty", _ => new Parameter("", Row(1)), "name");
        yield return Wrong("Parameter.ctor(name)", "blank", _ => new Parameter(" ", Row(1)), "name");
        yield return Null("Parameter.ctor(value)", _ => new Parameter("Scale", null!));
        foreach (double value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            yield return Wrong(
                "Parameter.ctor(value)", $"{value}", _ => new Parameter("Scale", Row(1, value)), "Scale", "finite", $"{value}", "[0, 1]");
            yield return OutOfRange(
                "Initializer.Uniform(low)", $"{value}", _ => Initializer.Uniform(value, 1), "finite low < high", $"{value}", "1");
            yield return OutOfRange(
                "Initializer.Uniform(high)", $"{value}", _ => Initializer.Uniform(-1, value), "finite low < high", "-1", $"{value}");
        }

        yield return OutOfRange("Initializer.Uniform(low)", "above high", _ => Initializer.Uniform(2, 1), "low < high", "2", "1");
        yield return OutOfRange("Initializer.Uniform(high)", "equal to low", _ => Initializer.Uniform(1, 1), "low < high", "1");
        yield return OutOfRange(
            "Initializer.Uniform(high)", "farther than a double reaches", _ => Initializer.Uniform(double.MinValue, double.MaxValue),
            "finite low < high", "1.7976931348623157E+308");

        yield return Null("SynchronousProgress`1.ctor(report)", _ => new SynchronousProgress<EpochReport>(null!));
        yield return Fine("SynchronousProgress`1.Report(value)", "null, for the action to judge", _ => Report(null));
        yield return Fine("EpochReport.ctor(Epoch)", "any number", _ => new EpochReport(-1, 10, 0.5).ToString());
        yield return Fine("EpochReport.ctor(Epochs)", "any number", _ => new EpochReport(1, -1, 0.5).ToString());
        yield return Fine("EpochReport.ctor(Loss)", "any number", _ => new EpochReport(1, 10, double.NaN).ToString());
        yield return Fine(
            "GradientCheckResult.ctor(WorstRelativeError)",
            "any number",
            _ => new GradientCheckResult(double.NaN, "dE/dX[0, 0]", 1, 1).ToString());
        yield return Fine("GradientCheckResult.ctor(Where)", "any text", _ => new GradientCheckResult(0, null!, 1, 1).ToString());
        yield return Fine(
            "GradientCheckResult.ctor(Analytic)", "any number", _ => new GradientCheckResult(0, "dE/dX[0, 0]", double.NaN, 1).ToString());
        yield return Fine(
            "GradientCheckResult.ctor(Numeric)", "any number", _ => new GradientCheckResult(0, "dE/dX[0, 0]", 1, double.NaN).ToString());
    }

    private static IEnumerable<BadInput> Setters()
    {
        const string Conv = "ConvLayer(5 x 6 x 2 -> 4 x 4 x 3, kernel 2 x 3)";
        yield return Null("FCLayer.Weights(value)", scene => scene.FC.Weights = null!);
        yield return Null("FCLayer.Bias(value)", scene => scene.FC.Bias = null!);
        yield return Null("ConvLayer.Weights(value)", scene => scene.Conv.Weights = null!);
        yield return Null("ConvLayer.Bias(value)", scene => scene.Conv.Bias = null!);
        yield return Wrong(
            "FCLayer.Weights(value)", "transposed", scene => scene.FC.Weights = Zeros(3, 4), "FCLayer(4 -> 3)", "Weights of 4 x 3",
            "3 x 4");
        yield return Wrong(
            "FCLayer.Bias(value)", "a column", scene => scene.FC.Bias = Zeros(3, 1), "FCLayer(4 -> 3)", "Bias of 1 x 3", "3 x 1");
        yield return Wrong(
            "ConvLayer.Weights(value)", "transposed", scene => scene.Conv.Weights = Zeros(3, 12), Conv, "Weights of 12 x 3", "3 x 12");
        yield return Wrong("ConvLayer.Bias(value)", "a column", scene => scene.Conv.Bias = Zeros(3, 1), Conv, "Bias of 1 x 3", "3 x 1");
        foreach (double value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            yield return Wrong(
                "FCLayer.Weights(value)", $"{value}", scene => scene.FC.Weights = With(Zeros(4, 3), value), "FCLayer(4 -> 3)'s Weights",
                "finite", $"{value} at [3, 2]");
            yield return Wrong(
                "FCLayer.Bias(value)", $"{value}", scene => scene.FC.Bias = With(Zeros(1, 3), value), "FCLayer(4 -> 3)'s Bias", "finite",
                $"{value} at [0, 2]");
            yield return Wrong(
                "ConvLayer.Weights(value)", $"{value}", scene => scene.Conv.Weights = With(Zeros(12, 3), value), $"{Conv}'s Weights",
                "finite", $"{value} at [11, 2]");
            yield return Wrong(
                "ConvLayer.Bias(value)", $"{value}", scene => scene.Conv.Bias = With(Zeros(1, 3), value), $"{Conv}'s Bias", "finite",
                $"{value} at [0, 2]");
        }
    }

    private static IEnumerable<BadInput> Layers()
    {
        const string Conv = "ConvLayer(5 x 6 x 2 -> 4 x 4 x 3, kernel 2 x 3)";
        (string Type, Func<BadInputScene, Layer> Used, Func<BadInputScene, Layer> New, string Name, string Output)[] layers =
        [
            ("FCLayer", scene => scene.FC, scene => scene.NewFC, "FCLayer(4 -> 3)", "1 x 3"),
            ("ConvLayer", scene => scene.Conv, scene => scene.NewConv, Conv, "4 x 12"),
            ("FlattenLayer", scene => scene.Flatten, scene => scene.NewFlatten, "FlattenLayer(depth 2)", "1 x 60"),
            ("ActivationLayer", scene => scene.Activation, scene => scene.NewActivation, "ActivationLayer(Tanh)", "2 x 3"),
        ];
        foreach (var (type, used, unused, name, output) in layers)
        {
            yield return Null($"{type}.ForwardPropagation(input)", scene => used(scene).ForwardPropagation(null!));
            yield return Null($"{type}.Predict(input)", scene => used(scene).Predict(null!));
            yield return Null($"{type}.BackwardPropagation(outputError)", scene => used(scene).BackwardPropagation(null!, 0.1));
            yield return Wrong(
                $"{type}.BackwardPropagation(outputError)", "another shape than the output",
                scene => used(scene).BackwardPropagation(Zeros(7, 9), 0.1), name, output, "7 x 9");
            yield return Order(
                $"{type}.BackwardPropagation(outputError)", "before ForwardPropagation",
                scene => unused(scene).BackwardPropagation(Zeros(1, 3), 0.1), name, "Call ForwardPropagation first.");
            foreach (double rate in new[] { -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            {
                yield return OutOfRange(
                    $"{type}.BackwardPropagation(learningRate)", $"{rate}",
                    scene => used(scene).BackwardPropagation(used(scene).Output!, rate), "learning rate", "finite number, 0 or more",
                    $"{rate}");
            }

            yield return Fine(
                $"{type}.BackwardPropagation(learningRate)",
                "0 learns nothing",
                scene => used(scene).BackwardPropagation(used(scene).Output!, 0));
        }

        (
            string Type, Func<BadInputScene, TrainableLayer> Used, Func<BadInputScene, TrainableLayer> New, string Name,
            string Output)[] trainable =
        [
            ("FCLayer", scene => scene.FC, scene => scene.NewFC, "FCLayer(4 -> 3)", "1 x 3"),
            ("ConvLayer", scene => scene.Conv, scene => scene.NewConv, Conv, "4 x 12"),
        ];
        foreach (var (type, used, unused, name, output) in trainable)
        {
            yield return Null($"{type}.Backward(outputError)", scene => used(scene).Backward(null!));
            yield return Wrong(
                $"{type}.Backward(outputError)", "another shape than the output", scene => used(scene).Backward(Zeros(7, 9)), name, output,
                "7 x 9");
            yield return Order(
                $"{type}.Backward(outputError)", "before ForwardPropagation", scene => unused(scene).Backward(Zeros(1, 3)), name,
                "Call ForwardPropagation first.");
        }

        yield return Null("Layer.Predict(input)", scene => scene.Scale.Predict(null!));
        yield return Null("TrainableLayer.BackwardPropagation(outputError)", scene => scene.Scale.BackwardPropagation(null!, 0.1));
        foreach (double rate in new[] { -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            yield return OutOfRange(
                "TrainableLayer.BackwardPropagation(learningRate)", $"{rate}", scene => scene.Scale.BackwardPropagation(Zeros(1, 3), rate),
                "learning rate", "finite number, 0 or more", $"{rate}");
        }

        yield return Fine(
            "TrainableLayer.BackwardPropagation(learningRate)",
            "0 learns nothing",
            scene => scene.Scale.BackwardPropagation(Zeros(1, 3), 0));

        (string Method, Func<Layer, Matrix<double>, object> Call)[] forwards =
            [("ForwardPropagation", (layer, x) => layer.ForwardPropagation(x)), ("Predict", (layer, x) => layer.Predict(x))];
        foreach (var (method, call) in forwards)
        {
            yield return Wrong(
                $"FCLayer.{method}(input)",
                "an image",
                _ => call(new FCLayer(784, 100), Zeros(28, 28)),
                $"FCLayer(784 -> 100) expects a 1 x 784 input, but got 28 x 28. {WayOutOfFlat}");
            yield return Wrong(
                $"FCLayer.{method}(input)",
                "a column",
                scene => call(scene.FC, Zeros(4, 1)),
                $"FCLayer(4 -> 3) expects a 1 x 4 input, but got 4 x 1. {WayOutOfFlat}");
            yield return Wrong(
                $"FCLayer.{method}(input)", "too long a row", scene => call(scene.FC, Zeros(1, 5)),
                "FCLayer(4 -> 3) expects a 1 x 4 input, but got 1 x 5.", "new FCLayer(5, 3)");
            yield return Wrong(
                $"ConvLayer.{method}(input)", "one plane of two", scene => call(scene.Conv, Zeros(5, 6)),
                $"{Conv} expects a 5 x 12 input, but got 5 x 6.", "side by side");
            yield return Wrong(
                $"ConvLayer.{method}(input)", "a flattened row", scene => call(scene.Conv, Zeros(1, 60)),
                $"{Conv} expects a 5 x 12 input, but got 1 x 60.", "not its flattened row");
            yield return Wrong(
                $"FlattenLayer.{method}(input)", "columns that are no planes", scene => call(scene.Flatten, Zeros(5, 7)),
                "FlattenLayer(depth 2) expects 2 planes", "5 x 7", "new FlattenLayer(depth)");
        }
    }

    private static IEnumerable<BadInput> Networks()
    {
        yield return Null("Network.Add(layer)", scene => scene.Net.Add(null!));
        yield return Wrong(
            "Network.Add(layer)", "a layer that is in it", scene => scene.Net.Add(scene.Net.Layers[0]), "FCLayer(4 -> 3)", "already",
            "Make a new layer.");
        yield return Wrong(
            "Network.Add(layer)",
            "sizes that do not follow",
            scene => scene.Net.Add(new FCLayer(7, 2)),
            "FCLayer(7 -> 2) expects a 1 x 7 input, but got 1 x 2.");
        yield return Wrong(
            "Network.Add(layer)",
            "an FCLayer on an image",
            _ => new Network().Add(new ConvLayer((28, 28, 1), (3, 3), 1)).Add(new FCLayer(676, 10)),
            $"FCLayer(676 -> 10) expects a 1 x 676 input, but got 26 x 26. {WayOutOfFlat}");
        yield return Wrong(
            "Network.Add(layer)", "a ConvLayer on a row", scene => scene.Net.Add(new ConvLayer((2, 1, 1), (1, 1), 1)),
            "ConvLayer(2 x 1 x 1 -> 2 x 1 x 1, kernel 1 x 1) expects a 2 x 1 input, but got 1 x 2.", "not its flattened row");
        yield return Wrong(
            "Network.Add(layer)", "planes that fit in columns but not in number",
            _ => new Network().Add(new ConvLayer((5, 6, 2), (2, 3), 3)).Add(new ConvLayer((4, 6, 2), (2, 2), 1)),
            "ConvLayer(4 x 6 x 2 -> 3 x 5 x 1, kernel 2 x 2)", "4 x 4 x 3");
        yield return Wrong(
            "Network.Add(layer)", "a FlattenLayer of another depth",
            _ => new Network().Add(new ConvLayer((5, 6, 2), (2, 3), 3)).Add(new FlattenLayer(4)), "FlattenLayer(depth 4)", "4 planes",
            "4 x 4 x 3");
        yield return Null("Network.Use[loss lossPrime](loss)", scene => scene.Net.Use(null!, Losses.MsePrime));
        yield return Null("Network.Use[loss](loss)", scene => scene.Net.Use(null!));
        yield return Wrong(
            "Network.Use(lossPrime)", "another loss'", scene => scene.Net.Use(Losses.Mse, Losses.MaePrime),
            "Losses.Mse", "Losses.MaePrime", "LossFunction.Mse");
        yield return Null("Network.Use(lossPrime)", scene => scene.Net.Use(Losses.Mse, null!));

        yield return Null("Network.Predict(input)", scene => scene.Net.Predict((Matrix<double>)null!));
        yield return Null("Network.Predict(inputs)", scene => scene.Net.Predict((IReadOnlyList<Matrix<double>>)null!));
        yield return Order(
            "Network.Predict(input)", "without layers", scene => scene.Empty.Predict(scene.X[0]), "no layers", "Call Add before Predict.");
        yield return Order(
            "Network.Predict(inputs)", "without layers", scene => scene.Empty.Predict(scene.X), "no layers", "Call Add before Predict.");
        yield return Wrong(
            "Network.Predict(input)",
            "another shape than the first layer's",
            scene => scene.Net.Predict(Zeros(2, 2)),
            $"FCLayer(4 -> 3) expects a 1 x 4 input, but got 2 x 2. {WayOutOfFlat}");
        yield return Wrong(
            "Network.Predict(input)",
            "another image",
            scene => scene.ImageNet.Predict(Zeros(6, 5)),
            "ConvLayer(5 x 6 x 2 -> 4 x 4 x 3, kernel 2 x 3) expects a 5 x 12 input, but got 6 x 5.");
        yield return Wrong(
            "Network.Predict(inputs)",
            "another shape than the first layer's",
            scene => scene.Net.Predict([Zeros(2, 2)]),
            $"FCLayer(4 -> 3) expects a 1 x 4 input, but got 2 x 2. {WayOutOfFlat}");
        yield return Wrong(
            "Network.Predict(inputs)", "two shapes", scene => scene.Net.Predict([scene.X[0], Zeros(1, 5)]), "inputs[0] is 1 x 4",
            "inputs[1] is 1 x 5");
        yield return Wrong(
            "Network.Predict(inputs)", "a null among them", scene => scene.Net.Predict([scene.X[0], null!]), "inputs[1] is null");
        yield return Fine("Network.Predict(inputs)", "none gives none", scene => scene.Net.Predict([]).Should().BeEmpty());

        foreach (var row in Predictions())
        {
            yield return row;
        }

        foreach (bool user in new[] { false, true })
        {
            Network Of(BadInputScene scene) => user ? scene.UserNet : scene.Net;
            string with = user ? ", with a user's layer" : "";
            yield return Null($"{ArticlesFit}(xTrain)", scene => Of(scene).Fit(null!, scene.Y, 1, 0.1), $"null{with}");
            yield return Null($"{ArticlesFit}(yTrain)", scene => Of(scene).Fit(scene.X, null!, 1, 0.1), $"null{with}");
            yield return Wrong(
                $"{ArticlesFit}(xTrain)", $"empty{with}", scene => Of(scene).Fit([], [], 1, 0.1), "at least one sample", "xTrain is empty");
            yield return Wrong(
                $"{ArticlesFit}(yTrain)", $"empty{with}", scene => Of(scene).Fit(scene.X, [], 1, 0.1), "3 xTrain", "0 yTrain");
            yield return Wrong(
                $"{ArticlesFit}(yTrain)", $"fewer than xTrain{with}", scene => Of(scene).Fit(scene.X, scene.Y[..2], 1, 0.1), "3 xTrain",
                "2 yTrain");
            yield return Wrong(
                $"{ArticlesFit}(xTrain)", $"fewer than yTrain{with}", scene => Of(scene).Fit(scene.X[..2], scene.Y, 1, 0.1), "2 xTrain",
                "3 yTrain");
            yield return Wrong(
                $"{ArticlesFit}(xTrain)",
                $"a null among them{with}",
                scene => Of(scene).Fit([scene.X[0], null!, scene.X[2]], scene.Y, 1, 0.1),
                "xTrain[1] is null");
            yield return Wrong(
                $"{ArticlesFit}(yTrain)",
                $"a null among them{with}",
                scene => Of(scene).Fit(scene.X, [scene.Y[0], null!, scene.Y[2]], 1, 0.1),
                "yTrain[1] is null");
            yield return Wrong(
                $"{ArticlesFit}(xTrain)",
                $"another shape than the first layer's{with}",
                scene => Of(scene).Fit([Zeros(2, 2)], scene.Y[..1], 1, 0.1),
                $"FCLayer(4 -> 3) expects a 1 x 4 input, but got 2 x 2. {WayOutOfFlat}");
            yield return Wrong(
                $"{ArticlesFit}(xTrain)", $"two shapes{with}",
                scene => Of(scene).Fit([scene.X[0], scene.X[1], Zeros(1, 5)], scene.Y, 1, 0.1), "xTrain[0] is 1 x 4", "xTrain[2] is 1 x 5");
            yield return Wrong(
                $"{ArticlesFit}(yTrain)", $"another shape than the output{with}",
                scene => Of(scene).Fit(scene.X, Enumerable.Repeat(Zeros(1, 3), 3).ToArray(), 1, 0.1), "FCLayer(3 -> 2) gives 1 x 2",
                "yTrain", "1 x 3");
            yield return Wrong(
                $"{ArticlesFit}(yTrain)", $"columns for rows{with}",
                scene => Of(scene).Fit(scene.X, Enumerable.Repeat(Zeros(2, 1), 3).ToArray(), 1, 0.1), "FCLayer(3 -> 2) gives 1 x 2",
                "yTrain", "2 x 1");
            yield return Wrong(
                $"{ArticlesFit}(yTrain)", $"two shapes{with}",
                scene => Of(scene).Fit(scene.X, [scene.Y[0], scene.Y[1], Zeros(1, 3)], 1, 0.1), "yTrain[0] is 1 x 2", "yTrain[2] is 1 x 3");
            foreach (int epochs in new[] { 0, -1, int.MinValue })
            {
                yield return OutOfRange(
                    "Network.Fit(epochs)", $"{epochs}{with}", scene => Of(scene).Fit(scene.X, scene.Y, epochs, 0.1), "epochs", "1 or more",
                    $"{epochs}");
            }

            foreach (double rate in new[] { 0, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            {
                yield return OutOfRange(
                    "Network.Fit(learningRate)", $"{rate}{with}", scene => Of(scene).Fit(scene.X, scene.Y, 1, rate), "learning rate",
                    "finite number above 0", $"{rate}");
            }

            foreach (double value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            {
                yield return Wrong(
                    $"{ArticlesFit}(xTrain)", $"{value}{with}",
                    scene => Of(scene).Fit([scene.X[0], scene.X[1], With(Zeros(1, 4), value)], scene.Y, 1, 0.1), "xTrain[2]", "finite",
                    $"{value} at [0, 3]");
                yield return Wrong(
                    $"{ArticlesFit}(yTrain)", $"{value}{with}",
                    scene => Of(scene).Fit(scene.X, [scene.Y[0], scene.Y[1], With(Zeros(1, 2), value)], 1, 0.1), "yTrain[2]", "finite",
                    $"{value} at [0, 1]");
                yield return Wrong(
                    "Network.Predict(input)", $"{value}{with}", scene => Of(scene).Predict(With(Zeros(1, 4), value)), "input", "finite",
                    $"{value} at [0, 3]");
                yield return Wrong(
                    "Network.Predict(inputs)", $"{value}{with}", scene => Of(scene).Predict([scene.X[0], With(Zeros(1, 4), value)]),
                    "inputs[1]", "finite", $"{value} at [0, 3]");
            }
        }

        yield return Wrong(
            $"{ArticlesFit}(xTrain)",
            "images for rows",
            scene => scene.ImageNet.Fit([Zeros(1, 60)], scene.Y[..1], 1, 0.1),
            "ConvLayer(5 x 6 x 2 -> 4 x 4 x 3, kernel 2 x 3) expects a 5 x 12 input, but got 1 x 60.");
        yield return Order(
            $"{ArticlesFit}(xTrain)", "without layers", scene => scene.Empty.Fit(scene.X, scene.Y, 1, 0.1), "no layers",
            "Call Add before Fit.");
        yield return Order($"{ArticlesFit}(xTrain)", "without a loss", scene =>
            scene.WithoutLoss.Fit(scene.X, scene.Y, 1, 0.1), "no loss", "Call Use(Losses.Mse, Losses.MsePrime)", "before Fit.");
        yield return Fine("Network.Fit(progress)", "null reports to nobody", scene => scene.Net.Fit(scene.X, scene.Y, 1, 0.1, null));
        yield return Fine($"{ArticlesFit}(cancellationToken)", "canceled before", scene =>
            scene.Net.Fit(scene.X, scene.Y, 9, 0.1, null, new CancellationToken(true)).Losses.Should().BeEmpty());
    }

    private static IEnumerable<BadInput> Checks()
    {
        yield return Null("GradientCheck.Run(layer)", scene => GradientCheck.Run(null!, scene.X[0]));
        yield return Null("GradientCheck.Run(input)", scene => GradientCheck.Run(scene.FC, null!));
        yield return Wrong(
            "GradientCheck.Run(input)",
            "a shape that the layer refuses",
            scene => GradientCheck.Run(scene.FC, Zeros(2, 2)),
            $"FCLayer(4 -> 3) expects a 1 x 4 input, but got 2 x 2. {WayOutOfFlat}");
        yield return Fine("GradientCheck.Run(random)", "null is a fixed seed", scene => GradientCheck.Run(scene.FC, scene.X[0], null));
        yield return Null($"{CheckOfPair}(loss)", _ => GradientCheck.RunLoss(null!, Losses.MsePrime, Row(1), Row(2)));
        yield return Null("GradientCheck.RunLoss(lossPrime)", _ => GradientCheck.RunLoss(Losses.Mse, null!, Row(1), Row(2)));
        yield return Null($"{CheckOfPair}(yTrue)", _ => GradientCheck.RunLoss(Losses.Mse, Losses.MsePrime, null!, Row(2)));
        yield return Null($"{CheckOfPair}(yPred)", _ => GradientCheck.RunLoss(Losses.Mse, Losses.MsePrime, Row(1), null!));
        yield return Wrong($"{CheckOfPair}(yTrue)", "another shape than yPred", _ =>
            GradientCheck.RunLoss(Losses.Mse, Losses.MsePrime, Zeros(2, 1), Row(1, 2)), "yTrue", "1 x 2", "2 x 1");
        yield return Null($"{CheckOfValue}(loss)", _ => GradientCheck.RunLoss(null!, Row(1), Row(2)));
        yield return Null($"{CheckOfValue}(yTrue)", _ => GradientCheck.RunLoss(LossFunction.Mse, null!, Row(2)));
        yield return Null($"{CheckOfValue}(yPred)", _ => GradientCheck.RunLoss(LossFunction.Mse, Row(1), null!));
        yield return Null($"{CheckWithLast}(loss)", _ => GradientCheck.RunLoss(null!, Row(1), Row(2), new SoftmaxLayer()));
        yield return Null($"{CheckWithLast}(yTrue)", _ => GradientCheck.RunLoss(LossFunction.Mse, null!, Row(2), new SoftmaxLayer()));
        yield return Null("GradientCheck.RunLoss(input)", _ => GradientCheck.RunLoss(LossFunction.Mse, Row(1), null!, new SoftmaxLayer()));
        yield return Null("GradientCheck.RunLoss(last)", _ => GradientCheck.RunLoss(LossFunction.Mse, Row(1), Row(2), null!));
        yield return Wrong(
            $"{CheckWithLast}(yTrue)", "another shape than input",
            _ => GradientCheck.RunLoss(LossFunction.Mse, Zeros(2, 1), Row(1, 2), new SoftmaxLayer()),
            "yTrue", "input, 1 x 2", "2 x 1");
        yield return Wrong(
            "GradientCheck.RunLoss(input)", "NaN",
            _ => GradientCheck.RunLoss(LossFunction.Mse, Row(1, 2), Row(1, double.NaN), new SoftmaxLayer()),
            "input", "finite", "NaN at [0, 1]");
        yield return Order(
            "GradientCheck.RunLoss(last)", "gives null for Y",
            _ => GradientCheck.RunLoss(LossFunction.Mse, Row(1), Row(1), new UserLayers.Custom(_ => null!, e => e)),
            "Custom's ForwardPropagation returned null");
        yield return Order(
            "GradientCheck.RunLoss(lossPrime)", "gives null", _ => GradientCheck.RunLoss(Losses.Mse, (_, _) => null!, Row(1), Row(2)),
            "lossPrime", "1 x 1", "null");
        yield return Order(
            "GradientCheck.RunLoss(lossPrime)", "gives another shape",
            _ => GradientCheck.RunLoss(Losses.Mse, (_, _) => Zeros(3, 2), Row(1), Row(2)), "lossPrime", "1 x 1", "3 x 2");
        yield return Order(
            "GradientCheck.Run(layer)",
            "gives null for Y",
            _ => GradientCheck.Run(new UserLayers.Custom(_ => null!, e => e), Row(1)),
            "Custom's ForwardPropagation returned null");
        yield return Order(
            "GradientCheck.Run(layer)", "gives null for dE/dX", _ => GradientCheck.Run(new UserLayers.Custom(x => x, _ => null!), Row(1)),
            "Custom", "1 x 1", "null");
        yield return Order(
            "GradientCheck.Run(layer)", "gives dE/dX in another shape",
            _ => GradientCheck.Run(new UserLayers.Custom(x => x, _ => Zeros(3, 2)), Row(1)), "Custom", "1 x 1", "3 x 2");
        foreach (double value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            yield return Wrong(
                "GradientCheck.Run(input)", $"{value}", scene => GradientCheck.Run(scene.FC, With(Zeros(1, 4), value)), "input", "finite",
                $"{value} at [0, 3]");
            yield return Wrong($"{CheckOfPair}(yTrue)", $"{value}", _ =>
                GradientCheck.RunLoss(Losses.Mse, Losses.MsePrime, Row(1, value), Row(1, 2)), "yTrue", "finite", $"{value} at [0, 1]");
            yield return Wrong($"{CheckOfPair}(yPred)", $"{value}", _ =>
                GradientCheck.RunLoss(Losses.Mse, Losses.MsePrime, Row(1, 2), Row(1, value)), "yPred", "finite", $"{value} at [0, 1]");
        }
    }

    /// <summary>Every function of <see cref="Activations"/> and <see cref="Losses"/>, found by reflection.</summary>
    private static IEnumerable<BadInput> Functions()
    {
        foreach (var method in typeof(Activations).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            yield return Null($"Activations.{method.Name}(x)", _ => Invoke(method, [null]));
        }

        foreach (var method in typeof(Losses).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(one => one.ReturnType != typeof(LossFunction)))
        {
            yield return Null($"Losses.{method.Name}(yTrue)", _ => Invoke(method, [null, Row(1)]));
            yield return Null($"Losses.{method.Name}(yPred)", _ => Invoke(method, [Row(1), null]));
            yield return Wrong(
                $"Losses.{method.Name}(yTrue)", "transposed", _ => Invoke(method, [Zeros(2, 1), Row(1, 2)]), $"Losses.{method.Name}",
                "yTrue", "1 x 2", "2 x 1");
            yield return Wrong(
                $"Losses.{method.Name}(yPred)", "longer", _ => Invoke(method, [Row(1, 2), Row(1, 2, 3)]), $"Losses.{method.Name}", "yPred",
                "1 x 3", "1 x 2");
        }
    }

    private static object? Invoke(MethodInfo method, object?[] arguments) =>
        method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    private static object? Report(EpochReport? value)
    {
        object? told = "nothing";
        new SynchronousProgress<EpochReport?>(report => told = report).Report(value);
        return told;
    }

    private static Matrix<double> Zeros(int rows, int columns) => Matrix<double>.Build.Dense(rows, columns);

    private static Matrix<double> With(Matrix<double> matrix, double last)
    {
        matrix[matrix.RowCount - 1, matrix.ColumnCount - 1] = last;
        return matrix;
    }

    public static BadInput Null(string parameter, Func<BadInputScene, object?> call, string what = "null") =>
        new(parameter, what, call, typeof(ArgumentNullException), [parameter[(parameter.IndexOf('(') + 1)..^1]]);

    public static BadInput Wrong(string parameter, string what, Func<BadInputScene, object?> call, params string[] says) =>
        new(parameter, what, call, typeof(ArgumentException), says);

    public static BadInput OutOfRange(string parameter, string what, Func<BadInputScene, object?> call, params string[] says) =>
        new(parameter, what, call, typeof(ArgumentOutOfRangeException), says);

    public static BadInput Order(string parameter, string what, Func<BadInputScene, object?> call, params string[] says) =>
        new(parameter, what, call, typeof(InvalidOperationException), says);

    public static BadInput Fine(string parameter, string what, Func<BadInputScene, object?> call) =>
        new(parameter, what, call, null, []);
}
