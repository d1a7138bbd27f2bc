using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Applies an activation function to every value.</summary>
/// <remarks>Y = f(X), dE/dX = dE/dY ∘ f'(X), with ∘ the product value by value; X and Y have the same shape, which may be any.</remarks>
public sealed class ActivationLayer : BatchLayer
{
    private readonly Func<Matrix<double>, Matrix<double>> _activation;
    private readonly Func<Matrix<double>, Matrix<double>> _activationPrime;
    private readonly ElementwiseFunction? _builtIn;

    /// <summary>Makes a layer of any function and its derivative.</summary>
    /// <param name="activation">f: gives a new matrix in the shape of its argument, value by value, such as <see cref="Activations.Tanh"/>. Must not change its argument.</param>
    /// <param name="activationPrime">f', in the same form, such as <see cref="Activations.TanhPrime"/>.</param>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    public ActivationLayer(Func<Matrix<double>, Matrix<double>> activation, Func<Matrix<double>, Matrix<double>> activationPrime)
    {
        ArgumentNullException.ThrowIfNull(activation);
        ArgumentNullException.ThrowIfNull(activationPrime);
        _activation = activation;
        _activationPrime = activationPrime;
        _builtIn = Activations.BuiltIn(activation, activationPrime);
    }

    /// <summary>f.</summary>
    public Func<Matrix<double>, Matrix<double>> Activation => _activation;

    /// <summary>f'.</summary>
    public Func<Matrix<double>, Matrix<double>> ActivationPrime => _activationPrime;

    /// <summary>The function's name in <see cref="Activations"/>; null for a user's own.</summary>
    internal string? BuiltInName => _builtIn?.Name;

    protected internal override string Name => $"ActivationLayer({_builtIn?.Name ?? "custom"})";

    /// <inheritdoc/>
    protected internal override bool NeedsCallingThread => _builtIn is null;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) => input;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            if (_builtIn is not null)
            {
                _builtIn.Function(pass.InputOf(sample), pass.OutputOf(sample));
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
            if (_builtIn is not null)
            {
                _builtIn.Derivative(pass.InputOf(sample), pass.OutputOf(sample), inputError);
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
        var result = function(Matrix<double>.Build.Dense(shape.Rows, shape.Columns, input.ToArray()));
        if (result is null || !Shape.Of(result).SameMatrix(shape))
        {
            throw new InvalidOperationException(
                $"{Name} expects its {name} to return {shape.Rows} x {shape.Columns}, as it was given, but got {(result is null ? "null" : Shape.Of(result).ToString())}.");
        }

        return result.Values();
    }
}
