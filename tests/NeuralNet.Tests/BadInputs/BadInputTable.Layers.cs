using MathNet.Numerics.LinearAlgebra;
using static NeuralNet.Tests.Support.Draw;

namespace NeuralNet.Tests.BadInputs;

/// <summary>Bad input for the layers that the article does not have, and for what it does not have of the others.</summary>
internal static partial class BadInputTable
{
    private const string StridedConvLayer = "ConvLayer.ctor[inputShape kernelShape layerDepth stride padding initializer random]";

    private static int[] NotPositive => [0, -1, int.MinValue];

    private static IEnumerable<BadInput> MoreLayers() =>
        [
            .. Convolutions(), .. Poolings(), .. BatchNorms(), .. Dropouts(), .. Regularised(), .. Propagations(), .. Misfits(),
            .. Composites()
        ];

    private static IEnumerable<BadInput> Convolutions()
    {
        foreach (int size in NotPositive)
        {
            yield return OutOfRange(
                $"{StridedConvLayer}(inputShape)", $"height {size}", _ => Conv((size, 6, 2), (1, 1), 1), "ConvLayer's input height",
                "1 or more", $"{size}");
            yield return OutOfRange(
                $"{StridedConvLayer}(inputShape)", $"width {size}", _ => Conv((5, size, 2), (1, 1), 1), "ConvLayer's input width",
                "1 or more", $"{size}");
            yield return OutOfRange(
                $"{StridedConvLayer}(inputShape)", $"depth {size}", _ => Conv((5, 6, size), (1, 1), 1), "ConvLayer's input depth",
                "1 or more", $"{size}");
            yield return OutOfRange(
                $"{StridedConvLayer}(kernelShape)", $"rows {size}", _ => Conv((5, 6, 2), (size, 1), 1), "ConvLayer's kernel rows",
                "1 or more", $"{size}");
            yield return OutOfRange(
                $"{StridedConvLayer}(kernelShape)", $"columns {size}", _ => Conv((5, 6, 2), (1, size), 1), "ConvLayer's kernel columns",
                "1 or more", $"{size}");
            yield return OutOfRange(
                $"{StridedConvLayer}(layerDepth)", $"{size}", _ => Conv((5, 6, 2), (1, 1), size), "ConvLayer's layerDepth", "1 or more",
                $"{size}");
            yield return OutOfRange(
                "ConvLayer.ctor(stride)", $"rows {size}", _ => new ConvLayer((5, 6, 2), (1, 1), 1, (size, 1)), "ConvLayer's stride rows",
                "1 or more", $"{size}");
            yield return OutOfRange(
                "ConvLayer.ctor(stride)", $"columns {size}", _ => new ConvLayer((5, 6, 2), (1, 1), 1, (1, size)),
                "ConvLayer's stride columns", "1 or more", $"{size}");
        }

        yield return OutOfRange(
            $"{StridedConvLayer}(kernelShape)", "more rows than the padded input", _ => new ConvLayer((5, 6, 2), (8, 1), 1, (1, 1), 1),
            "no larger than its input of 5 x 6 with padding 1 x 1", "8 x 1", "smaller kernel");
        yield return OutOfRange(
            $"{StridedConvLayer}(kernelShape)", "more columns than the padded input", _ => new ConvLayer((5, 6, 2), (1, 9), 1, (1, 1), 1),
            "no larger than its input of 5 x 6 with padding 1 x 1", "1 x 9", "smaller kernel");
        yield return Fine(
            $"{StridedConvLayer}(kernelShape)", "as large as the padded input", _ => new ConvLayer((5, 6, 2), (7, 8), 1, (1, 1), 1));
        yield return Fine(
            $"{StridedConvLayer}(kernelShape)",
            "larger than the input, with padding same",
            _ => new ConvLayer((2, 3, 1), (5, 9), 1, (1, 1), Padding.Same));
        yield return OutOfRange(
            $"{StridedConvLayer}(inputShape)", "too many zeros around", _ => new ConvLayer((5, 6, 2), (1, 1), 1, (1, 1), 50_000),
            "ConvLayer(5 x 6 x 2, padding 50000 x 50000)'s input", "20,002,200,060", "2,147,483,591");
        yield return OutOfRange(
            $"{StridedConvLayer}(inputShape)", "zeros that wrap around", _ => new ConvLayer((5, 6, 2), (1, 1), 1, (1, 1), int.MaxValue),
            "padding 2147483647 x 2147483647", "2,147,483,591");
        yield return OutOfRange(
            $"{StridedConvLayer}(inputShape)", "a kernel with too many zeros for same",
            _ => new ConvLayer((5, 6, 2), (int.MaxValue, int.MaxValue), 1, (1, 1), Padding.Same), "padding same", "2,147,483,591");
        yield return OutOfRange(
            $"{StridedConvLayer}(layerDepth)", "too large an output", _ => Conv((5, 6, 2), (1, 1), int.MaxValue), "output",
            "2,147,483,591");
        yield return OutOfRange(
            $"{StridedConvLayer}(layerDepth)", "too many weights", _ => Conv((5, 6, 2), (5, 6), int.MaxValue / 2), "Weights",
            "2,147,483,591");
        yield return Fine(
            $"{StridedConvLayer}(initializer)",
            "null is the default",
            _ => new ConvLayer((5, 6, 2), (2, 3), 3, (1, 2), 1, null, Seeded(1)));
        yield return Fine(
            $"{StridedConvLayer}(random)",
            "null is a shared one",
            _ => new ConvLayer((5, 6, 2), (2, 3), 3, (1, 2), 1, Initializer.Default, null));
        yield return Fine("ConvLayer.ctor(padding)", "the default is valid", _ => new ConvLayer((5, 6, 2), (2, 3), 3, (1, 2), default));
        yield return Fine(
            "ConvLayer.ctor(stride)",
            "beyond the input",
            _ => new ConvLayer((5, 6, 2), (2, 3), 3, (int.MaxValue, int.MaxValue), Padding.Same));

        foreach (int size in new[] { -1, int.MinValue })
        {
            yield return OutOfRange(
                "Padding.ctor(size)", $"{size}", _ => new Padding(size), "The padding must be 0 or more", $"is {size}.");
            yield return OutOfRange(
                "Padding.op_Implicit(size)", $"{size}", _ => (Padding)size, "The padding must be 0 or more", $"is {size}.");
            yield return OutOfRange(
                "Padding.ctor(rows)", $"{size}", _ => new Padding(size, 1), "The padding's rows must be 0 or more", $"is {size}.");
            yield return OutOfRange(
                "Padding.ctor(columns)", $"{size}", _ => new Padding(1, size), "The padding's columns must be 0 or more", $"is {size}.");
        }

        (string Name, Func<Padding, Shape, (int, int), (int, int), object> Call)[] doors =
            [
                ("GetZeros", (padding, input, window, stride) => padding.GetZeros(input, window, stride)),
                ("GetOutputShape", (padding, input, window, stride) => padding.GetOutputShape(input, window, stride)),
            ];
        foreach (var (name, call) in doors)
        {
            yield return OutOfRange(
                $"Padding.{name}(inputShape)", "height 0", _ => call(1, new(0, 6), (1, 1), (1, 1)), "Padding's input height", "1 or more");
            yield return OutOfRange(
                $"Padding.{name}(inputShape)", "zeros that wrap around", _ => call(int.MaxValue, new(5, 6), (1, 1), (1, 1)),
                "padding 2147483647 x 2147483647", "2,147,483,591");
            yield return OutOfRange(
                $"Padding.{name}(window)", "rows 0", _ => call(1, new(5, 6), (0, 1), (1, 1)), "Padding's window rows", "1 or more");
            yield return OutOfRange(
                $"Padding.{name}(window)", "more columns than the padded input", _ => call(1, new(5, 6), (1, 9), (1, 1)),
                "Padding expects a window no larger than its input of 5 x 6 with padding 1 x 1", "1 x 9", "smaller window");
            yield return OutOfRange(
                $"Padding.{name}(stride)", "columns 0", _ => call(1, new(5, 6), (1, 1), (1, 0)), "Padding's stride columns", "1 or more");
        }

        static ConvLayer Conv((int, int, int) inputShape, (int, int) kernelShape, int layerDepth) =>
            new(inputShape, kernelShape, layerDepth, (2, 3), 0);
    }

