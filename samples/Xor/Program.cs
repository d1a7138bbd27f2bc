using System.CommandLine;
using System.CommandLine.Invocation;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet;

var seed = new Option<int>("--seed") { Description = "Where the initial weights are drawn from; about 7 seeds in 10 solve it", DefaultValueFactory = _ => 2 };
var command = new RootCommand("The article's XOR: a 2-3-1 network learns exclusive or.") { seed };
command.SetAction(arguments => Xor(new Xoshiro256StarStar(arguments.GetValue(seed))));
var parsed = command.Parse(args);
if (parsed.Action is not ParseErrorAction) return parsed.Invoke();
Console.Error.WriteLine(string.Join(' ', parsed.Errors.Select(error => error.Message)));
return 1;

static void Xor(Random random)
{
    // training data
    Matrix<double>[] xTrain = [Row(0, 0), Row(0, 1), Row(1, 0), Row(1, 1)];
    Matrix<double>[] yTrain = [Row(0), Row(1), Row(1), Row(0)];

    // network
    var net = new Network();
    net.Add(new FCLayer(2, 3, random: random));
    net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
    net.Add(new FCLayer(3, 1, random: random));
    net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));

    // train
    net.Use(Losses.Mse, Losses.MsePrime);
    net.Fit(xTrain, yTrain, epochs: 1000, learningRate: 0.1, new SynchronousProgress<EpochReport>(Console.WriteLine));

    // test
    var predictions = net.Predict(xTrain);
    Console.WriteLine($"[{string.Join(", ", predictions.Select(y => FormattableString.Invariant($"array([[{y[0, 0]:F8}]])")))}]");
}

static Matrix<double> Row(params double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);
