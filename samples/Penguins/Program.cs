using System.Globalization;
using NeuralNet;
using NeuralNet.Data;
using nietras.SeparatedValues;

string[] measures = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"];
var islands = new LabelEncoder(["Biscoe", "Dream", "Torgersen"]);
double[] Inputs(string island, IEnumerable<double> numbers) => [.. numbers, .. islands.OneHot(island)];

AppDomain.CurrentDomain.UnhandledException += (_, what) =>                                          // a wrong word, or nothing to load yet
{
    Console.Error.WriteLine($"{((Exception)what.ExceptionObject).Message} Say nothing, a seed, or: predict ISLAND and four numbers.");
    Environment.Exit(1);
};

if (args is ["predict", var place, .. { Length: 4 } words])
{
    double[] inputs = Inputs(place, words.Select(word => double.Parse(word, CultureInfo.InvariantCulture)));
    var probabilities = Network.Load("penguins.safetensors").PredictProbabilities(Samples.FromRows([inputs])[0]);
    int label = Labels.ArgMax(probabilities);
    Console.WriteLine($"{LabelEncoder.Load("species.json").Decode(label)}, with probability {probabilities[0, label]:P1}");
    return;
}

int seed = int.Parse(args is [] ? "1" : string.Join(' ', args), CultureInfo.InvariantCulture);
using var file = Sep.Reader().FromFile(Path.Combine(AppContext.BaseDirectory, "penguins.csv"));    // see README.md
var penguins = file.Enumerate(row => (
    Species: row["species"].ToString(), Island: row["island"].ToString(), Numbers: row[measures].TryParse<double>().ToArray()))
    .Where(penguin => penguin.Numbers.All(number => number.HasValue)).ToList();                     // two have none, but NA

var species = LabelEncoder.Of(penguins.Select(penguin => penguin.Species));
var x = Samples.FromRows(penguins, penguin => Inputs(penguin.Island, penguin.Numbers.Select(number => number!.Value)));
var (train, test) = Split.TrainTest(x, species.OneHot(penguins.Select(penguin => penguin.Species)), 0.25, seed, stratify: true);

var net = new Network { InitialSeed = seed };
net.Add(new NormalizationLayer(7).Adapt(train.X));                                                  // raw numbers go in
net.Add(new FCLayer(7, 16, Initializer.GlorotUniform));
net.Add(new ActivationLayer(ActivationFunction.Tanh));
net.Add(new FCLayer(16, 3, Initializer.GlorotUniform)).Use(LossFunction.SoftmaxCrossEntropy);
var progress = new SynchronousProgress<EpochReport>(Console.WriteLine);
var options = new FitOptions { Epochs = 30, BatchSize = 16, Optimizer = new Adam(0.01), Shuffle = true, Seed = seed, Progress = progress };
net.Fit(train.X, train.Y, options);

Console.WriteLine($"\n{ClassificationReport.Of(test.Y, net.Predict(test.X), species.Names)}");
Console.WriteLine($"\n{ConfusionMatrix.Of(test.Y, net.Predict(test.X), species.Names)}");
net.Save("penguins.safetensors");
species.Save("species.json");
