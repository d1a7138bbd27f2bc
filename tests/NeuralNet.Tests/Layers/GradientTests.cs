using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

/// <summary>Every layer, activation and loss against finite differences: no relative error above 1e-6.</summary>
public class GradientTests
{
    private const double Worst = 1e-6;

    /// <summary>
    /// Layers for 6 x 5 x 2 images, or 1 x 7 rows where that is what they take; no two sizes are the same where they may differ.
    /// </summary>
    private static readonly Dictionary<string, (int Rows, int Columns, Func<string, Random, Layer[]> Make)> s_layers = new()
    {
        ["FC"] = (1, 7, (activation, random) => [new FCLayer(7, 4, random: random), BuiltIn.Layer(activation)]),
        ["FC twice"] = (1, 7, (activation, random) =>
            [new FCLayer(7, 4, random: random), BuiltIn.Layer(activation), new FCLayer(4, 3, random: random), BuiltIn.Layer(activation)]),
        ["Conv"] = (6, 10, (activation, random) => [new ConvLayer((6, 5, 2), (3, 2), 3, random: random), BuiltIn.Layer(activation)]),
        ["Flatten"] = (6, 10, (activation, _) => [new FlattenLayer(2), BuiltIn.Layer(activation)]),
        ["Conv, Flatten, FC"] = (6, 10, (activation, random) =>
        [
            new ConvLayer((6, 5, 2), (3, 2), 3, random: random), BuiltIn.Layer(activation), new FlattenLayer(3),
            new FCLayer(4 * 4 * 3, 5, random: random), BuiltIn.Layer(activation),
        ]),
        ["Conv with stride and padding"] = (6, 10, (activation, random) =>
            [new ConvLayer((6, 5, 2), (3, 2), 3, (2, 3), new Padding(2, 1), random: random), BuiltIn.Layer(activation)]),
        ["Conv, same size"] = (6, 10, (activation, random) =>
            [new ConvLayer((6, 5, 2), (2, 3), 2, (1, 1), Padding.Same, random: random), BuiltIn.Layer(activation)]),
        ["Conv, max pool"] = (6, 10, (activation, random) =>
            [new ConvLayer((6, 5, 2), (1, 2), 3, random: random), BuiltIn.Layer(activation), new MaxPoolLayer((6, 4, 3), (3, 2))]),
        ["Average pool"] = (6, 10, (activation, random) => [new AveragePoolLayer((6, 5, 2), (3, 2), (1, 2)), BuiltIn.Layer(activation)]),
        ["Batch norm of an image"] = (6, 10, (activation, random) =>
        [
            new BatchNormLayer((6, 5, 2)) { Gamma = Draw.Matrix(1, 2, random), Beta = Draw.Matrix(1, 2, random) }, BuiltIn.Layer(activation)
        ]),
        ["FC, softmax"] =
            (1, 7, (activation, random) => [new FCLayer(7, 4, random: random), BuiltIn.Layer(activation), new SoftmaxLayer()]),
        ["Conv twice"] = (6, 10, (activation, random) =>
        [
            new ConvLayer((6, 5, 2), (3, 2), 3, random: random), BuiltIn.Layer(activation),
            new ConvLayer((4, 4, 3), (2, 3), 2, random: random), BuiltIn.Layer(activation),
        ]),
    };

    /// <summary>Where a function has no second derivative.</summary>
    private static readonly Dictionary<string, double[]> s_kinks = new()
    {
        ["Relu"] = [0],
        ["LeakyRelu"] = [0],
        ["Relu6"] = [0, 6],
        ["Elu"] = [0],
        ["Selu"] = [0],
        ["HardSigmoid"] = [-3, 3],
        ["HardSwish"] = [-3, 3],
    };

    private static readonly string[] s_ofProbabilities = ["BinaryCrossEntropy", "CategoricalCrossEntropy"];

    public static IEnumerable<object[]> Table =>
        from layers in s_layers.Keys
        from activation in BuiltIn.Activation.Keys
        from loss in BuiltIn.Loss.Keys
        select new object[]
        {
            layers, activation, loss
        };

    public static TheoryData<string> ActivationNames => [.. BuiltIn.Activation.Keys];

