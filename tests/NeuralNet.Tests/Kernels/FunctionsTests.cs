using CsCheck;
using MathNet.Numerics;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>Activations and losses over spans against their formulas, value by value, on 10,000 random lengths each.</summary>
public class FunctionsTests
{
    private const int Shapes = 10_000;

    private static readonly Dictionary<string, (
        ElementwiseFunction Kernel, Func<double, double> Function, Func<double, double> Derivative)> s_functions = new()
        {
            ["Tanh"] = (Functions.Tanh, Math.Tanh, x => 1 - (Math.Tanh(x) * Math.Tanh(x))),
            ["Sigmoid"] = (Functions.Sigmoid, Logistic, x => Logistic(x) * Logistic(-x)),
            ["Relu"] = (Functions.Relu, x => x > 0 ? x : 0, x => x > 0 ? 1 : 0),
            ["LeakyRelu"] = (Functions.LeakyRelu, x => x > 0 ? x : 0.01 * x, x => x > 0 ? 1 : 0.01),
            ["Elu"] = (Functions.Elu, x => x > 0 ? x : Math.Exp(x) - 1, x => x > 0 ? 1 : Math.Exp(x)),
            ["Softplus"] = (Functions.Softplus, x => Math.Log(1 + Math.Exp(x)), Logistic),
            ["Swish"] = (Functions.Swish, x => x * Logistic(x), x => Logistic(x) + (x * Logistic(x) * Logistic(-x))),
            ["LeakyRelu(1.5)"] = (Functions.LeakyReluOf("", 1.5), x => x > 0 ? x : 1.5 * x, x => x > 0 ? 1 : 1.5),
            ["Elu(-0.5)"] = (Functions.EluOf("", -0.5), x => x > 0 ? x : -0.5 * (Math.Exp(x) - 1), x => x > 0 ? 1 : -0.5 * Math.Exp(x)),
            ["Relu6"] = (Functions.Relu6, x => Math.Min(Math.Max(3 * x, 0), 18) / 3, x => x > 0 ? 1 : 0),
            ["Selu"] = (Functions.Selu, x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)), x =>
                1.0507009873554805 * (x > 0 ? 1 : 1.6732632423543772 * Math.Exp(x))),
            ["Mish"] = (Functions.Mish, x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))), x =>
                Math.Tanh(Math.Log(1 + Math.Exp(x))) + (x * Logistic(x) * (1 - Math.Pow(Math.Tanh(Math.Log(1 + Math.Exp(x))), 2)))),
            ["HardSigmoid"] = (Functions.HardSigmoid, x => (x / 6) + 0.5, _ => 1.0 / 6),
            ["HardSwish"] = (Functions.HardSwish, x => x * ((x / 6) + 0.5), x => (x / 3) + 0.5),
            ["Gelu"] = (Functions.Gelu, x => x * Phi(x), x => Phi(x) + (x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI))),
            ["Linear"] = (Functions.Linear, x => x, _ => 1),
        };

    private static readonly Dictionary<string,
        (LossKernel Kernel, Func<double, double, double> Term, Func<double, double, double> Derivative)> s_losses = new()
        {
            ["Mse"] = (LossFunctions.Mse, (t, y) => (t - y) * (t - y), (t, y) => 2 * (y - t)),
            ["Mae"] = (LossFunctions.Mae, (t, y) => Math.Abs(t - y), (t, y) => Math.Sign(y - t)),
            ["Huber"] = (LossFunctions.Huber, (t, y) => Math.Abs(y - t) <= 1 ? (y - t) * (y - t) / 2 : Math.Abs(y - t) - 0.5, (t, y) =>
                Math.Max(-1, Math.Min(1, y - t))),
            ["Huber(0.25)"] = (
                LossFunctions.HuberOf("Huber(0.25)", 0.25),
                (t, y) => Math.Abs(y - t) <= 0.25 ? (y - t) * (y - t) / 2 : 0.25 * (Math.Abs(y - t) - 0.125),
                (t, y) => Math.Max(-0.25, Math.Min(0.25, y - t))),
            ["Quantile(0.75)"] = (
                LossFunctions.QuantileOf("Quantile(0.75)", 0.75),
                (t, y) => Math.Max(0.75 * (t - y), -0.25 * (t - y)),
                (t, y) => y > t ? 0.25 : y < t ? -0.75 : 0),
            ["BinaryCrossEntropyFromLogits"] = (
                LossFunctions.BinaryCrossEntropyFromLogits,
                (t, z) => Math.Log(1 + Math.Exp(z)) - (t * z),
                (t, z) => Logistic(z) - t),
            ["BinaryCrossEntropy"] = (
                LossFunctions.BinaryCrossEntropy,
                (t, y) => -(t * Math.Log(y)) - ((1 - t) * Math.Log(1 - y)),
                (t, y) => ((1 - t) / (1 - y)) - (t / y)),
        };

    public static TheoryData<string> FunctionNames => [.. s_functions.Keys];

    public static TheoryData<string> LossNames => [.. s_losses.Keys];

    [Theory]
    [MemberData(nameof(FunctionNames))]
    public void AFunctionAndItsDerivativeAreTheirFormulas(string name) => Gen.Select(Length.Where(length => length > 0), Gen.Int).Sample(
        (length, seed) =>
        {
            var (kernel, function, derivative) = s_functions[name];
            var values = new KernelValues(seed);
            double[] x = values.Row(length);
            var (xs, ys, ds) = (values.Border(x), values.Border(Unset(length)), values.Border(Unset(length)));

            kernel.Function(xs.Values, ys.Values);
            kernel.Derivative(xs.Values, ys.Values, ds.Values);

            ys.ShouldBe([.. x.Select(function)], [.. x.Select(v => 1 + Math.Abs(v))], 8, "y");
            ds.ShouldBe([.. x.Select(derivative)], [.. x.Select(v => 1 + Math.Abs(v))], 8, "derivative");
            xs.ShouldBeExactly(x, "x");
        },
        iter: Shapes);

    [Fact]
    public void ReluAndLeakyReluAreExactForEveryValue() => Gen.Select(
        Gen.OneOf(Gen.Double, Gen.OneOfConst(
            0, -0.0, double.Epsilon, -double.Epsilon, double.NaN, double.PositiveInfinity, double.NegativeInfinity)).Array[1, 40],
        Gen.Int).Sample(
        (x, seed) =>
        {
            var values = new KernelValues(seed);
            var (xs, ys, ds) = (values.Border(x), values.Border(Unset(x.Length)), values.Border(Unset(x.Length)));

            Functions.Relu.Function(xs.Values, ys.Values);
            Functions.Relu.Derivative(xs.Values, ys.Values, ds.Values);
            ys.ShouldBeExactly([.. x.Select(v => double.IsNaN(v) ? v : v > 0 ? v : 0)], "relu");
            ds.ShouldBeExactly([.. x.Select(v => v > 0 ? 1.0 : 0)], "relu'");

            Functions.LeakyRelu.Function(xs.Values, ys.Values);
            Functions.LeakyRelu.Derivative(xs.Values, ys.Values, ds.Values);
            ys.ShouldBeExactly([.. x.Select(v => v > 0 ? v : 0.01 * v)], "leaky relu");
            ds.ShouldBeExactly([.. x.Select(v => v > 0 ? 1 : 0.01)], "leaky relu'");
        },
        iter: Shapes);

    [Theory]
    [MemberData(nameof(LossNames))]
    public void ALossAndItsDerivativeAreTheirFormulas(string name) => Gen.Select(Length.Where(length => length > 0), Gen.Int).Sample(
        (length, seed) =>
        {
            var (kernel, term, derivative) = s_losses[name];
            var values = new KernelValues(seed);
            double[] t = [.. values.Dense(length).Select(v => Math.Abs(v) / 2)];
            double[] y = [.. values.Dense(length).Select(v => 0.01 + (Math.Abs(v) * 0.49))];
            var (ts, ys, es) = (values.Border(t), values.Border(y), values.Border(Unset(length)));
            double[] terms = [.. t.Zip(y, term)];

            double loss = kernel.Function(ts.Values, ys.Values);
            kernel.Derivative(ts.Values, ys.Values, es.Values);

            Math.Abs(loss - (terms.Sum() / length)).Should().BeLessThanOrEqualTo((length + 8) * 3e-16 * (1 + terms.Average(Math.Abs)));
            es.ShouldBe([.. t.Zip(y, (a, b) => derivative(a, b) / length)], [.. y.Select(v => 1 / (v * (1 - v)) / length)], 8, "error");
            ts.ShouldBeExactly(t, "yTrue");
            ys.ShouldBeExactly(y, "yPred");
        },
        iter: Shapes);

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double Phi(double x) => (1 + SpecialFunctions.Erf(x / Math.Sqrt(2))) / 2;
}
