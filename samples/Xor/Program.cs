using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet;

// training data
Matrix<double>[] xTrain = [Row(0, 0), Row(0, 1), Row(1, 0), Row(1, 1)];
Matrix<double>[] yTrain = [Row(0), Row(1), Row(1), Row(0)];

// network
var random = new Xoshiro256StarStar(2);                                 // about 7 seeds in 10 solve it
var net = new Network();
net.Add(new FCLayer(2, 3, random: random));                             // 1 x 2  ->  1 x 3
net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
net.Add(new FCLayer(3, 1, random: random));                             // 1 x 3  ->  1 x 1
net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));

// train
net.Use(Losses.Mse, Losses.MsePrime);
net.Fit(xTrain, yTrain, epochs: 1000, learningRate: 0.1, new SynchronousProgress<EpochReport>(Console.WriteLine));

// test
foreach (var y in net.Predict(xTrain))
{
    Console.WriteLine($"{y[0, 0]:F3}");
}

static Matrix<double> Row(params double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);