    public static TheoryData<string> LossNames => [.. BuiltIn.Loss.Keys];

    [Theory]
    [MemberData(nameof(Table))]
    public void EveryLayerWithEveryActivationAndLoss(string layers, string activation, string loss)
    {
        var (rows, columns, make) = s_layers[layers];
        for (int seed = 1; seed <= 1000; seed++)
        {
            var random = Draw.Seeded(seed);
            Layer[] body = make(activation, random);

            bool probabilities = s_ofProbabilities.Contains(loss);
            body = probabilities ? [.. body, BuiltIn.Layer("Sigmoid")] : body;
            var x = Draw.Matrix(rows, columns, random);
            var yPred = new Stack(body).ForwardPropagation(x);
            var yTrue = Matrices.Uniform(yPred.RowCount, yPred.ColumnCount, random, probabilities ? 0 : -3, probabilities ? 1 : 3);
            if (IsClearOfKinks(body, loss, yTrue - yPred))
            {
                Check(new Stack([.. body, new LossHead(BuiltIn.Loss[loss].Loss, BuiltIn.Loss[loss].Prime, yTrue)]), x, random);
                return;
            }
        }

        Assert.Fail("no seed gives values that are clear of the kinks");
    }

    [Theory]
    [MemberData(nameof(ActivationNames))]
    public void EveryActivationAlone(string name)
    {
        var random = Draw.Seeded(1);
        var x = Matrices.Uniform(4, 7, random, -6, 6).Map(v => v + (0.01 * Math.Sign(v)));

        Check(BuiltIn.Layer(name), x, random);
    }

    [Theory]
    [MemberData(nameof(LossNames))]
    public void EveryLossAlone(string name) => Gen.Select(Gen.Int[1, 5], Gen.Int[1, 6], Gen.Int).Sample(
        (rows, columns, seed) =>
        {
            var random = Draw.Seeded(seed);
            var yTrue = Matrices.Uniform(rows, columns, random, 0, 1);

            // Away from 0 and 1, where cross-entropy grows too steeply for the step, and from a distance of 0 and 1, where Mae and Huber
            // have kinks.
            var yPred = s_ofProbabilities.Contains(name)
                ? Matrices.Uniform(rows, columns, random, 0.2, 0.8)
                : yTrue.Map(t => t + ((random.Next(2) == 0 ? -1 : 1) * (0.01 + (0.98 * random.NextDouble()) + random.Next(2))));

            var result = GradientCheck.RunLoss(BuiltIn.Loss[name].Loss, BuiltIn.Loss[name].Prime, yTrue, yPred);
            if (result.WorstRelativeError > Worst)
            {
                Assert.Fail(result.ToString());
            }
        },
        iter: 200);

