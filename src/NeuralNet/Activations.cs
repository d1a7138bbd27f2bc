using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Activation functions f and their derivatives f', for <see cref="ActivationLayer"/>.</summary>
/// <remarks>
/// Each works value by value, takes a matrix of any shape, returns a new dense one in that shape, and leaves its argument as it was.
/// A function gives NaN for NaN. <see cref="ActivationFunction"/> has each function and its derivative as one value.
/// </remarks>
public static class Activations
{
    /// <summary>f(x) = tanh(x).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are -1 and 1.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Tanh(Matrix<double> x) => Apply(Functions.Tanh, x);

    /// <summary>f'(x) = 1 - tanh(x)²; f is <see cref="Tanh"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> TanhPrime(Matrix<double> x) => ApplyPrime(Functions.Tanh, x);

    /// <summary>f(x) = 1 / (1 + e⁻ˣ).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are 0 and 1.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Sigmoid(Matrix<double> x) => Apply(Functions.Sigmoid, x);

    /// <summary>f'(x) = σ(x)(1 - σ(x)) with σ the sigmoid; f is <see cref="Sigmoid"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> SigmoidPrime(Matrix<double> x) => ApplyPrime(Functions.Sigmoid, x);

    /// <summary>f(x) = max(x, 0).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are 0 and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Relu(Matrix<double> x) => Apply(Functions.Relu, x);

    /// <summary>f'(x) = 1 for x &gt; 0, else 0; f is <see cref="Relu"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> ReluPrime(Matrix<double> x) => ApplyPrime(Functions.Relu, x);

    /// <summary>f(x) = x for x &gt; 0, else 0.01 x; <see cref="ActivationFunction.LeakyReluWith"/> has another slope.</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are -∞ and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> LeakyRelu(Matrix<double> x) => Apply(Functions.LeakyRelu, x);

    /// <summary>f'(x) = 1 for x &gt; 0, else 0.01; f is <see cref="LeakyRelu"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> LeakyReluPrime(Matrix<double> x) => ApplyPrime(Functions.LeakyRelu, x);

    /// <summary>f(x) = min(max(x, 0), 6).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are 0 and 6.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Relu6(Matrix<double> x) => Apply(Functions.Relu6, x);

    /// <summary>f'(x) = 1 for 0 &lt; x &lt; 6, else 0; f is <see cref="Relu6"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> Relu6Prime(Matrix<double> x) => ApplyPrime(Functions.Relu6, x);

    /// <summary>f(x) = x for x &gt; 0, else eˣ - 1 (Clevert, Unterthiner and Hochreiter, 2015, with α = 1;
    /// <see cref="ActivationFunction.EluWith"/> has another).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are -1 and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Elu(Matrix<double> x) => Apply(Functions.Elu, x);

    /// <summary>f'(x) = 1 for x &gt; 0, else eˣ; f is <see cref="Elu"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> EluPrime(Matrix<double> x) => ApplyPrime(Functions.Elu, x);

    /// <summary>f(x) = λ x for x &gt; 0, else λα (eˣ - 1), with λ = 1.0507 and α = 1.6733 (Klambauer, Unterthiner, Mayr and
    /// Hochreiter, 2017).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are -1.7581 and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Selu(Matrix<double> x) => Apply(Functions.Selu, x);

    /// <summary>f'(x) = λ for x &gt; 0, else λα eˣ; f is <see cref="Selu"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> SeluPrime(Matrix<double> x) => ApplyPrime(Functions.Selu, x);

    /// <summary>f(x) = ln(1 + eˣ).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are 0 and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Softplus(Matrix<double> x) => Apply(Functions.Softplus, x);

    /// <summary>f'(x) = 1 / (1 + e⁻ˣ); f is <see cref="Softplus"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> SoftplusPrime(Matrix<double> x) => ApplyPrime(Functions.Softplus, x);

    /// <summary>f(x) = x / (1 + e⁻ˣ), also called SiLU (Ramachandran, Zoph and Le, 2017, with β = 1).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are NaN and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Swish(Matrix<double> x) => Apply(Functions.Swish, x);

    /// <summary>f'(x) = σ(x)(1 + x(1 - σ(x))) with σ the sigmoid; f is <see cref="Swish"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> SwishPrime(Matrix<double> x) => ApplyPrime(Functions.Swish, x);

    /// <summary>f(x) = x tanh(ln(1 + eˣ)) (Misra, 2019).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are NaN and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Mish(Matrix<double> x) => Apply(Functions.Mish, x);

    /// <summary>f'(x) = tanh(ln(1 + eˣ)) + x σ(x)(1 - tanh(ln(1 + eˣ))²) with σ the sigmoid; f is <see cref="Mish"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> MishPrime(Matrix<double> x) => ApplyPrime(Functions.Mish, x);

    /// <summary>
    /// f(x) = x Φ(x) with Φ the normal distribution function, by erf and not its tanh approximation (Hendrycks and Gimpel, 2016).
    /// </summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are NaN and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Gelu(Matrix<double> x) => Apply(Functions.Gelu, x);

    /// <summary>f'(x) = Φ(x) + x φ(x) with φ the normal density; f is <see cref="Gelu"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> GeluPrime(Matrix<double> x) => ApplyPrime(Functions.Gelu, x);

    /// <summary>f(x) = min(max(x / 6 + 1/2, 0), 1), as PyTorch defines it.</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are 0 and 1.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> HardSigmoid(Matrix<double> x) => Apply(Functions.HardSigmoid, x);

    /// <summary>f'(x) = 1/6 for -3 &lt; x &lt; 3, else 0; f is <see cref="HardSigmoid"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> HardSigmoidPrime(Matrix<double> x) => ApplyPrime(Functions.HardSigmoid, x);

    /// <summary>f(x) = x min(max(x / 6 + 1/2, 0), 1) (Howard and others, 2019).</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are 0 and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> HardSwish(Matrix<double> x) => Apply(Functions.HardSwish, x);

    /// <summary>f'(x) = x / 3 + 1/2 for -3 &lt; x &lt; 3, 0 below and 1 above; f is <see cref="HardSwish"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> HardSwishPrime(Matrix<double> x) => ApplyPrime(Functions.HardSwish, x);

    /// <summary>f(x) = x.</summary>
    /// <param name="x">X, of any shape. At -∞ and ∞ the values are -∞ and ∞.</param>
    /// <returns>f(X), in the shape of X.</returns>
    public static Matrix<double> Linear(Matrix<double> x) => Apply(Functions.Linear, x);

    /// <summary>f'(x) = 1; f is <see cref="Linear"/>.</summary>
    /// <param name="x">X, of any shape: the argument of f, not its value.</param>
    /// <returns>f'(X), in the shape of X.</returns>
    public static Matrix<double> LinearPrime(Matrix<double> x) => ApplyPrime(Functions.Linear, x);

    private static Matrix<double> Apply(ElementwiseFunction kernel, Matrix<double> x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Check.Countable(x, "x", nameof(x));
        var y = Batch.New(Shape.Of(x), 1);
        kernel.Function(x.Values(), y.Values);
        return y.AsMatrix();
    }

    private static Matrix<double> ApplyPrime(ElementwiseFunction kernel, Matrix<double> x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Check.Countable(x, "x", nameof(x));
        var values = x.Values();
        var y = Batch.New(Shape.Of(x), 1);
        var derivative = Batch.New(Shape.Of(x), 1);
        kernel.Function(values, y.Values);
        kernel.Derivative(values, y.Values, derivative.Values);
        return derivative.AsMatrix();
    }
}
