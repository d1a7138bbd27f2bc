using MathNet.Numerics.Random;
using NeuralNet;
using NeuralNet.Data;

var (train, test) = Mnist.Load(Path.Combine(AppContext.BaseDirectory, "digits"));     // see ../Mnist/digits/README.md
var xTrain = train.Images;                                                            // 4000 of 28 x 28, values in [0, 1]
var yTrain = Labels.OneHot(train.Labels, 10);                                         // 4000 of 1 x 10
var xTest = test.Images;
var yTest = Labels.OneHot(test.Labels, 10);

// A relative of LeCun's LeNet (1998). An image of D planes is height x (width * D), the planes side by side.
var random = new Xoshiro256StarStar(1);
var net = new Network();
net.Add(new ConvLayer((28, 28, 1), (5, 5), 8, Initializer.HeUniform, random));        // 28 x 28        ->  24 x (24 * 8)
net.Add(new BatchNormLayer((24, 24, 8)));
net.Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime));
net.Add(new MaxPoolLayer((24, 24, 8), (2, 2)));                                       // 24 x (24 * 8)  ->  12 x (12 * 8)
net.Add(new ConvLayer((12, 12, 8), (5, 5), 16, Initializer.HeUniform, random));       // 12 x (12 * 8)  ->  8 x (8 * 16)
net.Add(new BatchNormLayer((8, 8, 16)));
net.Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime));
net.Add(new MaxPoolLayer((8, 8, 16), (2, 2)));                                        // 8 x (8 * 16)   ->  4 x (4 * 16)
net.Add(new FlattenLayer());                                                          // 4 x (4 * 16)   ->  1 x 256
net.Add(new DropoutLayer(0.25));
net.Add(new FCLayer(4 * 4 * 16, 10, Initializer.HeUniform, random));                  // 1 x 256        ->  1 x 10, logits
net.Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
Console.WriteLine(net.Summary());

var history = net.Fit(xTrain, yTrain, new FitOptions
{
    Epochs = 30,
    BatchSize = 32,
    Optimizer = new Adam(0.001),
    Shuffle = true,
    Seed = 1,                                                                         // of the order, the split and dropout
    ValidationSplit = 0.1,                                                            // 400 digits are not trained on
    Metrics = [Metric.Accuracy],
    EarlyStopping = new EarlyStopping { Patience = 3 },                               // ends with the best epoch's weights
    Progress = new SynchronousProgress<EpochReport>(Console.WriteLine),
});
Console.WriteLine(history.StopMessage);
Console.WriteLine($"test accuracy {net.Evaluate(xTest, yTest, Metric.Accuracy)[Metric.Accuracy]:P2}");

var softmax = new SoftmaxLayer();
foreach (var (logits, label) in net.Predict([.. xTest.Take(3)]).Zip(test.Labels))     // 1 x 10 each
{
    var probabilities = softmax.Predict(logits);
    int digit = Labels.ArgMax(probabilities);
    Console.WriteLine($"a {label} is taken for a {digit}, with probability {probabilities[0, digit]:P1}");
}

net.Save("lenet.safetensors");                                                        // Network.Load reads it back
Console.WriteLine("saved: lenet.safetensors");