    [Fact]
    public void FCLayersOfAnySize() => Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int).Sample(
        (inputs, outputs, seed) =>
        {
            var random = Draw.Seeded(seed);
            Check(new FCLayer(inputs, outputs, random: random), Draw.Matrix(1, inputs, random), random);
        },
        iter: 200);

    [Fact]
    public void ConvLayersOfAnySize() => ShapeGenerator.Convolutions.Sample(
        (image, kernel, depth, seed) =>
        {
            var random = Draw.Seeded(seed);
            Check(
                new ConvLayer(image, kernel, depth, random: random), Draw.Matrix(image.Height, image.Width * image.Depth, random), random);
        },
        iter: 200);

    [Fact]
    public void FlattenLayersOfAnySize() => Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 4], Gen.Int).Sample(
        (height, width, depth, seed) =>
        {
            var random = Draw.Seeded(seed);
            Check(new FlattenLayer(depth), Draw.Matrix(height, width * depth, random), random);
        },
        iter: 200);

    [Fact]
    public void ConvLayersOfAnyStrideAndPadding() =>
        Gen.Select(ShapeGenerator.Convolutions, Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4]), Gen.Select(Gen.Int[-1, 4], Gen.Int[0, 4])).Sample(
            (shape, stride, padding) =>
            {
                var (image, kernel, depth, seed) = shape;
                var random = Draw.Seeded(seed);
                var zeros = padding.Item1 < 0 ? Padding.Same : new Padding(padding.Item1, padding.Item2);
                Check(
                    new ConvLayer(image, kernel, depth, stride, zeros, random: random),
                    Draw.Matrix(image.Height, image.Width * image.Depth, random),
                    random);
            },
            iter: 200);

    [Fact]
    public void PoolLayersOfAnySize() => Gen.Select(ShapeGenerator.Convolutions, Gen.Int[1, 4], Gen.Int[1, 4]).Sample(
        (shape, strideRows, strideColumns) =>
        {
            var (image, window, _, seed) = shape;
            var random = Draw.Seeded(seed);
            var x = Apart(image.Height, image.Width * image.Depth, random);
            Check(new MaxPoolLayer(image, window, (strideRows, strideColumns)), x, random);
            Check(new AveragePoolLayer(image, window, (strideRows, strideColumns)), x, random);
        },
        iter: 200);

    [Fact]
    public void BatchNormLayersOfAnySize() => Gen.Select(Gen.Int[1, 5], Gen.Int[2, 6], Gen.Int[1, 4], Gen.Double[1e-5, 2], Gen.Int).Sample(
        (height, width, depth, epsilon, seed) =>
        {
            var random = Draw.Seeded(seed);
            var layer = new BatchNormLayer((height, width, depth), epsilon: epsilon)
            {
                Gamma = Draw.Matrix(1, depth, random),
                Beta = Draw.Matrix(1, depth, random)
            };
            Check(layer, Apart(height, width * depth, random), random);
        },
        iter: 200);

    [Fact]
    public void DropoutAndSoftmaxLayersOfAnySize() => Gen.Select(Gen.Int[1, 5], Gen.Int[1, 6], Gen.Double[0, 0.9], Gen.Int).Sample(
        (rows, columns, rate, seed) =>
        {
            var random = Draw.Seeded(seed);
            var x = Matrices.Uniform(rows, columns, random, -3, 3);
            Check(new DropoutLayer(rate, random), x, random);
            Check(new SoftmaxLayer(), x, random);
        },
        iter: 200);

    private static void Check(Layer layer, Matrix<double> x, Random random)
    {
        var result = GradientCheck.Run(layer, x, random);
        if (!(result.WorstRelativeError <= Worst))
        {
            Assert.Fail(result.ToString());
        }
    }

    /// <summary>
    /// Values in random order, each half from the next: none ties another within the step of the check, nor makes a variance near 0.
    /// </summary>
    private static Matrix<double> Apart(int rows, int columns, Random random)
    {
        double[] values = [.. Enumerable.Range(0, rows * columns).Select(i => (0.5 * i) - (0.25 * rows * columns))];
        random.Shuffle(values);
        return Matrix<double>.Build.Dense(rows, columns, values);
    }

    /// <summary>
    /// A finite difference across a kink measures no derivative: no Relu may see a value near 0, no Mae or Huber a
    /// distance near 0 or 1, no pool a window with two greatest values.
    /// </summary>
    private static bool IsClearOfKinks(Layer[] layers, string loss, Matrix<double> distance) =>
        layers.OfType<ActivationLayer>().All(layer =>
            s_kinks.GetValueOrDefault(layer.Function!.Name, []).All(kink => layer.Input!.ForAll(v => Math.Abs(v - kink) > 0.01)))
        && layers.OfType<MaxPoolLayer>().All(pool => Windows(pool).All(window => window[0] - window[1] > 0.004 || window[0] == 0))
        && (loss is not ("Mae" or "Huber") || distance.Enumerate().All(d => Math.Abs(d) > 0.01 && Math.Abs(Math.Abs(d) - 1) > 0.01));

    /// <summary>The values of each window, the greatest first.</summary>
    private static IEnumerable<double[]> Windows(MaxPoolLayer pool) =>
        from plane in Enumerable.Range(0, pool.InputShape.Depth)
        from row in Enumerable.Range(0, pool.OutputShape.Height)
        from column in Enumerable.Range(0, pool.OutputShape.Width)
        select pool.Input!
            .SubMatrix(
                row * pool.Stride.Rows,
                pool.PoolShape.Rows,
                (plane * pool.InputShape.Width) + (column * pool.Stride.Columns),
                pool.PoolShape.Columns)
            .Enumerate().OrderDescending().ToArray();
}
