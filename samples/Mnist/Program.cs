using MathNet.Numerics.Random;
using NeuralNet;
using NeuralNet.Data;

if (args.Length > 0)
{
    Console.Error.WriteLine("samples/Mnist takes no arguments. samples/MnistApp has commands and options.");
    Environment.Exit(1);
}

// Handwritten digits, 28 x 28 pixels, in MNIST's files; see digits/README.md. For MNIST itself: Mnist.Load(Mnist.Download()).
var (train, test) = Mnist.Load(Path.Combine(AppContext.BaseDirectory, "digits"));

// training data: the first 1000 digits, as in the article; more take longer
train = train.Take(1000);
var xTrain = train.Rows;                                                // 1000 of 1 x 784, values in [0, 1]
var yTrain = Labels.OneHot(train.Labels, 10);                           // 1000 of 1 x 10, a 1 at the digit's place

// test data
var xTest = test.Rows;                                                  // 1000 of 1 x 784
var yTest = Labels.OneHot(test.Labels, 10);                             // 1000 of 1 x 10

// network
var random = new Xoshiro256StarStar(1);                                 // the same seed draws the same weights
var net = new Network();
net.Add(new FCLayer(28 * 28, 100, random: random));                     // input_shape=(1, 28*28)   ;   output_shape=(1, 100)
net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
net.Add(new FCLayer(100, 50, random: random));                          // input_shape=(1, 100)     ;   output_shape=(1, 50)
net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
net.Add(new FCLayer(50, 10, random: random));                           // input_shape=(1, 50)      ;   output_shape=(1, 10)
net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));

// train
net.Use(Losses.Mse, Losses.MsePrime);
net.Fit(xTrain, yTrain, epochs: 35, learningRate: 0.1, new SynchronousProgress<EpochReport>(Console.WriteLine));

// test on 3 samples
Console.WriteLine("\npredicted values :");
foreach (var y in net.Predict([.. xTest.Take(3)]))
{
    Console.Write(y.ToMatrixString(1, 10, "F3"));                       // 1 x 10
}

Console.WriteLine("true values :");
foreach (var y in yTest.Take(3))
{
    Console.Write(y.ToMatrixString(1, 10));
}

// and on all of them
Console.WriteLine($"test accuracy {net.Evaluate(xTest, yTest, Metric.Accuracy)[Metric.Accuracy]:P2}");

net.Save("mnist.safetensors");
Console.WriteLine("saved: mnist.safetensors");                          // Network.Load reads it back