    private static IEnumerable<BadInput> Poolings()
    {
        (string Type, Func<(int, int, int), (int, int), (int, int)?, Layer> New)[] types =
            [
                ("MaxPoolLayer", (input, pool, stride) => new MaxPoolLayer(input, pool, stride)),
                ("AveragePoolLayer", (input, pool, stride) => new AveragePoolLayer(input, pool, stride))
            ];
        foreach (var (type, create) in types)
        {
            foreach (int size in NotPositive)
            {
                yield return OutOfRange(
                    $"{type}.ctor(inputShape)", $"height {size}", _ => create((size, 6, 2), (1, 1), null), $"{type}'s input height",
                    "1 or more", $"{size}");
                yield return OutOfRange(
                    $"{type}.ctor(inputShape)", $"width {size}", _ => create((5, size, 2), (1, 1), null), $"{type}'s input width",
                    "1 or more", $"{size}");
                yield return OutOfRange(
                    $"{type}.ctor(inputShape)", $"depth {size}", _ => create((5, 6, size), (1, 1), null), $"{type}'s input depth",
                    "1 or more", $"{size}");
                yield return OutOfRange(
                    $"{type}.ctor(poolShape)", $"rows {size}", _ => create((5, 6, 2), (size, 1), null), $"{type}'s pool rows", "1 or more",
                    $"{size}");
                yield return OutOfRange(
                    $"{type}.ctor(poolShape)", $"columns {size}", _ => create((5, 6, 2), (1, size), null), $"{type}'s pool columns",
                    "1 or more", $"{size}");
                yield return OutOfRange(
                    $"{type}.ctor(stride)", $"rows {size}", _ => create((5, 6, 2), (1, 1), (size, 1)), $"{type}'s stride rows", "1 or more",
                    $"{size}");
                yield return OutOfRange(
                    $"{type}.ctor(stride)", $"columns {size}", _ => create((5, 6, 2), (1, 1), (1, size)), $"{type}'s stride columns",
                    "1 or more", $"{size}");
            }

            yield return OutOfRange(
                $"{type}.ctor(inputShape)", "too many pixels", _ => create((65536, 65536, 1), (2, 2), null),
                $"{type}(65536 x 65536 x 1)'s input", "4,294,967,296", "2,147,483,591");
            yield return OutOfRange(
                $"{type}.ctor(poolShape)",
                "more rows than the input",
                _ => create((5, 6, 2), (6, 1), null),
                $"{type} expects a window no larger than its input of 5 x 6, but got 6 x 1. Take a smaller window.");
            yield return OutOfRange(
                $"{type}.ctor(poolShape)",
                "more columns than the input",
                _ => create((5, 6, 2), (1, 7), null),
                $"{type} expects a window no larger than its input of 5 x 6, but got 1 x 7. Take a smaller window.");
            yield return Fine($"{type}.ctor(stride)", "null is the window's size", _ => create((5, 6, 2), (2, 2), null));
            yield return Fine($"{type}.ctor(stride)", "beyond the input", _ => create((5, 6, 2), (2, 2), (int.MaxValue, int.MaxValue)));
        }
    }

