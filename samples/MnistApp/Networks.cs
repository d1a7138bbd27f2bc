using NeuralNet;

namespace MnistApp;

/// <summary>The networks of this sample, each with an output for every digit.</summary>
internal static class Networks
{
    /// <summary>The article's fully connected network.</summary>
    public static Network FullyConnected(Random random)
    {
        var net = new Network();
        net.Add(new FCLayer(28 * 28, 100, random: random));                             // 1 x 784  ->  1 x 100
        net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        net.Add(new FCLayer(100, 50, random: random));                                  // 1 x 100  ->  1 x 50
        net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        net.Add(new FCLayer(50, 10, random: random));                                   // 1 x 50   ->  1 x 10
        net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        return net.Use(Losses.Mse, Losses.MsePrime);
    }

    /// <summary>The article's convolutional network.</summary>
    public static Network Convolutional(Random random)
    {
        var net = new Network();
        net.Add(new ConvLayer((28, 28, 1), (3, 3), 1, random: random));                 // 28 x 28  ->  26 x 26
        net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        net.Add(new FlattenLayer());                                                    // 26 x 26  ->  1 x 676
        net.Add(new FCLayer(26 * 26 * 1, 100, random: random));                         // 1 x 676  ->  1 x 100
        net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        net.Add(new FCLayer(100, 10, random: random));                                  // 1 x 100  ->  1 x 10
        net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        return net.Use(Losses.Mse, Losses.MsePrime);
    }

    /// <summary>A multi-layer perceptron: one hidden layer, and logits that the loss makes probabilities of.</summary>
    public static Network Mlp(Random random)
    {
        var net = new Network();
        net.Add(new FCLayer(28 * 28, 128, Initializer.HeUniform, random));              // 1 x 784  ->  1 x 128
        net.Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime));
        net.Add(new FCLayer(128, 10, Initializer.HeUniform, random));                   // 1 x 128  ->  1 x 10
        return net.Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
    }

    /// <summary>A small relative of LeCun's LeNet (1998): two convolutions, each with its pooling, and logits.</summary>
    public static Network LeNet(Random random)
    {
        var net = new Network();
        net.Add(new ConvLayer((28, 28, 1), (5, 5), 8, Initializer.LeCunNormal, random));  // 28 x 28        ->  24 x (24 * 8)
        net.Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime));
        net.Add(new MaxPoolLayer((24, 24, 8), (2, 2)));                                   // 24 x (24 * 8)  ->  12 x (12 * 8)
        net.Add(new ConvLayer((12, 12, 8), (5, 5), 16, Initializer.LeCunNormal, random)); // 12 x (12 * 8)  ->  8 x (8 * 16)
        net.Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime));
        net.Add(new MaxPoolLayer((8, 8, 16), (2, 2)));                                    // 8 x (8 * 16)   ->  4 x (4 * 16)
        net.Add(new FlattenLayer());                                                      // 4 x (4 * 16)   ->  1 x 256
        net.Add(new FCLayer(4 * 4 * 16, 10, Initializer.LeCunNormal, random));            // 1 x 256        ->  1 x 10
        return net.Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
    }
}
