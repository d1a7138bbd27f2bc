using System.Security.Cryptography;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet;

// usage: NeuralNet.Trainee EPOCHS CHECKPOINT
// Trains from the checkpoint where there is one, as a process that a test may kill at any time; a line for each epoch, and the hash of all
// weights at the end.
var random = new Xoshiro256StarStar(3);
var network = new Network()
    .Add(new FCLayer(20, 200, Initializer.HeUniform, random))
    .Add(new BatchNormLayer(200))
    .Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime))
    .Add(new DropoutLayer(0.2))
    .Add(new FCLayer(200, 200, Initializer.HeUniform, random))
    .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
    .Add(new FCLayer(200, 2, random: random))
    .Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
Matrix<double>[] x = [.. Enumerable.Range(0, 200).Select(_ => Matrix<double>.Build.Dense(1, 20, (_, _) => random.NextDouble() - 0.5))];
var y = NeuralNet.Data.Labels.OneHot([.. x.Select(one => one[0, 0] * one[0, 1] > 0 ? 1 : 0)], 2);

var optimizer = new Adam(0.005);
var history = network.Fit(x, y, new FitOptions
{
    Epochs = int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture),
    BatchSize = 16,
    Optimizer = optimizer,
    Schedule = Schedule.Exponential(0.95),
    Shuffle = true,
    Seed = 5,
    ValidationSplit = 0.25,
    Metrics = [Metric.Accuracy],
    EarlyStopping = new EarlyStopping { Patience = 1000 },
    Checkpoint = new Checkpoint(args[1]) { Resume = true, KeepBest = true },
    Progress = new SynchronousProgress<EpochReport>(report =>
    {
        Console.WriteLine(report);
        optimizer.ClipNorm = report.Epoch % 5 == 0 ? 1.0 / report.Epoch : optimizer.ClipNorm;
    }),
});

using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
using (var stream = new MemoryStream())
{
    network.Save(stream);
    hash.AppendData(stream.ToArray());
}

foreach (double value in history.Losses.Concat(history.ValidationLosses))
{
    hash.AppendData(BitConverter.GetBytes(value));
}

Console.WriteLine($"hash {Convert.ToHexString(hash.GetHashAndReset())}");
