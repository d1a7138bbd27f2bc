using MathNet.Numerics.LinearAlgebra;
using static NeuralNet.Tests.Draw;

namespace NeuralNet.Tests;

internal static partial class BadInputTable
{
    private const string ConvLayerWithStride = "ConvLayer.ctor[inputShape kernelShape layerDepth stride padding initializer random]";

    private static IEnumerable<BadInput> MoreLayers()
    {
        foreach (int size in new[] { 0, -1, int.MinValue })
        {
            yield return OutOfRange($"{ConvLayerWithStride}(inputShape)", $"height {size}", _ => new ConvLayer((size, 6, 2), (1, 1), 1, (1, 1)), "ConvLayer's input height", $"{size}");
            yield return OutOfRange($"{ConvLayerWithStride}(kernelShape)", $"columns {size}", _ => new ConvLayer((5, 6, 2), (1, size), 1, (1, 1)), "ConvLayer's kernel columns", $"{size}");
            yield return OutOfRange($"{ConvLayerWithStride}(layerDepth)", $"{size}", _ => new ConvLayer((5, 6, 2), (1, 1), size, (1, 1)), "ConvLayer's layerDepth", $"{size}");
            yield return OutOfRange("ConvLayer.ctor(stride)", $"rows {size}", _ => new ConvLayer((5, 6, 2), (1, 1), 1, (size, 1)), "ConvLayer's stride rows", $"{size}");
            yield return OutOfRange("ConvLayer.ctor(stride)", $"columns {size}", _ => new ConvLayer((5, 6, 2), (1, 1), 1, (1, size)), "ConvLayer's stride columns", $"{size}");
            yield return OutOfRange("MaxPoolLayer.ctor(inputShape)", $"height {size}", _ => new MaxPoolLayer((size, 6, 2), (1, 1)), "MaxPoolLayer's input height", $"{size}");
            yield return OutOfRange("MaxPoolLayer.ctor(poolShape)", $"rows {size}", _ => new MaxPoolLayer((5, 6, 2), (size, 1)), "MaxPoolLayer's pool rows", $"{size}");
            yield return OutOfRange("MaxPoolLayer.ctor(stride)", $"columns {size}", _ => new MaxPoolLayer((5, 6, 2), (1, 1), (1, size)), "MaxPoolLayer's stride columns", $"{size}");
            yield return OutOfRange("AveragePoolLayer.ctor(inputShape)", $"width {size}", _ => new AveragePoolLayer((5, size, 2), (1, 1)), "AveragePoolLayer's input width", $"{size}");
            yield return OutOfRange("AveragePoolLayer.ctor(poolShape)", $"columns {size}", _ => new AveragePoolLayer((5, 6, 2), (1, size)), "AveragePoolLayer's pool columns", $"{size}");
            yield return OutOfRange("AveragePoolLayer.ctor(stride)", $"rows {size}", _ => new AveragePoolLayer((5, 6, 2), (1, 1), (size, 1)), "AveragePoolLayer's stride rows", $"{size}");
            yield return OutOfRange("BatchNormLayer.ctor(size)", $"{size}", _ => new BatchNormLayer(size), "BatchNormLayer's size", $"{size}");
            yield return OutOfRange("BatchNormLayer.ctor(inputShape)", $"depth {size}", _ => new BatchNormLayer((5, 6, size)), "BatchNormLayer's input depth", $"{size}");
        }

        foreach (int size in new[] { -1, int.MinValue })
        {
            yield return OutOfRange("Padding.ctor(size)", $"{size}", _ => new Padding(size), "The padding", "0 or more", $"{size}");
            yield return OutOfRange("Padding.op_Implicit(size)", $"{size}", _ => { Padding padding = size; return padding; }, "The padding", "0 or more", $"{size}");
            yield return OutOfRange("Padding.ctor(rows)", $"{size}", _ => new Padding(size, 0), "padding's rows", $"{size}");
            yield return OutOfRange("Padding.ctor(columns)", $"{size}", _ => new Padding(0, size), "padding's columns", $"{size}");
        }

        foreach (double value in new[] { -0.1, double.NaN, double.PositiveInfinity })
        {
            yield return OutOfRange("DropoutLayer.ctor(rate)", $"{value}", _ => new DropoutLayer(value), "DropoutLayer's rate", "0 to below 1");
            yield return OutOfRange("FCLayer.L2(value)", $"{value}", scene => scene.FC.L2 = value, "L2 of Weights", "0 or more");
            yield return OutOfRange("ConvLayer.L2(value)", $"{value}", scene => scene.Conv.L2 = value, "L2 of Weights", "0 or more");
            foreach (string constructor in new[] { "size", "inputShape" })
            {
                BatchNormLayer Make(double momentum, double epsilon) => constructor == "size" ? new BatchNormLayer(3, momentum, epsilon) : new BatchNormLayer((2, 2, 3), momentum, epsilon);
                yield return OutOfRange($"BatchNormLayer.ctor[{constructor} momentum epsilon](momentum)", $"{value}", _ => Make(value, 1e-5), "BatchNormLayer's momentum", "above 0, at most 1");
                yield return OutOfRange($"BatchNormLayer.ctor[{constructor} momentum epsilon](epsilon)", $"{value}", _ => Make(0.1, value), "BatchNormLayer's epsilon", "above 0");
            }
        }

        yield return OutOfRange("DropoutLayer.ctor(rate)", "1", _ => new DropoutLayer(1), "DropoutLayer's rate", "0 to below 1");
        yield return OutOfRange($"{ConvLayerWithStride}(kernelShape)", "larger than the input with its padding", _ => new ConvLayer((3, 6, 2), (6, 1), 1, (1, 1), 1), "no larger than its input of 3 x 6 with padding 1 x 1", "6 x 1");
        yield return OutOfRange($"{ConvLayerWithStride}(inputShape)", "too large with its padding", _ => new ConvLayer((3, 6, 2), (1, 1), 1, (1, 1), int.MaxValue), "padding 2147483647 x 2147483647", "2,147,483,591");
        yield return OutOfRange("MaxPoolLayer.ctor(poolShape)", "larger than the input", _ => new MaxPoolLayer((5, 6, 2), (6, 1)), "no larger than its input of 5 x 6", "6 x 1", "smaller window");
        yield return OutOfRange("AveragePoolLayer.ctor(inputShape)", "too large", _ => new AveragePoolLayer((65536, 65536, 1), (2, 2)), "AveragePoolLayer(65536 x 65536 x 1)", "2,147,483,591");
        yield return OutOfRange("BatchNormLayer.ctor(inputShape)", "too large", _ => new BatchNormLayer((65536, 65536, 1)), "BatchNormLayer(65536 x 65536 x 1)", "2,147,483,591");
        yield return Fine($"{ConvLayerWithStride}(initializer)", "null is the default", _ => new ConvLayer((5, 6, 2), (2, 3), 3, (1, 1), 0, null, Seeded(1)));
        yield return Fine($"{ConvLayerWithStride}(random)", "null is a shared one", _ => new ConvLayer((5, 6, 2), (2, 3), 3, (1, 1), 0, Initializer.Default, null));
        yield return Fine("ConvLayer.ctor(padding)", "every padding is a valid one", _ => new ConvLayer((5, 6, 2), (2, 3), 3, (2, 1), Padding.Same));
        yield return Fine("DropoutLayer.ctor(random)", "null is a shared one", _ => new DropoutLayer(0.5, null));

        foreach (var (name, set) in new (string, Func<BatchNormLayer, Matrix<double>, object?>)[]
        {
            ("Gamma", (layer, value) => layer.Gamma = value),
            ("Beta", (layer, value) => layer.Beta = value),
            ("RunningMean", (layer, value) => layer.RunningMean = value),
            ("RunningVariance", (layer, value) => layer.RunningVariance = value),
        })
        {
            yield return Null($"BatchNormLayer.{name}(value)", _ => set(new BatchNormLayer(3), null!));
            yield return Wrong($"BatchNormLayer.{name}(value)", "another shape", _ => set(new BatchNormLayer(3), Zeros(1, 4)), $"BatchNormLayer(3) expects {name} of 1 x 3, but got 1 x 4");
            yield return Wrong($"BatchNormLayer.{name}(value)", "NaN", _ => set(new BatchNormLayer(3), Row(1, double.NaN, 2)), name, "finite", "NaN at [0, 1]");
        }

        yield return Wrong("BatchNormLayer.RunningVariance(value)", "negative", _ => new BatchNormLayer(2).RunningVariance = Row(1, -2), "0 or more", "-2");

        foreach (var (name, make, rows, columns, wrongRows) in new (string, Func<Layer>, int, int, int)[]
        {
            ("MaxPoolLayer", () => new MaxPoolLayer((4, 3, 2), (2, 1)), 4, 6, 5),
            ("AveragePoolLayer", () => new AveragePoolLayer((4, 3, 2), (2, 1)), 4, 6, 5),
            ("BatchNormLayer", () => new BatchNormLayer((4, 3, 2)), 4, 6, 5),
            ("DropoutLayer", () => new DropoutLayer(0.5), 4, 6, 0),
            ("SoftmaxLayer", () => new SoftmaxLayer(), 4, 6, 0),
        })
        {
            Layer Forwarded()
            {
                var layer = make();
                layer.ForwardPropagation(Matrix(rows, columns, Seeded(1)));
                return layer;
            }

            bool learns = make() is TrainableLayer;
            Matrix<double> Backward(Layer layer, Matrix<double> error) => learns ? ((TrainableLayer)layer).Backward(error) : layer.BackwardPropagation(error, 0.1);
            string backward = $"{name}.{(learns ? "Backward" : "BackwardPropagation")}(outputError)";
            yield return Null($"{name}.ForwardPropagation(input)", _ => make().ForwardPropagation(null!));
            yield return Null($"{name}.Predict(input)", _ => make().Predict(null!));
            yield return Null(backward, _ => Backward(Forwarded(), null!));
            yield return Order(backward, "before ForwardPropagation", _ => Backward(make(), Zeros(rows, columns)), name, "Call ForwardPropagation first");
            yield return Wrong(backward, "another shape", _ => Backward(Forwarded(), Zeros(7, 7)), name, "in the shape of its output", "7 x 7");
            if (wrongRows > 0)
            {
                yield return Wrong($"{name}.ForwardPropagation(input)", "another shape", _ => make().ForwardPropagation(Zeros(wrongRows, columns)), name, "expects a 4 x 6 input, but got 5 x 6");
                yield return Wrong($"{name}.Predict(input)", "another shape", _ => make().Predict(Zeros(wrongRows, columns)), name, "expects a 4 x 6 input, but got 5 x 6");
            }

            if (!learns)
            {
                yield return OutOfRange($"{name}.BackwardPropagation(learningRate)", "negative", _ => Forwarded().BackwardPropagation(Forwarded().Output!, -1), "learning rate", "0 or more");
            }
        }

        yield return Order("BatchNormLayer.ForwardPropagation(input)", "a row by itself", _ => new BatchNormLayer(3).ForwardPropagation(Zeros(1, 3)), "BatchNormLayer(3)", "two samples or more", "BatchSize of 2");
    }
}