    private static IEnumerable<BadInput> BatchNorms()
    {
        foreach (int size in NotPositive)
        {
            yield return OutOfRange(
                "BatchNormLayer.ctor(size)", $"{size}", _ => new BatchNormLayer(size), "BatchNormLayer's size", "1 or more", $"{size}");
            yield return OutOfRange(
                "BatchNormLayer.ctor(inputShape)", $"height {size}", _ => new BatchNormLayer((size, 6, 2)), "BatchNormLayer's input height",
                "1 or more", $"{size}");
            yield return OutOfRange(
                "BatchNormLayer.ctor(inputShape)", $"width {size}", _ => new BatchNormLayer((5, size, 2)), "BatchNormLayer's input width",
                "1 or more", $"{size}");
            yield return OutOfRange(
                "BatchNormLayer.ctor(inputShape)", $"depth {size}", _ => new BatchNormLayer((5, 6, size)), "BatchNormLayer's input depth",
                "1 or more", $"{size}");
        }

        yield return OutOfRange(
            "BatchNormLayer.ctor(inputShape)", "too many pixels", _ => new BatchNormLayer((65536, 65536, 1)),
            "BatchNormLayer(65536 x 65536 x 1)'s input", "4,294,967,296", "2,147,483,591");
        (string Constructor, Func<double, double, BatchNormLayer> New)[] constructors =
        [
            ("BatchNormLayer.ctor[size momentum epsilon]", (momentum, epsilon) => new BatchNormLayer(3, momentum, epsilon)),
            ("BatchNormLayer.ctor[inputShape momentum epsilon]", (momentum, epsilon) => new BatchNormLayer((5, 6, 3), momentum, epsilon)),
        ];
        foreach (var (constructor, create) in constructors)
        {
            foreach (double value in NotFinite.Concat([0, -0.1, 1.001]))
            {
                yield return OutOfRange(
                    $"{constructor}(momentum)", $"{value}", _ => create(value, 1e-5), "BatchNormLayer's momentum",
                    "finite number above 0, at most 1", $"is {value}.");
            }

            foreach (double value in NotFinite.Concat([0, -1e-5]))
            {
                yield return OutOfRange(
                    $"{constructor}(epsilon)", $"{value}", _ => create(0.1, value), "BatchNormLayer's epsilon", "finite number above 0",
                    $"is {value}.");
            }

            yield return Fine($"{constructor}(momentum)", "1 is the last batch's", _ => create(1, 1e-5));
        }

        (string Property, Action<BatchNormLayer, Matrix<double>> Set)[] properties =
        [
            ("Gamma", (layer, value) => layer.Gamma = value),
            ("Beta", (layer, value) => layer.Beta = value),
            ("RunningMean", (layer, value) => layer.RunningMean = value),
            ("RunningVariance", (layer, value) => layer.RunningVariance = value),
        ];
        foreach (var (property, set) in properties)
        {
            object? Set(Matrix<double> value)
            {
                set(new BatchNormLayer(3), value);
                return null;
            }

            yield return Null($"BatchNormLayer.{property}(value)", _ => Set(null!));
            yield return Wrong(
                $"BatchNormLayer.{property}(value)",
                "a column",
                _ => Set(Zeros(3, 1)),
                $"BatchNormLayer(3) expects {property} of 1 x 3, but got 3 x 1.");
            foreach (double value in new[] { double.NaN, double.PositiveInfinity })
            {
                yield return Wrong(
                    $"BatchNormLayer.{property}(value)", $"{value}", _ => Set(Row(1, 2, value)), $"BatchNormLayer(3)'s {property}",
                    "finite", $"{value} at [0, 2]");
            }
        }

        yield return Wrong(
            "BatchNormLayer.RunningVariance(value)",
            "negative",
            _ => new BatchNormLayer(3).RunningVariance = Row(1, -2, 3),
            "BatchNormLayer(3) expects a RunningVariance of 0 or more, but got -2.");
        yield return Wrong(
            "BatchNormLayer.RunningVariance(value)",
            "-∞",
            _ => new BatchNormLayer(3).RunningVariance = Row(1, double.NegativeInfinity, 3),
            "BatchNormLayer(3) expects a RunningVariance of 0 or more, but got -Infinity.");
        yield return Order(
            "BatchNormLayer.ForwardPropagation(input)", "one row has no variance",
            _ => new BatchNormLayer(3).ForwardPropagation(Row(1, 2, 3)), "BatchNormLayer(3)", "two samples or more",
            "Train by Fit with FitOptions");
    }

