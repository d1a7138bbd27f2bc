using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Represents a function f for <see cref="ActivationLayer"/>: its name, f and its derivative f' as one value.</summary>
/// <remarks>What the article passes as two functions, <c>new ActivationLayer(Activations.Tanh, Activations.TanhPrime)</c>, is <c>new
/// ActivationLayer(ActivationFunction.Tanh)</c> here; both make the same layer.</remarks>
public sealed class ActivationFunction
{
    private ActivationFunction(
        ElementwiseFunction kernel, Func<Matrix<double>, Matrix<double>> function, Func<Matrix<double>, Matrix<double>> derivative) =>
        (Kernel, Function, Derivative) = (kernel, function, derivative);

    /// <summary>Gets f(x) = tanh(x): <see cref="Activations.Tanh"/> with <see cref="Activations.TanhPrime"/>.</summary>
    public static ActivationFunction Tanh { get; } = new(Functions.Tanh, Activations.Tanh, Activations.TanhPrime);

    /// <summary>Gets f(x) = 1 / (1 + e⁻ˣ): <see cref="Activations.Sigmoid"/> with <see cref="Activations.SigmoidPrime"/>.</summary>
    public static ActivationFunction Sigmoid { get; } = new(Functions.Sigmoid, Activations.Sigmoid, Activations.SigmoidPrime);

    /// <summary>Gets f(x) = max(x, 0): <see cref="Activations.Relu"/> with <see cref="Activations.ReluPrime"/>.</summary>
    public static ActivationFunction Relu { get; } = new(Functions.Relu, Activations.Relu, Activations.ReluPrime);

    /// <summary>Gets f(x) = x for x &gt; 0, else 0.01 x: <see cref="Activations.LeakyRelu"/> with
    /// <see cref="Activations.LeakyReluPrime"/>.</summary>
    public static ActivationFunction LeakyRelu { get; } = new(Functions.LeakyRelu, Activations.LeakyRelu, Activations.LeakyReluPrime);

    /// <summary>Gets f(x) = x for x &gt; 0, else eˣ - 1: <see cref="Activations.Elu"/> with <see cref="Activations.EluPrime"/>.</summary>
    public static ActivationFunction Elu { get; } = new(Functions.Elu, Activations.Elu, Activations.EluPrime);

    /// <summary>Gets f(x) = ln(1 + eˣ): <see cref="Activations.Softplus"/> with <see cref="Activations.SoftplusPrime"/>.</summary>
    public static ActivationFunction Softplus { get; } = new(Functions.Softplus, Activations.Softplus, Activations.SoftplusPrime);

    /// <summary>Gets f(x) = x / (1 + e⁻ˣ): <see cref="Activations.Swish"/> with <see cref="Activations.SwishPrime"/>.</summary>
    public static ActivationFunction Swish { get; } = new(Functions.Swish, Activations.Swish, Activations.SwishPrime);

    /// <summary>Gets f(x) = x Φ(x) with Φ the normal distribution function: <see cref="Activations.Gelu"/> with
    /// <see cref="Activations.GeluPrime"/>.</summary>
    public static ActivationFunction Gelu { get; } = new(Functions.Gelu, Activations.Gelu, Activations.GeluPrime);

    /// <summary>Gets f(x) = x: <see cref="Activations.Linear"/> with <see cref="Activations.LinearPrime"/>.</summary>
    public static ActivationFunction Linear { get; } = new(Functions.Linear, Activations.Linear, Activations.LinearPrime);

    /// <summary>Gets the name, such as <c>Tanh</c>: that of the function in <see cref="Activations"/>, which model files know it
    /// by.</summary>
    public string Name => Kernel.Name;

    /// <summary>Gets f: takes a matrix of any shape and returns a new one in that shape.</summary>
    public Func<Matrix<double>, Matrix<double>> Function { get; }

    /// <summary>Gets f', in the form of <see cref="Function"/>; its argument is that of f, not its value.</summary>
    public Func<Matrix<double>, Matrix<double>> Derivative { get; }

    /// <summary>The function and its derivative over spans.</summary>
    internal ElementwiseFunction Kernel { get; }

    private static ActivationFunction[] BuiltIn { get; } = [Tanh, Sigmoid, Relu, LeakyRelu, Elu, Softplus, Swish, Gelu, Linear];

    /// <summary>Returns the name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;

    /// <summary>The function of that name; null where there is none.</summary>
    internal static ActivationFunction? Named(string name) => Array.Find(BuiltIn, function => function.Name == name);

    /// <summary>The function that two delegates stand for; null where either is a user's own.</summary>
    /// <exception cref="ArgumentException">Both are the library's own, but the second is not the derivative of the first.</exception>
    internal static ActivationFunction? Of(
        Func<Matrix<double>, Matrix<double>> function, Func<Matrix<double>, Matrix<double>> derivative, string parameter) =>
        KnownPair.Find(
            BuiltIn.Select(one => (one, one.Name, one.Function, one.Derivative)),
            (function, derivative),
            (given, expected) => new ArgumentException(
                $"A function and its derivative are expected, but got Activations.{given.Function} and Activations.{given.Derivative}. "
                + $"Pass ActivationFunction.{expected}, or Activations.{expected} and Activations.{expected}Prime.",
                parameter));
}
