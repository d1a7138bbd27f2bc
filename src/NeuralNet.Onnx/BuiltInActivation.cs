namespace NeuralNet.Onnx;

/// <summary>The library's own activations by name.</summary>
internal static class BuiltInActivation
{
    private static readonly ActivationFunction[] s_all =
    [
        ActivationFunction.Tanh,
        ActivationFunction.Sigmoid,
        ActivationFunction.Relu,
        ActivationFunction.LeakyRelu,
        ActivationFunction.Elu,
        ActivationFunction.Softplus,
        ActivationFunction.Swish,
        ActivationFunction.Gelu,
        ActivationFunction.Linear,
    ];

    /// <exception cref="NotSupportedException">The activation is a user's own.</exception>
    public static string NameOf(ActivationLayer layer) =>
        Array.Find(s_all, function => function == layer.Function)?.Name
        ?? throw new NotSupportedException(
            $"ONNX has no operator for {layer}, whose function is not the library's own. Take one of the class Activations, or export a network without it.");

    public static ActivationLayer Make(string name) => new(Array.Find(s_all, function => function.Name == name)!);
}