    private static IEnumerable<BadInput> Dropouts()
    {
        foreach (double value in NotFinite.Concat([-1e-9, 1, 2]))
        {
            yield return OutOfRange(
                "DropoutLayer.ctor(rate)", $"{value}", _ => new DropoutLayer(value), "DropoutLayer's rate",
                "finite number from 0 to below 1", $"is {value}.");
        }

        yield return Fine("DropoutLayer.ctor(rate)", "0", _ => new DropoutLayer(0));
        yield return Fine(
            "DropoutLayer.ctor(random)",
            "null is that of Fit, or a shared one",
            _ => new DropoutLayer(0.5, null).ForwardPropagation(Row(1)));
    }

    private static IEnumerable<BadInput> Regularised()
    {
        foreach (double value in NotFinite.Concat([-1e-9]))
        {
            yield return OutOfRange(
                "FCLayer.L2(value)", $"{value}", scene => scene.FC.L2 = value, "L2 of Weights", "finite number, 0 or more", $"is {value}.");
            yield return OutOfRange(
                "ConvLayer.L2(value)", $"{value}", scene => scene.Conv.L2 = value, "L2 of Weights", "finite number, 0 or more",
                $"is {value}.");
        }

        yield return Fine("Layer.Trainable(value)", "either", scene => scene.FC.Trainable = false);
        yield return Fine("FCLayer.L2(value)", "0 is none", scene => scene.FC.L2 = 0);
        yield return Fine("ConvLayer.L2(value)", "0 is none", scene => scene.Conv.L2 = 0);
    }

