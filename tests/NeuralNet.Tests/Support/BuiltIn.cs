using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>The library's activations and losses by name, for tables of tests.</summary>
internal static class BuiltIn
{
    public static readonly IReadOnlyDictionary<string, (
        Func<Matrix<double>, Matrix<double>> Function, Func<Matrix<double>, Matrix<double>> Prime)> Activation =
        new Dictionary<string, (Func<Matrix<double>, Matrix<double>>, Func<Matrix<double>, Matrix<double>>)>
        {
            ["Tanh"] = (Activations.Tanh, Activations.TanhPrime),
            ["Sigmoid"] = (Activations.Sigmoid, Activations.SigmoidPrime),
            ["Relu"] = (Activations.Relu, Activations.ReluPrime),
            ["LeakyRelu"] = (Activations.LeakyRelu, Activations.LeakyReluPrime),
            ["Relu6"] = (Activations.Relu6, Activations.Relu6Prime),
            ["Elu"] = (Activations.Elu, Activations.EluPrime),
            ["Selu"] = (Activations.Selu, Activations.SeluPrime),
            ["Softplus"] = (Activations.Softplus, Activations.SoftplusPrime),
            ["Swish"] = (Activations.Swish, Activations.SwishPrime),
            ["Mish"] = (Activations.Mish, Activations.MishPrime),
            ["Gelu"] = (Activations.Gelu, Activations.GeluPrime),
            ["HardSigmoid"] = (Activations.HardSigmoid, Activations.HardSigmoidPrime),
            ["HardSwish"] = (Activations.HardSwish, Activations.HardSwishPrime),
            ["Linear"] = (Activations.Linear, Activations.LinearPrime),
        };

    public static readonly IReadOnlyDictionary<string, (Loss Loss, LossPrime Prime)> Loss = new Dictionary<string, (Loss, LossPrime)>
    {
        ["Mse"] = (Losses.Mse, Losses.MsePrime),
        ["Mae"] = (Losses.Mae, Losses.MaePrime),
        ["Huber"] = (Losses.Huber, Losses.HuberPrime),
        ["BinaryCrossEntropy"] = (Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime),
        ["BinaryCrossEntropyFromLogits"] = (Losses.BinaryCrossEntropyFromLogits, Losses.BinaryCrossEntropyFromLogitsPrime),
        ["SoftmaxCrossEntropy"] = (Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime),
        ["CategoricalCrossEntropy"] = (Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime),
    };

    public static ActivationLayer Layer(string activation) => new(Activation[activation].Function, Activation[activation].Prime);
}
