using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet;
using NeuralNet.Data;
using NeuralNet.Kernels;
using NeuralNet.Onnx;

var (train, test) = Mnist.Load(Path.Combine(AppContext.BaseDirectory, "digits"));     // see ../Mnist/digits/README.md
var flatten = new FlattenLayer();
Matrix<double>[] xTrain = [.. train.Images.Select(flatten.Predict)];                  // 4000 of 1 x 784, values in [0, 1]
Matrix<double>[] xTest = [.. test.Images.Select(flatten.Predict)];
var yTrain = Labels.OneHot(train.Labels, 10);                                         // 4000 of 1 x 10

var random = new Xoshiro256StarStar(1);
var net = new Network();
net.Add(new FCLayer(784, 64, Initializer.HeUniform, random));                         // 1 x 784  ->  1 x 64
net.Add(new ActivationLayer(ActivationFunction.Relu));
net.Add(new ResidualLayer([new GatedLayer(64, 64, random)]));                         // 1 x 64   ->  1 x 64, ours
net.Add(new ResidualLayer([new GatedLayer(64, 64, random)]));
net.Add(new FCLayer(64, 10, Initializer.GlorotUniform, random));                      // 1 x 64   ->  1 x 10, logits
net.Use(LossFunction.SoftmaxCrossEntropy);
Console.WriteLine(net.Summary());

var check = GradientCheck.Run(new GatedLayer(5, 3, random), Matrix<double>.Build.Dense(1, 5, (_, j) => j - 2));
Console.WriteLine($"worst relative error of the layer's gradients: {check.WorstRelativeError:E1}");

net.Fit(xTrain, yTrain, new FitOptions
{
    Epochs = 10,
    BatchSize = 32,
    Optimizer = new Adam(0.001),
    Shuffle = true,
    Seed = 1,
    Progress = new SynchronousProgress<EpochReport>(Console.WriteLine),
});
Console.WriteLine($"test accuracy {net.Evaluate(xTest, Labels.OneHot(test.Labels, 10), Metric.Accuracy)[Metric.Accuracy]:P2}");

// A file knows the layer by the name that the registry gives it; its parameters are stored and copied back.
LayerRegistry registry = new LayerRegistry().Add(
    "gated",
    save: (GatedLayer layer) => $"{layer.Inputs} {layer.Outputs}",
    load: text => text.Split(' ') is [var n, var m] ? new GatedLayer(int.Parse(n), int.Parse(m)) : throw new FormatException(text));
net.Save("gated.safetensors", registry);
Console.WriteLine($"saved: gated.safetensors, loaded: {Network.Load("gated.safetensors", registry)}");

// ONNX knows it by its formula.
net.ExportOnnx("gated.onnx", new OnnxExportOptions().Add<GatedLayer>((layer, graph) =>
{
    string product = graph.AddNode("MatMul", [graph.Value, graph.AddConstant("Weights", layer.Parameters[0].Value)]);
    string both = graph.AddNode("Add", [product, graph.AddConstant("Bias", layer.Parameters[1].Value)]);
    string Half(string name, long from, long to) => graph.AddNode(
        "Slice", [both, graph.AddConstant($"{name}From", [from]), graph.AddConstant($"{name}To", [to]), graph.AddConstant("Axis", [1L])]);
    string gate = graph.AddNode("Sigmoid", [Half("Gate", layer.Outputs, 2 * layer.Outputs)]);
    graph.AddNode("Mul", [Half("Linear", 0, layer.Outputs), gate]);
    graph.SetRow(layer.Outputs);
}));
Console.WriteLine("exported: gated.onnx");

/// <summary>A gated linear unit: one half of a product says how much of the other half passes.</summary>
/// <remarks>
/// <para>[A C] = XW + B, G = 1 / (1 + e⁻ᶜ), Y = A ∘ G, with ∘ the product value by value.</para>
/// <para>dE/dA = dE/dY ∘ G, dE/dC = dE/dY ∘ A ∘ G ∘ (1 - G), and from these dE/dX, dE/dW and dE/dB as in a fully connected layer.</para>
/// <para>X is 1 x inputs, Y is 1 x outputs, W is inputs x (2 * outputs). Yann Dauphin et al., Language modeling with gated convolutional
/// networks, 2017.</para>
/// </remarks>
internal sealed class GatedLayer : BatchLayer
{
    private readonly Parameter _weights, _bias;

    public GatedLayer(int inputs, int outputs, Random? random = null)
    {
        (Inputs, Outputs) = (inputs, outputs);
        double range = Math.Sqrt(3.0 / inputs);
        double Draw() => ((2 * (random ?? Random.Shared).NextDouble()) - 1) * range;
        _weights = new("Weights", Matrix<double>.Build.Dense(inputs, 2 * outputs, (_, _) => Draw()));
        _bias = new("Bias", Matrix<double>.Build.Dense(1, 2 * outputs));
        Parameters = [_weights, _bias];
    }

    public int Inputs { get; }

    public int Outputs { get; }

    public override IReadOnlyList<Parameter> Parameters { get; }

    protected override string Name => $"GatedLayer({Inputs} -> {Outputs})";

    protected override Shape? ExpectedInput => Shape.Row(Inputs);

    protected override int GradientColumns => 2 * Outputs;                            // in so many parts threads may share the gradients

    protected override bool LearnsOnTheWayBack => true;                               // AddGradients reads what Backward keeps

    protected override Shape GetOutputShape(Shape input) => input == Shape.Row(Inputs)
        ? Shape.Row(Outputs)
        : throw new ArgumentException($"{Name} expects a 1 x {Inputs} input, but got {input}. Add an FCLayer before it.");

    protected override int KeptPerSample(Shape input) => 2 * Outputs;                 // A and G, then dE/dA and dE/dC

    protected override long MultiplyAdds(Shape input) => 2L * Inputs * Outputs;

    protected override void Forward(ForwardPass pass)
    {
        BatchProducts.RowsTimesMatrix(pass.Input, pass.Count, Values(_weights), Values(_bias), pass.Kept);
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var a = pass.KeptOf(sample)[..Outputs];
            var g = pass.KeptOf(sample)[Outputs..];
            TensorPrimitives.Sigmoid(g, g);
            TensorPrimitives.Multiply(a, g, pass.OutputOf(sample));
        }
    }

    protected override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var error = pass.OutputErrorOf(sample);
            var a = pass.KeptOf(sample)[..Outputs];
            var g = pass.KeptOf(sample)[Outputs..];
            for (int j = 0; j < Outputs; j++)
            {
                (a[j], g[j]) = (error[j] * g[j], error[j] * a[j] * g[j] * (1 - g[j]));
            }
        }

        if (pass.WantsInputError)
        {
            BatchProducts.InputErrors(pass.Kept, pass.Count, Values(_weights), pass.InputError);
        }
    }

    protected override void AddGradients(GradientPass pass)
    {
        BatchProducts.AddOuters(pass.Input, pass.Kept, pass.Count, Inputs, 2 * Outputs, pass.From, pass.To, pass.Gradient(0));
        BatchProducts.AddColumnSums(pass.Kept, pass.Count, 2 * Outputs, pass.From, pass.To, pass.Gradient(1));
    }

    private static Span<double> Values(Parameter parameter) => parameter.Value.AsColumnMajorArray();
}