    private static IEnumerable<BadInput> Propagations()
    {
        (string Type, Func<Layer> New, Matrix<double> X, string Name, string Output)[] layers =
        [
            (
                "MaxPoolLayer", () => new MaxPoolLayer((5, 6, 2), (2, 3)), Zeros(5, 12), "MaxPoolLayer(5 x 6 x 2 -> 2 x 2 x 2, pool 2 x 3)",
                "2 x 4"),
            (
                "AveragePoolLayer", () => new AveragePoolLayer((5, 6, 2), (2, 3)), Zeros(5, 12),
                "AveragePoolLayer(5 x 6 x 2 -> 2 x 2 x 2, pool 2 x 3)", "2 x 4"),
            ("DropoutLayer", () => new DropoutLayer(0.5), Zeros(2, 3), "DropoutLayer(0.5)", "2 x 3"),
            ("SoftmaxLayer", () => new SoftmaxLayer(), Zeros(2, 3), "SoftmaxLayer", "2 x 3"),
            ("BatchNormLayer", () => new BatchNormLayer((5, 6, 2)), Zeros(5, 12), "BatchNormLayer(5 x 6 x 2)", "5 x 12"),
        ];
        foreach (var (type, create, x, name, output) in layers)
        {
            Layer Used()
            {
                var layer = create();
                layer.ForwardPropagation(x);
                return layer;
            }

            yield return Null($"{type}.ForwardPropagation(input)", _ => create().ForwardPropagation(null!));
            yield return Null($"{type}.Predict(input)", _ => create().Predict(null!));
            yield return Null($"{type}.Backward(outputError)", _ => ((TrainableLayer)Used()).Backward(null!));
            yield return Wrong(
                $"{type}.Backward(outputError)", "another shape than the output", _ => ((TrainableLayer)Used()).Backward(Zeros(7, 9)), name,
                output, "7 x 9");
            yield return Order(
                $"{type}.Backward(outputError)",
                "before ForwardPropagation",
                _ => ((TrainableLayer)create()).Backward(Zeros(5, 12)),
                name,
                "Call ForwardPropagation first.");
            yield return Null($"{type}.BackwardPropagation(outputError)", _ => Used().BackwardPropagation(null!, 0.1));
            yield return Wrong(
                $"{type}.BackwardPropagation(outputError)", "another shape than the output",
                _ => Used().BackwardPropagation(Zeros(7, 9), 0.1), name, output, "7 x 9");
            yield return Order(
                $"{type}.BackwardPropagation(outputError)", "before ForwardPropagation",
                _ => create().BackwardPropagation(Zeros(2, 4), 0.1), name, "Call ForwardPropagation first.");
            foreach (double rate in NotFinite.Concat([-1]))
            {
                yield return OutOfRange(
                    $"{type}.BackwardPropagation(learningRate)", $"{rate}",
                    _ => Used() is var layer ? layer.BackwardPropagation(layer.Output!, rate) : null, "learning rate",
                    "finite number, 0 or more", $"{rate}");
            }

            yield return Fine(
                $"{type}.BackwardPropagation(learningRate)",
                "0, as any other",
                _ => Used() is var layer ? layer.BackwardPropagation(layer.Output!, 0) : null);
        }

        yield return Order(
            "ActivationLayer.Backward(outputError)",
            "before ForwardPropagation",
            _ => new ActivationLayer(Activations.Tanh, Activations.TanhPrime).Backward(Zeros(1, 2)),
            "Call ForwardPropagation first.");
        yield return Order(
            "FlattenLayer.Backward(outputError)",
            "before ForwardPropagation",
            _ => new FlattenLayer().Backward(Zeros(1, 2)),
            "Call ForwardPropagation first.");

        (string Method, Func<Layer, Matrix<double>, object> Call)[] forwards =
            [("ForwardPropagation", (layer, x) => layer.ForwardPropagation(x)), ("Predict", (layer, x) => layer.Predict(x))];
        foreach (var (method, call) in forwards)
        {
            foreach (var (type, create, _, name, _) in layers[..2])
            {
                yield return Wrong(
                    $"{type}.{method}(input)", "one plane of two", _ => call(create(), Zeros(5, 6)),
                    $"{name} expects a 5 x 12 input, but got 5 x 6.", "side by side");
                yield return Wrong(
                    $"{type}.{method}(input)", "a flattened row", _ => call(create(), Zeros(1, 60)),
                    $"{name} expects a 5 x 12 input, but got 1 x 60.", "not its flattened row");
            }

            yield return Wrong(
                $"BatchNormLayer.{method}(input)", "an image for a row", _ => call(new BatchNormLayer(60), Zeros(5, 12)),
                "BatchNormLayer(60) expects a 1 x 60 input, but got 5 x 12.", "Make this one new BatchNormLayer((5, 12, 1)).");
            yield return Wrong(
                $"BatchNormLayer.{method}(input)", "a row for an image", _ => call(new BatchNormLayer((5, 6, 2)), Zeros(1, 60)),
                "BatchNormLayer(5 x 6 x 2) expects a 5 x 12 input, but got 1 x 60.", "Make this one new BatchNormLayer(60).");
            yield return Wrong(
                $"BatchNormLayer.{method}(input)", "too long a row", _ => call(new BatchNormLayer(3), Zeros(1, 4)),
                "BatchNormLayer(3) expects a 1 x 3 input, but got 1 x 4.", "new BatchNormLayer(4)");
        }
    }

