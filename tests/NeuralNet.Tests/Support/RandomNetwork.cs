using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Support;

/// <summary>
/// The recipe of a random network of built-in layers whose shapes fit, and of samples for it: made twice, it gives twins.
/// </summary>
/// <param name="Image">The input's height, width and depth; a row of width values where height and depth are 1.</param>
/// <param name="Steps">The layers on images, each cut to what is left of the image.</param>
/// <param name="Sizes">The outputs of each FCLayer; where there is none the network gives an image.</param>
/// <param name="Activations">Which activation follows each layer.</param>
/// <param name="Loss">Which loss; the last one brings a SoftmaxLayer with it.</param>
/// <param name="Wrapped">Whether activations and loss are wrapped into functions of a user, which the library cannot recognise.</param>
/// <param name="Seed">Seeds weights and samples.</param>
internal sealed record RandomNetwork(
    (int Height, int Width, int Depth) Image, ImageStep[] Steps, int[] Sizes, int[] Activations, int Loss, bool Wrapped, int Seed)
{
    private static readonly (Func<Matrix<double>, Matrix<double>> Function, Func<Matrix<double>, Matrix<double>> Prime)[] s_activations =
    [
        (NeuralNet.Activations.Tanh, NeuralNet.Activations.TanhPrime),
        (NeuralNet.Activations.Sigmoid, NeuralNet.Activations.SigmoidPrime),
        (NeuralNet.Activations.Relu, NeuralNet.Activations.ReluPrime),
        (NeuralNet.Activations.LeakyRelu, NeuralNet.Activations.LeakyReluPrime),
        (NeuralNet.Activations.Elu, NeuralNet.Activations.EluPrime),
        (NeuralNet.Activations.Softplus, NeuralNet.Activations.SoftplusPrime),
        (NeuralNet.Activations.Swish, NeuralNet.Activations.SwishPrime),
        (NeuralNet.Activations.Gelu, NeuralNet.Activations.GeluPrime),
        (NeuralNet.Activations.Linear, NeuralNet.Activations.LinearPrime),
    ];

    private static readonly (Loss Loss, LossPrime Prime)[] s_losses =
    [
        (Losses.Mse, Losses.MsePrime),
        (Losses.Mae, Losses.MaePrime),
        (Losses.Huber, Losses.HuberPrime),
        (Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime),
        (Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime),
    ];

    /// <summary>Networks of layers that may be mixed with any layer of a user.</summary>
    public static Gen<RandomNetwork> Any { get; } = Of(ImageStep.Any);

    /// <summary>
    /// Networks that give the same whether samples pass together or one by one: a DropoutLayer draws its masks once for each batch.
    /// </summary>
    public static Gen<RandomNetwork> WithoutDropout { get; } = Of(ImageStep.WithoutDropout);

    /// <summary>
    /// Networks with batch norm among their layers, which no layer with the article's two methods may share a network with.
    /// </summary>
    public static Gen<RandomNetwork> WithBatchNorm { get; } = Of(ImageStep.OrBatchNorm);

    /// <summary>Whether DropoutLayers have generators of their own, which nothing can save.</summary>
    public bool OwnRandom { get; init; } = true;

    public (Loss Loss, LossPrime Prime) Criterion
    {
        get
        {
            var (loss, prime) = s_losses[Loss];
            return Wrapped ? ((yTrue, yPred) => loss(yTrue, yPred), (yTrue, yPred) => prime(yTrue, yPred)) : (loss, prime);
        }
    }

    /// <summary>Whether the output is rows of a single value, of which no loss over classes learns anything.</summary>
    public bool GivesOneValue =>
        Make().Predict(Matrix<double>.Build.Dense(Image.Height, Image.Width * Image.Depth)) is { ColumnCount: 1 };

    /// <summary>Whether the output is an image of several planes, whose rows are no classes.</summary>
    public bool GivesPlanes =>
        LayerTree.OutputShape(Make().Layers, new Shape(Image.Height, Image.Width, Image.Depth)) is { Rows: > 1, Depth: > 1 };

    private bool OfClasses => s_losses[Loss].Loss == Losses.SoftmaxCrossEntropy || s_losses[Loss].Loss == Losses.CategoricalCrossEntropy;

    public Network Make()
    {
        var random = Draw.Seeded(Seed);
        var network = new Network();
        var shape = Image;
        int place = 0;
        foreach (var step in Steps)
        {
            if (step.Make(shape, random, OwnRandom) is { } layer)
            {
                shape = ImageStep.OutputShape(layer) ?? shape;
                AddActivation(network.Add(layer), place++);
            }
        }

        bool endsInSoftmaxOfPlanes = s_losses[Loss].Loss == Losses.CategoricalCrossEntropy && shape is { Height: > 1, Depth: > 1 };
        if (Sizes.Length > 0 || network.Layers.Count == 0 || endsInSoftmaxOfPlanes)
        {
            bool known = network.Layers.Any(layer => layer is BatchNormLayer || ImageStep.OutputShape(layer) is not null);
            network.Add(known ? new FlattenLayer() : new FlattenLayer(shape.Depth));
            int size = shape.Height * shape.Width * shape.Depth;
            foreach (int next in Sizes)
            {
                AddActivation(network.Add(new FCLayer(size, next, random: random)), place++);
                size = next;
            }
        }

        if (s_losses[Loss].Loss == Losses.CategoricalCrossEntropy)
        {
            network.Add(new SoftmaxLayer());
        }

        return network.Use(Criterion.Loss, Criterion.Prime);
    }

    public (Matrix<double>[] X, Matrix<double>[] Y) Samples(int count)
    {
        var random = Draw.Seeded(~Seed);
        var x = Draw.Matrices(count, Image.Height, Image.Width * Image.Depth, random);
        var output = Make().Predict(x[0]);
        var y = Draw.Matrices(count, output.RowCount, output.ColumnCount, random);
        return (x, OfClasses ? [.. y.Select(new SoftmaxLayer().Predict)] : y);
    }

    public override string ToString() =>
        $"{Make()} loss {Loss} wrapped {Wrapped} seed {Seed} image {Image} activations {string.Join(' ', Activations)}";

    private static Gen<RandomNetwork> Of(Gen<ImageStep> step) =>
        from image in Gen.Select(Gen.Int[1, 6], Gen.Int[1, 6], Gen.Int[1, 3])
        from steps in step.Array[0, 3]
        from sizes in Gen.Int[1, 6].Array[0, 2]
        from activations in Gen.Int[-1, s_activations.Length - 1].Array[5]
        from loss in Gen.Int[0, s_losses.Length - 1]
        from wrapped in Gen.Bool
        from seed in Gen.Int
        select OfSeveralClasses(new RandomNetwork(image, steps, sizes, activations, loss, wrapped, seed));

    /// <summary>Of one class nothing is learnt, and Fit refuses it.</summary>
    private static RandomNetwork OfSeveralClasses(RandomNetwork network) =>
        network.OfClasses && network.GivesOneValue ? network with { Loss = 0 } : network;

    private void AddActivation(Network network, int place)
    {
        if (Activations[place] < 0)
        {
            return;
        }

        var (function, prime) = s_activations[Activations[place]];
        network.Add(Wrapped ? new ActivationLayer(x => function(x), x => prime(x)) : new ActivationLayer(function, prime));
    }
}
