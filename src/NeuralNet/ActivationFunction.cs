using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Delegates;
using NeuralNet.Guards;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Represents a function f for <see cref="ActivationLayer"/>: its name, f and its derivative f' as one value.</summary>
/// <remarks>What the article passes as two functions, <c>new ActivationLayer(Activations.Tanh, Activations.TanhPrime)</c>, is <c>new
/// ActivationLayer(ActivationFunction.Tanh)</c> here; both make the same layer. <see cref="Create"/> makes one of functions of your
/// own.</remarks>
public sealed class ActivationFunction
{
    private ActivationFunction(
        ElementwiseFunction kernel, Func<Matrix<double>, Matrix<double>> function, Func<Matrix<double>, Matrix<double>> derivative) =>
        (Kernel, Function, Derivative) = (kernel, function, derivative);

    private ActivationFunction(ElementwiseFunction kernel) => (Kernel, Function, Derivative) = (kernel, Apply, ApplyDerivative);

    /// <summary>Gets f(x) = tanh(x): <see cref="Activations.Tanh"/> with <see cref="Activations.TanhPrime"/>.</summary>
    public static ActivationFunction Tanh { get; } = new(Functions.Tanh, Activations.Tanh, Activations.TanhPrime);

    /// <summary>Gets f(x) = 1 / (1 + e⁻ˣ): <see cref="Activations.Sigmoid"/> with <see cref="Activations.SigmoidPrime"/>.</summary>
    public static ActivationFunction Sigmoid { get; } = new(Functions.Sigmoid, Activations.Sigmoid, Activations.SigmoidPrime);

    /// <summary>Gets f(x) = max(x, 0): <see cref="Activations.Relu"/> with <see cref="Activations.ReluPrime"/>.</summary>
    public static ActivationFunction Relu { get; } = new(Functions.Relu, Activations.Relu, Activations.ReluPrime);

    /// <summary>Gets f(x) = x for x &gt; 0, else 0.01 x: <see cref="Activations.LeakyRelu"/> with
    /// <see cref="Activations.LeakyReluPrime"/>.</summary>
    public static ActivationFunction LeakyRelu { get; } =
        new(Functions.LeakyRelu, Activations.LeakyRelu, Activations.LeakyReluPrime) { Number = 0.01 };

    /// <summary>Gets f(x) = min(max(x, 0), 6): <see cref="Activations.Relu6"/> with
    /// <see cref="Activations.Relu6Prime"/>.</summary>
    public static ActivationFunction Relu6 { get; } = new(Functions.Relu6, Activations.Relu6, Activations.Relu6Prime);

    /// <summary>Gets f(x) = x for x &gt; 0, else eˣ - 1: <see cref="Activations.Elu"/> with <see cref="Activations.EluPrime"/>.</summary>
    public static ActivationFunction Elu { get; } = new(Functions.Elu, Activations.Elu, Activations.EluPrime) { Number = 1 };

    /// <summary>Gets f(x) = λ x for x &gt; 0, else λα (eˣ - 1): <see cref="Activations.Selu"/> with
    /// <see cref="Activations.SeluPrime"/>.</summary>
    public static ActivationFunction Selu { get; } = new(Functions.Selu, Activations.Selu, Activations.SeluPrime);

    /// <summary>Gets f(x) = ln(1 + eˣ): <see cref="Activations.Softplus"/> with <see cref="Activations.SoftplusPrime"/>.</summary>
    public static ActivationFunction Softplus { get; } = new(Functions.Softplus, Activations.Softplus, Activations.SoftplusPrime);

    /// <summary>Gets f(x) = x / (1 + e⁻ˣ): <see cref="Activations.Swish"/> with <see cref="Activations.SwishPrime"/>.</summary>
    public static ActivationFunction Swish { get; } = new(Functions.Swish, Activations.Swish, Activations.SwishPrime);

    /// <summary>Gets f(x) = x tanh(ln(1 + eˣ)): <see cref="Activations.Mish"/> with
    /// <see cref="Activations.MishPrime"/>.</summary>
    public static ActivationFunction Mish { get; } = new(Functions.Mish, Activations.Mish, Activations.MishPrime);

