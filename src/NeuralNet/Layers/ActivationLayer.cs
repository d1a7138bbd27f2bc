using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Guards;
using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Applies an activation function to every value.</summary>
/// <remarks>Y = f(X), dE/dX = dE/dY ∘ f'(X), with ∘ the product value by value; X and Y have the same shape, which may be any.</remarks>
public sealed class ActivationLayer : BatchLayer
{
    private const string ValueByValue =
        "It must work value by value: the product of two matrices value by value is PointwiseMultiply, where * is the matrix product.";

    private readonly Func<Matrix<double>, Matrix<double>> _activation;
    private readonly Func<Matrix<double>, Matrix<double>> _activationPrime;
    private readonly ElementwiseFunction? _kernel;

    /// <summary>Initializes a new instance of the <see cref="ActivationLayer"/> class from a function with its derivative.</summary>
    /// <param name="function">The function, such as <see cref="ActivationFunction.Tanh"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    public ActivationLayer(ActivationFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        (Function, _activation, _activationPrime, _kernel) = (function, function.Function, function.Derivative, function.Kernel);
    }

    /// <summary>Initializes a new instance of the <see cref="ActivationLayer"/> class from any function and its derivative.</summary>
    /// <param name="activation">f: gives a new matrix in the shape of its argument, value by value, such as <see cref="Activations.Tanh"/>.
    /// Must not change its argument. Between matrices <c>*</c> is the matrix product: a square is
    /// <c>x =&gt; x.PointwiseMultiply(x)</c>.</param>
    /// <param name="activationPrime">f', in the same form, such as <see cref="Activations.TanhPrime"/>.</param>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    /// <exception cref="ArgumentException">Both are the library's own, but <paramref name="activationPrime"/> is the derivative of another
    /// function.</exception>
    /// <remarks>
    /// Two functions of <see cref="Activations"/> make the same layer as the <see cref="ActivationFunction"/> of their name, and
    /// <see cref="Function"/> says so. With any others it is null, and
    /// <see cref="Layer.ToString"/> and <see cref="Network.Summary"/> name the layer <c>ActivationLayer(custom)</c>: a network with such a
    /// layer computes on one thread, is saved only with a
    /// <see cref="LayerRegistry"/> that has a name for the pair, and cannot be exported to ONNX.
    /// </remarks>
    public ActivationLayer(Func<Matrix<double>, Matrix<double>> activation, Func<Matrix<double>, Matrix<double>> activationPrime)
    {
        ArgumentNullException.ThrowIfNull(activation);
        ArgumentNullException.ThrowIfNull(activationPrime);
        _activation = activation;
        _activationPrime = activationPrime;
        Function = ActivationFunction.Of(activation, activationPrime, nameof(activationPrime));
        _kernel = Function?.Kernel;
    }

    /// <summary>Gets the function that the layer applies; <see langword="null"/> where it was given other functions on matrices than
    /// those of an <see cref="ActivationFunction"/>.</summary>
    public ActivationFunction? Function { get; }

    /// <summary>f.</summary>
    public Func<Matrix<double>, Matrix<double>> Activation => _activation;

    /// <summary>f'.</summary>
    public Func<Matrix<double>, Matrix<double>> ActivationPrime => _activationPrime;

    /// <inheritdoc/>
    protected internal override string Name => $"ActivationLayer({Function?.Name ?? "custom"})";

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<ActivationLayer>(
        write: (layer, entry, format) => _ = layer.Function is { IsBuiltIn: true } function
            ? entry.With("activation", function.Name)
            : entry.With("customActivation", format.Registry?.NameOf(layer) ?? throw LayerRegistry.Lacks(
                format.Registry,
                $"Layer {format.Path}, {layer.Name}, has an activation that the registry has no name for. Pass a LayerRegistry with "
                + (layer.Function is null
                    ? "registry.AddActivation(name, activation, activationPrime)."
                    : "registry.AddActivation(function)."))),
        read: (entry, format) =>
        {
            if (entry.TakeText("customActivation") is { } own)
            {
                var pair = format.Registry?.Activation(own) ?? throw new ArgumentException(
                    $"The activation '{own}' is not the library's own. Pass a LayerRegistry with registry.AddActivation(\"{own}\", ...).");
                return new LayerPlan(() => new ActivationLayer(pair.Function, pair.Prime));
            }

            string name = entry.TakeText("activation") ?? throw new ArgumentException($"{entry.Kind} needs an 'activation'.");
            var found = ActivationFunction.Named(name)
                ?? throw new ArgumentException($"'{name}' is no activation that this version knows.");
            return new LayerPlan(() => new ActivationLayer(found));
        },
        copy: (layer, _) => new ActivationLayer(layer._activation, layer._activationPrime));

    /// <inheritdoc/>
    protected internal override bool NeedsCallingThread => _kernel is null;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) => input;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => StreamState.RowByRow;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            if (_kernel is not null)
            {
                _kernel.Function(pass.InputOf(sample), pass.OutputOf(sample));
            }
            else
            {
                Apply(_activation, "activation", pass.InputShape, pass.InputOf(sample)).CopyTo(pass.OutputOf(sample));
            }
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var inputError = pass.InputErrorOf(sample);
            if (_kernel is not null)
            {
                _kernel.Derivative(pass.InputOf(sample), pass.OutputOf(sample), inputError);
            }
            else
            {
                Apply(_activationPrime, "activationPrime", pass.InputShape, pass.InputOf(sample)).CopyTo(inputError);
            }

            TensorPrimitives.Multiply(pass.OutputErrorOf(sample), inputError, inputError);
        }
    }

    private ReadOnlySpan<double> Apply(Func<Matrix<double>, Matrix<double>> function, string name, Shape shape, ReadOnlySpan<double> input)
    {
        Matrix<double>? result;
        try
        {
            result = function(Matrix<double>.Build.Dense(shape.Rows, shape.Columns, input.ToArray()));
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named($"{Name}'s {name}", e, ValueByValue);
        }

        if (result is null || !Shape.Of(result).SameMatrix(shape))
        {
            throw new InvalidOperationException(
                $"{Name} expects its {name} to return {shape.Rows} x {shape.Columns}, as it was given, but got "
                + $"{(result is null ? "null" : Shape.Of(result).ToString())}.");
        }

        return result.Values();
    }
}