    private static IEnumerable<BadInput> Misfits()
    {
        static Network Image() => new Network().Add(new ConvLayer((5, 6, 2), (2, 3), 3));
        yield return Wrong(
            "Network.Add(layer)",
            "a MaxPoolLayer of another image",
            _ => Image().Add(new MaxPoolLayer((4, 5, 3), (2, 2))),
            "MaxPoolLayer(4 x 5 x 3 -> 2 x 2 x 3, pool 2 x 2) expects a 4 x 15 input, but got 4 x 4 x 3.");
        yield return Wrong(
            "Network.Add(layer)",
            "an AveragePoolLayer of other planes",
            _ => Image().Add(new AveragePoolLayer((4, 6, 2), (2, 2))),
            "AveragePoolLayer(4 x 6 x 2 -> 2 x 3 x 2, pool 2 x 2) expects a 4 x 12 input, but got 4 x 4 x 3.");
        yield return Wrong(
            "Network.Add(layer)", "a pool on a row", scene => scene.Net.Add(new MaxPoolLayer((2, 1, 1), (1, 1))), "MaxPoolLayer",
            "expects a 2 x 1 input, but got 1 x 2.", "not its flattened row");
        yield return Wrong(
            "Network.Add(layer)",
            "a pool larger than what a pool left",
            _ => Image().Add(new MaxPoolLayer((4, 4, 3), (2, 2))).Add(new DropoutLayer(0.5)).Add(new MaxPoolLayer((4, 4, 3), (2, 2))),
            "expects a 4 x 12 input, but got 2 x 2 x 3.");
        yield return Wrong(
            "Network.Add(layer)",
            "a row's BatchNormLayer on an image",
            _ => Image().Add(new BatchNormLayer(48)),
            "BatchNormLayer(48) expects a 1 x 48 input, but got 4 x 4 x 3. Make this one new BatchNormLayer((4, 4, 3)).");
        yield return Wrong(
            "Network.Add(layer)",
            "a BatchNormLayer of other planes",
            _ => Image().Add(new BatchNormLayer((4, 6, 2))),
            "BatchNormLayer(4 x 6 x 2) expects a 4 x 12 input, but got 4 x 4 x 3. Make this one new BatchNormLayer((4, 4, 3)).");
        yield return Wrong(
            "Network.Add(layer)",
            "a BatchNormLayer of another size",
            scene => scene.Net.Add(new BatchNormLayer(3)),
            "BatchNormLayer(3) expects a 1 x 3 input, but got 1 x 2. Make this one new BatchNormLayer(2).");
        yield return Wrong(
            "Network.Add(layer)",
            "a SoftmaxLayer on several planes",
            _ => Image().Add(new SoftmaxLayer()),
            "SoftmaxLayer", "4 x 4 x 3. Add a FlattenLayer before it");
        yield return Wrong(
            "Network.Add(layer)",
            "an FCLayer on what a DropoutLayer passed on",
            _ => Image().Add(new DropoutLayer(0.5)).Add(new FCLayer(48, 2)),
            $"FCLayer(48 -> 2) expects a 1 x 48 input, but got 4 x 4 x 3. {WayOutOfFlat}");
        yield return Wrong(
            "Network.Add(layer)", "a DropoutLayer that is in it",
            _ => new DropoutLayer(0.5) is var twice ? new Network().Add(twice).Add(twice) : null, "DropoutLayer(0.5)", "already",
            "Make a new layer.");
    }