    /// <summary>Gets f(x) = x Φ(x) with Φ the normal distribution function: <see cref="Activations.Gelu"/> with
    /// <see cref="Activations.GeluPrime"/>.</summary>
    public static ActivationFunction Gelu { get; } = new(Functions.Gelu, Activations.Gelu, Activations.GeluPrime);

    /// <summary>Gets f(x) = min(max(x / 6 + 1/2, 0), 1): <see cref="Activations.HardSigmoid"/> with
    /// <see cref="Activations.HardSigmoidPrime"/>.</summary>
    public static ActivationFunction HardSigmoid { get; } =
        new(Functions.HardSigmoid, Activations.HardSigmoid, Activations.HardSigmoidPrime);

    /// <summary>Gets f(x) = x min(max(x / 6 + 1/2, 0), 1): <see cref="Activations.HardSwish"/> with
    /// <see cref="Activations.HardSwishPrime"/>.</summary>
    public static ActivationFunction HardSwish { get; } = new(Functions.HardSwish, Activations.HardSwish, Activations.HardSwishPrime);

    /// <summary>Gets f(x) = x: <see cref="Activations.Linear"/> with <see cref="Activations.LinearPrime"/>.</summary>
    public static ActivationFunction Linear { get; } = new(Functions.Linear, Activations.Linear, Activations.LinearPrime);

    /// <summary>Gets the name, such as <c>Tanh</c>: that of the function in <see cref="Activations"/>, which model files know it
    /// by.</summary>
    public string Name => Kernel.Name;

    /// <summary>Gets f: takes a matrix of any shape and returns a new one in that shape.</summary>
    public Func<Matrix<double>, Matrix<double>> Function { get; }

    /// <summary>Gets f', in the form of <see cref="Function"/>; its argument is that of f, not its value.</summary>
    public Func<Matrix<double>, Matrix<double>> Derivative { get; }

    /// <summary>Whether it is one of the library's.</summary>
    internal bool IsBuiltIn { get; private init; } = true;

    /// <summary>The number of a function that has one of its own, as <see cref="LeakyReluWith"/> gives it; 0.01 and 1 for
    /// <see cref="LeakyRelu"/> and <see cref="Elu"/>.</summary>
    internal double? Number { get; private init; }

    /// <summary>The function and its derivative over spans.</summary>
    internal ElementwiseFunction Kernel { get; }

    private static ActivationFunction[] BuiltIn { get; } =
        [Tanh, Sigmoid, Relu, LeakyRelu, Relu6, Elu, Selu, Softplus, Swish, Mish, Gelu, HardSigmoid, HardSwish, Linear];

    /// <summary>Returns f(x) = x for x &gt; 0, else slope x.</summary>
    /// <param name="slope">The slope, a finite number. With 0.01 it is <see cref="LeakyRelu"/>.</param>
    /// <returns>The function, named <c>LeakyRelu(slope)</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="slope"/> is not finite.</exception>
    public static ActivationFunction LeakyReluWith(double slope)
    {
        Check.Number(slope, allowed: true, "LeakyRelu's slope", "", nameof(slope));
        return slope == LeakyRelu.Number
            ? LeakyRelu
            : new(Functions.LeakyReluOf(FormattableString.Invariant($"{nameof(LeakyRelu)}({slope})"), slope)) { Number = slope };
    }

    /// <summary>Returns f(x) = x for x &gt; 0, else α (eˣ - 1).</summary>
    /// <param name="alpha">α, a finite number. With 1 it is <see cref="Elu"/>.</param>
    /// <returns>The function, named <c>Elu(α)</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="alpha"/> is not finite.</exception>
    public static ActivationFunction EluWith(double alpha)
    {
        Check.Number(alpha, allowed: true, "Elu's alpha", "", nameof(alpha));
        return alpha == Elu.Number
            ? Elu
            : new(Functions.EluOf(FormattableString.Invariant($"{nameof(Elu)}({alpha})"), alpha)) { Number = alpha };
    }

