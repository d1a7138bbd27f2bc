using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet;

Matrix<double>[] x = [Row(0, 0), Row(0, 1), Row(1, 0), Row(1, 1)];
Matrix<double>[] y = [Row(0), Row(1), Row(1), Row(0)];

var random = new Xoshiro256StarStar(2);
Network net = new Network()
    .Add(new FCLayer(2, 3, random: random))
    .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
    .Add(new FCLayer(3, 1, random: random))
    .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
net.Use(Losses.Mse, Losses.MsePrime);
net.Fit(x, y, epochs: 1000, learningRate: 0.1);

IReadOnlyList<Matrix<double>> predictions = net.Predict(x);
bool solved = true;
for (int i = 0; i < x.Length; i++)
{
    double expected = y[i][0, 0];
    double predicted = predictions[i][0, 0];
    solved &= Math.Abs(predicted - expected) < 0.25;
    Console.WriteLine($"{x[i][0, 0]} xor {x[i][0, 1]} = {predicted:F6}, expected {expected}");
}

Console.WriteLine(solved ? "OK" : "XOR was not learnt");
return solved ? 0 : 1;

static Matrix<double> Row(params double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);
