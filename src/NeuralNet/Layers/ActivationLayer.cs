using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Applies an activation function to every value.</summary>
/// <remarks>Y = f(X), dE/dX = dE/dY ∘ f'(X), with ∘ the product value by value; X and Y have the same shape, which may be any.</remarks>
public sealed class ActivationLayer : Layer, IBatchLayer
{
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
    /// <param name="activation">f: gives a new matrix in the shape of its argument, value by value, such as <see cref="Activations.Tanh"/>. Must not change its argument.</param>
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

    /// <summary>Gets the function of the library that the layer applies; <see langword="null"/> where it was given other
    /// functions.</summary>
    public ActivationFunction? Function { get; }

    /// <summary>f.</summary>
    public Func<Matrix<double>, Matrix<double>> Activation => _activation;

    /// <summary>f'.</summary>
    public Func<Matrix<double>, Matrix<double>> ActivationPrime => _activationPrime;

    internal override string Name => $"ActivationLayer({Function?.Name ?? "custom"})";

    /// <summary>Y = f(X), and keeps X for the way back.</summary>
    /// <param name="input">X, of any shape.</param>
    /// <returns>Y, in the shape of X.</returns>
    /// <exception cref="InvalidOperationException">The function returned null or another shape.</exception>
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Output = this.ForwardOne(input);
        Input = input;
        return Output;
    }

    /// <summary>Y = f(X), keeping nothing: any number of threads may call it at once, if f allows it.</summary>
    /// <inheritdoc cref="ForwardPropagation"/>
    public override Matrix<double> Predict(Matrix<double> input) => this.PredictOne(input);

    /// <summary>dE/dX = dE/dY ∘ f'(X).</summary>
    /// <param name="outputError">dE/dY, in the shape of X.</param>
    /// <param name="learningRate">The layer learns nothing.</param>
    /// <returns>dE/dX, in the shape of X.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than the last output.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before, or the derivative returned null or another shape.</exception>
    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => this.BackwardOne(outputError, learningRate);

    Shape? IBatchLayer.OutputShape(Shape? input) => input;

    bool IBatchLayer.CallsUser => _kernel is null;

    void IBatchLayer.Forward(LayerPass pass, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            if (_kernel is not null)
            {
                _kernel.Function(pass.Input[sample], pass.Output[sample]);
            }
            else
            {
                Apply(_activation, "activation", pass.Input, sample).CopyTo(pass.Output[sample]);
            }
        }
    }

    void IBatchLayer.InputErrors(LayerPass pass, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            if (_kernel is not null)
            {
                _kernel.Derivative(pass.Input[sample], pass.Output[sample], pass.InputError[sample]);
            }
            else
            {
                Apply(_activationPrime, "activationPrime", pass.Input, sample).CopyTo(pass.InputError[sample]);
            }

            TensorPrimitives.Multiply(pass.OutputError[sample], pass.InputError[sample], pass.InputError[sample]);
        }
    }

    private ReadOnlySpan<double> Apply(Func<Matrix<double>, Matrix<double>> function, string name, Batch input, int sample)
    {
        var result = function(input.CopyOf(sample));
        if (result is null || !Shape.Of(result).SameMatrix(input.Shape))
        {
            throw new InvalidOperationException(
                $"{Name} expects its {name} to return {input.Shape.Rows} x {input.Shape.Columns}, as it was given, but got {(result is null ? "null" : Shape.Of(result).ToString())}.");
        }

        return result.Values();
    }
}
