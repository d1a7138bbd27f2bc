using System.Numerics.Tensors;

namespace NeuralNet.Kernels;

/// <summary>The softmax of one sample over spans: y = eˣ / Σ eˣ, the sum over all of the sample's values.</summary>
/// <remarks>The sample's greatest value is taken from each first, which changes no quotient and keeps eˣ within [0, 1] for any finite x. NaN or ∞ anywhere makes every y NaN; -∞ beside a finite value becomes 0.</remarks>
internal static class Softmax
{
    /// <summary>y = softmax(x); both may be the same memory.</summary>
    /// <remarks>By Math.Exp, 55 ns for 10 classes: TensorPrimitives' Exp alone takes 21 ns in one run of a process and 89 in another.</remarks>
    public static void Apply(ReadOnlySpan<double> x, Span<double> y)
    {
        double greatest = Greatest(x);
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = Math.Exp(x[i] - greatest);
            sum += y[i];
        }

        TensorPrimitives.Divide(y, sum, y);
    }

    /// <summary>dE/dX = Y ∘ (dE/dY - Σ dE/dY ∘ Y) with Y = softmax(X); inputError may be the memory of outputError.</summary>
    public static void InputError(ReadOnlySpan<double> y, ReadOnlySpan<double> outputError, Span<double> inputError)
    {
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            sum += outputError[i] * y[i];
        }

        TensorPrimitives.Subtract(outputError, sum, inputError);
        TensorPrimitives.Multiply(y, inputError, inputError);
    }

    /// <summary>The greatest value, NaN where there is one; for the few values of an output faster than TensorPrimitives' Max.</summary>
    public static double Greatest(ReadOnlySpan<double> x)
    {
        double greatest = double.NegativeInfinity;
        foreach (double v in x)
        {
            greatest = Math.Max(greatest, v);
        }

        return greatest;
    }
}
