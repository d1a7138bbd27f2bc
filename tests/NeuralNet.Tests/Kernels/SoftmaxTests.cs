using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>Softmax, its input error and the losses around it against their formulas, each with a naive twin.</summary>
public class SoftmaxTests
{
    private const int Shapes = 10_000;
    private static readonly Gen<int> s_length = Length.Where(length => length > 0);

    [Fact]
    public void SoftmaxIsThePowerOverTheSumOfPowers() => Gen.Select(s_length, Gen.Int).Sample(
        (length, seed) =>
        {
            var values = new KernelValues(seed);
            double[] x = values.Row(length);
            var (xs, ys) = (values.Border(x), values.Border(Unset(length)));
            double[] expected = Naive(x);

            Softmax.Apply(xs.Values, ys.Values);

            ys.ShouldBe(expected, expected, length + 8, "y");
            xs.ShouldBeExactly(x, "x");
            Softmax.Apply(xs.Values, xs.Values);
            xs.ShouldBeExactly(ys.Values.ToArray(), "in place");
        },
        iter: Shapes);

    [Fact]
    public void InputErrorIsTheOutputErrorTimesEveryDerivative() => Gen.Select(s_length, Gen.Int).Sample(
        (length, seed) =>
        {
            var values = new KernelValues(seed);
            double[] y = Naive(values.Row(length));
            double[] outputError = values.Row(length);
            var (ys, outputErrors, inputErrors) = (values.Border(y), values.Border(outputError), values.Border(Unset(length)));

            Softmax.InputError(ys.Values, outputErrors.Values, inputErrors.Values);

            // dyj/dxi is yi(1 - yi) where j is i, else -yi yj.
            double[] expected = [.. y.Select((yi, i) => y.Select((yj, j) => outputError[j] * yi * ((i == j ? 1 : 0) - yj)).Sum())];
            inputErrors.ShouldBe(expected, [.. y.Select((yi, i) => yi * (Math.Abs(outputError[i]) + 2))], length + 8, "inputError");
            ys.ShouldBeExactly(y, "y");
            outputErrors.ShouldBeExactly(outputError, "outputError");
            Softmax.InputError(ys.Values, outputErrors.Values, outputErrors.Values);
            outputErrors.ShouldBeExactly(inputErrors.Values.ToArray(), "in place");
        },
        iter: Shapes);

    [Fact]
    public void CrossEntropiesAreTheirFormulas() => Gen.Select(s_length, Gen.Int).Sample(
        (length, seed) =>
        {
            var values = new KernelValues(seed);
            double[] logits = values.Row(length);
            double[] t = [.. values.Row(length).Select(Math.Abs)];
            double[] y = Naive(logits);
            double loss = -t.Zip(y, (a, b) => a * Math.Log(b)).Sum();
            var (ts, ys, ls, errors) = (values.Border(t), values.Border(y), values.Border(logits), values.Border(Unset(length)));
            double tolerance = (length + 8) * Math.ScaleB(1, -52) * (1 + loss + t.Sum());

            LossFunctions.SoftmaxCrossEntropy.Function(ts.Values, ls.Values).ShouldBeNear(loss, 0, tolerance);
            LossFunctions.SoftmaxCrossEntropy.Derivative(ts.Values, ls.Values, errors.Values);
            errors.ShouldBe(
                [.. y.Zip(t, (b, a) => (b * t.Sum()) - a)],
                [.. y.Zip(t, (b, a) => (b * t.Sum()) + a)],
                (2 * length) + 8,
                "derivative from logits");

            LossFunctions.CategoricalCrossEntropy.Function(ts.Values, ys.Values).ShouldBeNear(loss, 0, tolerance);
            LossFunctions.CategoricalCrossEntropy.Derivative(ts.Values, ys.Values, errors.Values);
            errors.ShouldBe([.. y.Zip(t, (b, a) => -a / b)], [.. y.Zip(t, (b, a) => a / b)], 2, "derivative from probabilities");

            ts.ShouldBeExactly(t, "yTrue");
            ys.ShouldBeExactly(y, "yPred");
            ls.ShouldBeExactly(logits, "logits");
        },
        iter: Shapes);

    [Fact]
    public void ProbabilitiesAddUpToOneAndKeepTheOrderOfAnyFiniteValues() =>
        Gen.OneOf(Gen.Double[-1000, 1000], Gen.Double.Where(double.IsFinite)).Array[1, 40].Sample(x =>
        {
            double[] y = new double[x.Length];
            Softmax.Apply(x, y);
            y.Sum().ShouldBeNear(1, 1e-14);
            y.Should().OnlyContain(v => v >= 0 && v <= 1);
            double[] inOrder = [.. x.Index().OrderBy(value => value.Item).Select(value => y[value.Index])];
            inOrder.Should().BeInAscendingOrder();
        });

    [Fact]
    public void SoftmaxIsExactAtTheEndsOfTheRange()
    {
        Of(1000, -1000, 0).Should().Equal(1, 0, 0);
        Of(1000, 1000).Should().Equal(0.5, 0.5);
        Of(-1000, -1000, -1000, -1000).Should().Equal(0.25, 0.25, 0.25, 0.25);
        Of(1e308, -1e308).Should().Equal(1, 0);
        Of(double.MinValue).Should().Equal(1);
        Of(double.NegativeInfinity, 3).Should().Equal(0, 1);
        Of(double.PositiveInfinity, 3).Should().Equal(double.NaN, double.NaN);
        Of(0, 1, double.NaN).Should().Equal(double.NaN, double.NaN, double.NaN);
    }

    [Fact]
    public void ACertainSoftmaxPassesNoErrorBack()
    {
        double[] inputError = new double[3];
        Softmax.InputError([1, 0, 0], [1000, -1000, 1e308], inputError);
        inputError.Should().Equal(0, 0, 0);
    }

    private static double[] Of(params double[] x)
    {
        double[] y = new double[x.Length];
        Softmax.Apply(x, y);
        return y;
    }

    private static double[] Naive(double[] x)
    {
        double[] powers = [.. x.Select(Math.Exp)];
        return [.. powers.Select(power => power / powers.Sum())];
    }
}
