using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx;

/// <summary>The functions of <see cref="Activations"/> by name.</summary>
internal static class BuiltInActivation
{
    private static readonly (string Name, Func<Matrix<double>, Matrix<double>> Function, Func<Matrix<double>, Matrix<double>> Prime)[] s_all =
    [
        ("Tanh", Activations.Tanh, Activations.TanhPrime),
        ("Sigmoid", Activations.Sigmoid, Activations.SigmoidPrime),
        ("Relu", Activations.Relu, Activations.ReluPrime),
        ("LeakyRelu", Activations.LeakyRelu, Activations.LeakyReluPrime),
        ("Elu", Activations.Elu, Activations.EluPrime),
        ("Softplus", Activations.Softplus, Activations.SoftplusPrime),
        ("Swish", Activations.Swish, Activations.SwishPrime),
        ("Gelu", Activations.Gelu, Activations.GeluPrime),
        ("Linear", Activations.Linear, Activations.LinearPrime),
    ];

    /// <exception cref="NotSupportedException">The activation is a user's own.</exception>
    public static string NameOf(ActivationLayer layer) =>
        Array.Find(s_all, entry => entry.Function == layer.Activation).Name
        ?? throw new NotSupportedException(
            $"ONNX has no operator for {layer}, whose function is not the library's own. Take one of the class Activations, or export a network without it.");

    public static ActivationLayer Make(string name)
    {
        var (_, function, prime) = Array.Find(s_all, entry => entry.Name == name);
        return new ActivationLayer(function, prime);
    }
}
