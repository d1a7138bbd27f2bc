using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet;
using NeuralNet.Onnx;

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

if (!solved)
{
    Console.WriteLine("XOR was not learnt");
    return 1;
}

// mini-batches, a checkpoint and a model file: what must work without reflection too
string folder = Directory.CreateTempSubdirectory().FullName;
try
{
    string path = Path.Combine(folder, "run.safetensors");
    net.Fit(x, y, Options(epochs: 3, path));
    var resumed = Network.Load(path).Fit(x, y, Options(epochs: 6, path));
    net.Fit(x, y, Options(epochs: 6, path));
    net.Save(path);
    net.ExportOnnx(path + ".onnx", new OnnxExportOptions { DataType = OnnxDataType.Float64 });
    bool same = Same(Network.Load(path)) && Same(Network.ImportOnnx(path + ".onnx")) && resumed.Losses.Count == 6;
    Console.WriteLine(same ? "OK" : "what was loaded is another network");
    return same ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

bool Same(Network other) => other.Predict(x).Zip(net.Predict(x)).All(pair => pair.First[0, 0] == pair.Second[0, 0]);

static FitOptions Options(int epochs, string path) => new()
{
    Epochs = epochs,
    BatchSize = 2,
    Optimizer = new Adam(),
    Seed = 1,
    Metrics = [Metric.R2],
    Checkpoint = new Checkpoint(path) { Resume = true },
};

static Matrix<double> Row(params double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);
