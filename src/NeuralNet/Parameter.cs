using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>A matrix that a layer learns, and the gradient of the error by it.</summary>
/// <remarks>
/// A layer's parameters are the same objects for as long as it lives: what belongs to one, such as an optimizer's momentum, may be kept
/// by it.
/// </remarks>
public sealed class Parameter
{
    private readonly double[] _values;
    private Matrix<double>? _gradient;
    private double _l2;

    /// <summary>Makes a parameter of a user's own <see cref="TrainableLayer"/>.</summary>
    /// <param name="name">What the layer calls it, such as <c>Weights</c>.</param>
    /// <param name="value">Its initial value, rows x columns; a dense copy is kept.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, or <paramref name="value"/> holds NaN or infinity.</exception>
    public Parameter(string name, Matrix<double> value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(value);
        Check.Finite(value, $"parameter {name}", nameof(value));
        Name = name;
        _values = value.ToColumnMajorArray();
        Value = Matrix<double>.Build.Dense(value.RowCount, value.ColumnCount, _values);
    }

    /// <summary>Makes a parameter of zeros.</summary>
    internal Parameter(string name, int rows, int columns)
    {
        (Name, _values) = (name, new double[rows * columns]);
        Value = Matrix<double>.Build.Dense(rows, columns, _values);
    }

    /// <summary>What the layer calls it.</summary>
    public string Name { get; }

    /// <summary>The value, a dense matrix: to write to it is to change the layer.</summary>
    public Matrix<double> Value { get; }

    /// <summary>
    /// dE/dValue, added up by <see cref="TrainableLayer.Backward"/> since it was last cleared; the shape of <see cref="Value"/>.
    /// </summary>
    public Matrix<double> Gradient => _gradient ?? MakeGradient();

    /// <summary>λ of L2 regularisation: finite, 0 or more, and 0, which is none, by default.</summary>
    /// <remarks>
    /// The penalty on this parameter W is λ Σ W², and its gradient 2λW, as Keras has them; a weight decay, as the optimizers have it,
    /// adds λW.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double L2
    {
        get => _l2;
        set => _l2 = Check.Number(value, value >= 0, $"The L2 of {Name}", ", 0 or more", nameof(value));
    }

    /// <summary>The least value that it may have: 0 for a variance.</summary>
    internal double Least { get; init; } = double.NegativeInfinity;

    /// <summary>The library's layer that made it; null for a user's own parameter.</summary>
    internal Layer? Owner { get; init; }

    /// <summary>The memory of <see cref="Value"/>.</summary>
    internal double[] Memory => _values;

    internal Span<double> Values => _values;

    internal Span<double> Gradients => Gradient.AsColumnMajorArray();

    internal void ClearGradient() => _gradient?.Clear();

    /// <summary>Adds 2λW, the gradient of the <see cref="L2"/> penalty, to <see cref="Gradient"/>.</summary>
    internal void AddL2Gradient()
    {
        if (L2 != 0)
        {
            Products.AddScaled(2 * L2, Values, Gradients);
        }
    }

    internal void CopyFrom(Matrix<double> value, string layer)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.RowCount != Value.RowCount || value.ColumnCount != Value.ColumnCount)
        {
            throw new ArgumentException($"{layer} expects {Name} of {Shape.Of(Value)}, but got {Shape.Of(value)}.", nameof(value));
        }

        if (value.Enumerate().Min() is var least && least < Least)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{layer} expects a {Name} of {Least} or more, but got {least}."), nameof(value));
        }

        Check.Finite(value, $"{layer}'s {Name}", nameof(value));

        value.CopyTo(Value);
    }

    /// <summary>The name and the shape: <c>Weights 784 x 100</c>.</summary>
    public override string ToString() => $"{Name} {Shape.Of(Value)}";

    /// <summary>Several threads may come here at once, each with its columns of the gradient: all have to get the same one.</summary>
    private Matrix<double> MakeGradient()
    {
        Interlocked.CompareExchange(ref _gradient, Matrix<double>.Build.Dense(Value.RowCount, Value.ColumnCount), null);
        return _gradient;
    }
}
