using System.Globalization;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The checks at the public doors, and the words of their errors.</summary>
internal static class Check
{
    public static int Positive(int value, string what, string parameter) => value > 0
        ? value
        : throw new ArgumentOutOfRangeException(parameter, value, $"{what} must be 1 or more, but is {Text(value)}.");

    public static int ZeroOrMore(int value, string what, string parameter) => value >= 0
        ? value
        : throw new ArgumentOutOfRangeException(parameter, value, $"{what} must be 0 or more, but is {Text(value)}.");

    public static void SizeFits(Int128 size, string what, string parameter)
    {
        if (size > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                parameter,
                $"{what} would have {size.ToString("N0", CultureInfo.InvariantCulture)} values; "
                + $"at most {Array.MaxLength.ToString("N0", CultureInfo.InvariantCulture)} fit into a matrix.");
        }
    }

    public static void LearningRate(double learningRate)
    {
        if (!double.IsFinite(learningRate) || learningRate <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(learningRate), learningRate, $"The learning rate must be a finite number above 0, but is {Text(learningRate)}.");
        }
    }

    public static void LearningRateOrZero(double learningRate)
    {
        if (!double.IsFinite(learningRate) || learningRate < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(learningRate), learningRate, $"The learning rate must be a finite number, 0 or more, but is {Text(learningRate)}.");
        }
    }

    public static void Finite(Matrix<double> matrix, string what, string parameter)
    {
        Countable(matrix, what, parameter);
        if (TensorPrimitives.IsFiniteAll(matrix.Values()))
        {
            return;
        }

        var (row, column, value) = matrix.EnumerateIndexed().First(entry => !double.IsFinite(entry.Item3));
        throw new ArgumentException(
            $"{what} must hold finite numbers only, but holds {Text(value)} at [{Text(row)}, {Text(column)}].", parameter);
    }

    /// <summary>A matrix has a value at least, and no more than an array holds: MathNet's sparse matrices may be larger.</summary>
    public static void Countable(Matrix<double> matrix, string what, string parameter)
    {
        long values = (long)matrix.RowCount * matrix.ColumnCount;
        if (values == 0)
        {
            throw new ArgumentException($"{what} must hold at least one value, but is {Shape.Of(matrix)}.", parameter);
        }

        if (values > Array.MaxLength)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what} must hold at most {Array.MaxLength:N0} values, but is {Shape.Of(matrix)}, which is {values:N0}. ")
                + "Take a smaller matrix.",
                parameter);
        }
    }

    public static void OutputError(string layer, Shape output, Matrix<double> outputError)
    {
        ArgumentNullException.ThrowIfNull(outputError);
        if (!Shape.Of(outputError).SameMatrix(output))
        {
            throw new ArgumentException(
                $"{layer} expects an output error in the shape of its output, {output}, but got {Shape.Of(outputError)}.",
                nameof(outputError));
        }
    }

    /// <summary>A refusal in the words of another, where the parameter has another name.</summary>
    public static ArgumentException Refusal(ArgumentException e, string parameter) => new(Words(e), parameter, e.InnerException);

    /// <summary>What a refusal says, without the name of the parameter.</summary>
    public static string Words(ArgumentException e)
    {
        string name = $" (Parameter '{e.ParamName}')";
        return e.Message.EndsWith(name, StringComparison.Ordinal) ? e.Message[..^name.Length] : e.Message;
    }

    /// <summary>The way out for a table of samples where one sample is due.</summary>
    public static string OneByOne(Shape table) => string.Create(
        CultureInfo.InvariantCulture,
        $"Samples come one by one: Samples.FromRows, in NeuralNet.Data, makes a list of {table.Rows} samples of the rows of a matrix.");

    /// <summary>The value, where it is finite and <paramref name="allowed"/>, which <paramref name="range"/> words.</summary>
    public static double Number(double value, bool allowed, string what, string range, string parameter) =>
        allowed && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(parameter, value, $"{what} must be a finite number{range}, but is {Text(value)}.");

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
