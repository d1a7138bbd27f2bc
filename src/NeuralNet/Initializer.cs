using MathNet.Numerics.Distributions;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>How a layer's weights and bias start.</summary>
/// <remarks>
/// <para>Values are drawn one by one: the weights row by row, then the bias.</para>
/// <para>
/// Those named after papers look at the layer's fans: fanIn inputs lead to each output and fanOut outputs from each input. An FCLayer has
/// its two sizes; a ConvLayer kernelRows * kernelColumns * depth, with the depth of its input for fanIn and of its output for fanOut; a
/// Conv1DLayer kernelSize * inputSize and kernelSize * filters; an EmbeddingLayer 1, since one number at a time leads to an output, and its
/// outputSize. Their normal ones are plain Gaussians, not cut off at any distance; their bias starts at 0.
/// </para>
/// </remarks>
public sealed class Initializer
{
    private readonly Func<int, int, Random, double> _weight;
    private readonly Func<int, int, Random, double> _bias;

    /// <summary>What becomes of the weights once they are drawn, rows x columns of them column by column.</summary>
    private readonly Action<double[], int, int>? _finish;

    private Initializer(
        string name,
        Func<int, int, Random, double> weight,
        Func<int, int, Random, double>? bias = null,
        Action<double[], int, int>? finish = null) => (Name, _weight, _bias, _finish) = (name, weight, bias ?? weight, finish);

    private string Name { get; }

    /// <summary>The article's start, and the default: weights and bias uniform in [-0.5, 0.5).</summary>
    public static Initializer Default { get; } = Uniform(-0.5, 0.5);

    /// <summary>Weights and bias uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="low">The least value, finite.</param>
    /// <param name="high">The upper end, finite, above <paramref name="low"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not finite.</exception>
    public static Initializer Uniform(double low, double high)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || !(low < high) || !double.IsFinite(high - low))
        {
            throw new ArgumentOutOfRangeException(
                nameof(low),
                FormattableString.Invariant($"A uniform initializer needs finite low < high, but got low {low} and high {high}."));
        }

        return new Initializer(
            FormattableString.Invariant($"Uniform({low}, {high})"),
            (_, _, random) => low + ((high - low) * random.NextDouble()));
    }

    /// <summary>Weights uniform in ±√(6 / (fanIn + fanOut)), bias 0: for Tanh and Sigmoid.</summary>
    /// <remarks>
    /// Xavier Glorot and Yoshua Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010. The variance is
    /// that of <see cref="GlorotNormal"/>.
    /// </remarks>
    public static Initializer GlorotUniform { get; } = ZeroMeanUniform(nameof(GlorotUniform), (fanIn, fanOut) => 2 / (fanIn + fanOut));

    /// <summary>Weights normal with variance 2 / (fanIn + fanOut), bias 0: for Tanh and Sigmoid.</summary>
    /// <remarks>Xavier Glorot and Yoshua Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.</remarks>
    public static Initializer GlorotNormal { get; } = ZeroMeanNormal(nameof(GlorotNormal), (fanIn, fanOut) => 2 / (fanIn + fanOut));

    /// <summary>Weights uniform in ±√(6 / fanIn), bias 0: for Relu and its kin.</summary>
    /// <remarks>
    /// Kaiming He, Xiangyu Zhang, Shaoqing Ren and Jian Sun, Delving deep into rectifiers, 2015, whose variance it has; they draw it as
    /// <see cref="HeNormal"/>.
    /// </remarks>
    public static Initializer HeUniform { get; } = ZeroMeanUniform(nameof(HeUniform), (fanIn, _) => 2 / fanIn);

    /// <summary>Weights normal with variance 2 / fanIn, bias 0: for Relu and its kin.</summary>
    /// <remarks>Kaiming He, Xiangyu Zhang, Shaoqing Ren and Jian Sun, Delving deep into rectifiers, 2015.</remarks>
    public static Initializer HeNormal { get; } = ZeroMeanNormal(nameof(HeNormal), (fanIn, _) => 2 / fanIn);

    /// <summary>Weights normal with variance 1 / fanIn, bias 0.</summary>
    /// <remarks>Yann LeCun, Léon Bottou, Genevieve Orr and Klaus-Robert Müller, Efficient backprop, 1998.</remarks>
    public static Initializer LeCunNormal { get; } = ZeroMeanNormal(nameof(LeCunNormal), (fanIn, _) => 1 / fanIn);

    /// <summary>Orthogonal weights, bias 0: the columns have length 1 and right angles, or the rows where these are fewer.</summary>
    /// <remarks>
    /// Andrew M. Saxe, James L. McClelland and Surya Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural
    /// networks, 2014. The weights are drawn normal, and each column, or row, is made orthogonal to those before it: of a square matrix
    /// every orthogonal one is as likely as any other.
    /// </remarks>
    public static Initializer Orthogonal { get; } = new(
        nameof(Orthogonal), (_, _, random) => Normal.Sample(random, 0, 1), (_, _, _) => 0, Orthogonalization.Apply);

    /// <summary>Weights uniform in ±1 / √fanIn, bias 0: the weights of PyTorch's Linear at its start.</summary>
    internal static Initializer TorchUniform { get; } = ZeroMeanUniform(nameof(TorchUniform), (fanIn, _) => 1 / (3 * fanIn));

    /// <summary>Weights normal with standard deviation 0.02: positions and words of Transformers at their start.</summary>
    internal static Initializer PositionNormal { get; } = ZeroMeanNormal(nameof(PositionNormal), (_, _) => 0.02 * 0.02);

    /// <summary>Weights and bias 0. An FCLayer of zeros with another behind it never learns: all its outputs stay the same.</summary>
    public static Initializer Zeros { get; } = new(nameof(Zeros), (_, _, _) => 0);

    /// <summary>Weights and bias all the same value.</summary>
    /// <param name="value">The value, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is not finite.</exception>
    public static Initializer Constant(double value)
    {
        Check.Number(value, true, "A constant initializer's value", "", nameof(value));
        return new Initializer(FormattableString.Invariant($"Constant({value})"), (_, _, _) => value);
    }

    /// <summary>The initializer's name and numbers.</summary>
    public override string ToString() => Name;

    internal void Draw(Parameter weights, Parameter bias, (int In, int Out) fans, Random random)
    {
        DrawWeights(weights, fans, random);
        Draw(bias, () => _bias(fans.In, fans.Out, random));
    }

    internal void DrawWeights(Parameter weights, (int In, int Out) fans, Random random)
    {
        Draw(weights, () => _weight(fans.In, fans.Out, random));
        _finish?.Invoke(weights.Memory, weights.Value.RowCount, weights.Value.ColumnCount);
    }

    private static Initializer ZeroMeanUniform(string name, Func<double, double, double> variance) => new(
        name,
        (fanIn, fanOut, random) => Math.Sqrt(3 * variance(fanIn, fanOut)) * ((2 * random.NextDouble()) - 1),
        (_, _, _) => 0);

    private static Initializer ZeroMeanNormal(string name, Func<double, double, double> variance) => new(
        name,
        (fanIn, fanOut, random) => Normal.Sample(random, 0, Math.Sqrt(variance(fanIn, fanOut))),
        (_, _, _) => 0);

    private static void Draw(Parameter parameter, Func<double> next)
    {
        var value = parameter.Value;
        for (int row = 0; row < value.RowCount; row++)
        {
            for (int column = 0; column < value.ColumnCount; column++)
            {
                value[row, column] = next();
            }
        }
    }
}