    /// <summary>Makes an activation function of your own, which runs as fast as the library's: on spans, and on all threads.</summary>
    /// <param name="name">The name, by which a layer prints and a <see cref="LayerRegistry"/> knows it; none of the library's.</param>
    /// <param name="function">f, value by value.</param>
    /// <param name="derivative">f', value by value.</param>
    /// <returns>The function. Layers made of it compute on all threads.</returns>
    /// <remarks>
    /// <para>
    /// Several threads call the functions at once, each with values of its own: they must write every value that they are given a place
    /// for, and change nothing else. What they throw reaches the caller of Fit or Predict as the InnerException of an
    /// <see cref="InvalidOperationException"/> that names the function.
    /// </para>
    /// <para>
    /// To save a network with it, pass a registry with <see cref="LayerRegistry.AddActivation(ActivationFunction)"/>. Make it once, and
    /// use that one: another of the same name is another function.
    /// </para>
    /// </remarks>
    /// <example>
    /// <code>
    /// var sine = ActivationFunction.Create("Sine", TensorPrimitives.Sin, (x, y, derivative) => TensorPrimitives.Cos(x, derivative));
    /// network.Add(new ActivationLayer(sine));
    /// </code>
    /// </example>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or one of the library's functions'.</exception>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    public static ActivationFunction Create(string name, Elementwise function, ElementwiseDerivative derivative)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(derivative);
        if (Named(name) is not null)
        {
            throw new ArgumentException($"The library has an activation '{name}' already. Give yours another name.", nameof(name));
        }

        return new(new ElementwiseFunction(
            name,
            (x, y) =>
            {
                try
                {
                    function(x, y);
                }
                catch (Exception e) when (UserCode.HasNoName(e))
                {
                    throw UserCode.Named($"The function of the activation {name}", e);
                }
            },
            (x, y, result) =>
            {
                try
                {
                    derivative(x, y, result);
                }
                catch (Exception e) when (UserCode.HasNoName(e))
                {
                    throw UserCode.Named($"The derivative of the activation {name}", e);
                }
            }))
        {
            IsBuiltIn = false,
        };
    }

    /// <summary>Returns the name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;

    /// <summary>The function of that name; null where there is none.</summary>
    internal static ActivationFunction? Named(string name) => Array.Find(BuiltIn, function => function.Name == name)
        ?? (NameWithNumber.Of(name) is var (family, number) ? Of(family, number) : null);

    private static ActivationFunction? Of(string family, double number) => family switch
    {
        nameof(LeakyRelu) => LeakyReluWith(number),
        nameof(Elu) => EluWith(number),
        _ => null,
    };

    /// <summary>The function that two delegates stand for; null where it is unknown.</summary>
    /// <exception cref="ArgumentException">Both are the library's own, but the second is not the derivative of the first.</exception>
    internal static ActivationFunction? Of(
        Func<Matrix<double>, Matrix<double>> function, Func<Matrix<double>, Matrix<double>> derivative, string parameter) =>
        function.Target is ActivationFunction own && own.Function == function && own.Derivative == derivative ? own
        : KnownPair.Find(
            BuiltIn.Select(one => (one, one.Name, one.Function, one.Derivative)),
            (function, derivative),
            (given, expected) => new ArgumentException(
                $"A function and its derivative are expected, but got Activations.{given.Function} and Activations.{given.Derivative}. "
                + $"Pass ActivationFunction.{expected}, or Activations.{expected} and Activations.{expected}Prime.",
                parameter));

    private Matrix<double> Apply(Matrix<double> x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Check.Countable(x, "x", nameof(x));
        var y = Batch.New(Shape.Of(x), 1);
        Kernel.Function(x.Values(), y.Values);
        return y.AsMatrix();
    }

    private Matrix<double> ApplyDerivative(Matrix<double> x)
    {
        var derivative = Batch.New(Shape.Of(x), 1);
        Kernel.Derivative(x.Values(), Apply(x).Values(), derivative.Values);
        return derivative.AsMatrix();
    }
}