    private static IEnumerable<BadInput> Composites()
    {
        static FCLayer FC() => new(2, 2);
        yield return Null("ResidualLayer.ctor(layers)", _ => new ResidualLayer(null!));
        yield return Wrong(
            "ResidualLayer.ctor(layers)", "empty", _ => new ResidualLayer([]), "ResidualLayer expects one layer at least, but got none.");
        yield return Wrong(
            "ResidualLayer.ctor(layers)",
            "a null layer",
            _ => new ResidualLayer([FC(), null!]),
            "ResidualLayer expects layers, but layer 1 is null.");
        yield return Wrong(
            "ResidualLayer.ctor(layers)",
            "layers that do not fit",
            _ => new ResidualLayer([FC(), new FCLayer(3, 2)]),
            "FCLayer(3 -> 2) expects a 1 x 3 input, but got 1 x 2.");
        yield return Wrong(
            "ResidualLayer.ctor(layers)", "another shape than X", _ => new ResidualLayer([new FCLayer(2, 3)]), "give 1 x 3",
            "shortcut 1 x 2", "give it a shortcut");
        yield return Wrong(
            "ResidualLayer.ctor(shortcut)",
            "a null layer",
            _ => new ResidualLayer([FC()], [null!]),
            "ResidualLayer expects layers, but layer 0 is null");
        yield return Wrong(
            "ResidualLayer.ctor(shortcut)", "a layer that is in it", _ => FC() is var fc ? new ResidualLayer([fc], [fc]) : null, "twice",
            "Make a new layer.");
        yield return Fine("ResidualLayer.ctor(shortcut)", "null is the identity", _ => new ResidualLayer([FC()], null));
        yield return Null("ConcatenateLayer.ctor(branches)", _ => new ConcatenateLayer(null!));
        yield return Wrong(
            "ConcatenateLayer.ctor(branches)", "one branch", _ => new ConcatenateLayer([FC()]), "expects two branches or more, but got 1");
        yield return Null("ConcatenateLayer.ctor(branches)", _ => new ConcatenateLayer([FC()], null!), "a branch is null");
        yield return Wrong(
            "ConcatenateLayer.ctor(branches)",
            "a null layer",
            _ => new ConcatenateLayer([FC()], [null!]),
            "ConcatenateLayer, branch 1, expects layers, but layer 0 is null");
        yield return Null("NetworkLayer.ctor(network)", _ => new NetworkLayer((Network)null!));
        yield return Wrong(
            "NetworkLayer.ctor(network)",
            "no layers",
            _ => new NetworkLayer(new Network()),
            "NetworkLayer expects one layer at least, but got none.");
        yield return Wrong(
            "Network.Add(layer)",
            "a layer within that is in it",
            _ => FC() is var fc ? new Network().Add(fc).Add(new ResidualLayer([fc])) : null,
            "FCLayer(2 -> 2) is in this network already");
        yield return Null("Shape.Of(matrix)", _ => Shape.Of(null!));
        yield return Fine("Shape.Row(size)", "whatever layers make of it", _ => Shape.Row(0));
        yield return Fine("Shape.SameMatrix(other)", "any", _ => Shape.Row(2).SameMatrix(default));
        foreach (string any in (string[])["Height", "Width", "Depth"])
        {
            yield return Fine($"Shape.ctor({any})", "whatever layers make of it", _ => new Shape(0, -1, 2));
        }
    }
}
