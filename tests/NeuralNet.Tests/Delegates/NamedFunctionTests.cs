using System.Linq.Expressions;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Delegates;

/// <summary>A function and its derivative as one value, as the article's two, and as delegates that only lead to those.</summary>
public class NamedFunctionTests
{
    private static int s_calls;

    public static TheoryData<string> Activation => [.. BuiltIn.Activation.Keys];

    public static TheoryData<string> Loss => [.. BuiltIn.Loss.Keys];

    private static IReadOnlyDictionary<string, ActivationFunction> ActivationFunctions { get; } = ValuesOf<ActivationFunction>();

    private static IReadOnlyDictionary<string, LossFunction> LossFunctions { get; } = ValuesOf<LossFunction>();

    [Fact]
    public void EveryPublicFunctionIsAValueToo()
    {
        ActivationFunctions.Keys.Should().BeEquivalentTo(BuiltIn.Activation.Keys);
        LossFunctions.Keys.Should().BeEquivalentTo(BuiltIn.Loss.Keys);
    }

    [Theory]
    [MemberData(nameof(Activation))]
    public void AnActivationIsItsNameItsFunctionAndItsDerivative(string name)
    {
        var value = ActivationFunctions[name];
        var layer = new ActivationLayer(value);

        value.Name.Should().Be(name);
        value.ToString().Should().Be(name);
        value.Function.Should().Be(BuiltIn.Activation[name].Function);
        value.Derivative.Should().Be(BuiltIn.Activation[name].Prime);
        layer.Function.Should().BeSameAs(value);
        layer.Activation.Should().Be(value.Function);
        layer.ActivationPrime.Should().Be(value.Derivative);
        layer.ToString().Should().Be($"ActivationLayer({name})");
        BuiltIn.Layer(name).Function.Should().BeSameAs(value);
    }

    [Theory]
    [MemberData(nameof(Loss))]
    public void ALossIsItsNameItsFunctionAndItsDerivative(string name)
    {
        var value = LossFunctions[name];
        var (loss, prime) = BuiltIn.Loss[name];

        value.Name.Should().Be(name);
        value.ToString().Should().Be(name);
        value.Function.Should().Be(loss);
        value.Derivative.Should().Be(prime);
        Trained(network => network.Use(value)).Should().Be(Trained(network => network.Use(loss, prime)));
    }

    [Fact]
    public void FunctionsThatDoNotBelongTogetherAreRefusedInWords()
    {
        var functions = BuiltIn.Activation.SelectMany(
            one => new[] { (one.Key, one.Value.Function), (Key: one.Key + "Prime", one.Value.Prime) }).ToArray();
        foreach (var (first, function) in functions)
        {
            foreach (var (second, prime) in functions.Where(other => other.Key != first + "Prime"))
            {
                FluentActions.Invoking(() => new ActivationLayer(function, prime)).Should().Throw<ArgumentException>()
                    .WithParameterName("activationPrime")
                    .WithMessage(
                        $"A function and its derivative are expected, but got Activations.{first} and Activations.{second}. "
                        + "Pass ActivationFunction.*, or Activations.*");
            }
        }

        FluentActions.Invoking(() => new ActivationLayer(Activations.Tanh, Activations.SigmoidPrime)).Should().Throw<ArgumentException>()
            .WithMessage("*Pass ActivationFunction.Tanh, or Activations.Tanh and Activations.TanhPrime.*");
        FluentActions.Invoking(() => new ActivationLayer(x => Activations.Tanh(x), x => Activations.SigmoidPrime(x)))
            .Should().Throw<ArgumentException>()
            .WithMessage("*Activations.Tanh and Activations.SigmoidPrime*");
    }

    [Fact]
    public void LossesThatDoNotBelongTogetherAreRefusedInWordsAndTheNetworkStaysAsItWas()
    {
        foreach (var (first, one) in BuiltIn.Loss)
        {
            foreach (var (second, other) in BuiltIn.Loss.Where(entry => entry.Key != first))
            {
                new Network().Invoking(network => network.Use(one.Loss, other.Prime)).Should().Throw<ArgumentException>()
                    .WithParameterName("lossPrime")
                    .WithMessage(
                        $"*Losses.{first} and Losses.{second}Prime. "
                        + $"Pass LossFunction.{first}, or Losses.{first} and Losses.{first}Prime.*");
            }
        }

        var kept = new Network().Add(new FCLayer(1, 1)).Use(LossFunction.Huber);
        kept.Invoking(network => network.Use(Losses.Mse, Losses.MaePrime)).Should().Throw<ArgumentException>();
        kept.Evaluate([Draw.Row(0)], [Draw.Row(1e6)]).Loss.Should().BeInRange(0.9e6, 1e6 + 1);
    }

    [Fact]
    public void AFunctionOfTheLibraryWithADerivativeOfOnesOwnAndTheOtherWayRoundWillDo()
    {
        new ActivationLayer(Activations.Tanh, x => 1 - Activations.Tanh(x).PointwisePower(2)).ToString()
            .Should().Be("ActivationLayer(custom)");
        new ActivationLayer(x => x.PointwiseTanh(), Activations.TanhPrime).ToString().Should().Be("ActivationLayer(custom)");
        new Network().Use((yTrue, yPred) => 0, Losses.MsePrime).Invoking(network => network.Save(new MemoryStream()))
            .Should().Throw<ArgumentException>();
    }

    [Fact]
    public void DelegatesThatOnlyLeadToAFunctionAreKnown()
    {
        Func<Matrix<double>, Matrix<double>> direct = Activations.Tanh;
        (Func<Matrix<double>, Matrix<double>> Function, Func<Matrix<double>, Matrix<double>> Prime)[] pairs =
        [
            (x => Activations.Tanh(x), x => Activations.TanhPrime(x)),
            (static x => { return Activations.Tanh(x); }, static x => { return Activations.TanhPrime(x); }),
            (delegate(Matrix<double> x) { return Activations.Tanh(x); }, Activations.TanhPrime),
            (new Func<Matrix<double>, Matrix<double>>(direct), Activations.TanhPrime),
            (new Func<Matrix<double>, Matrix<double>>(direct.Invoke), Activations.TanhPrime),
            (new Converter<Matrix<double>, Matrix<double>>(Activations.Tanh).Invoke, Activations.TanhPrime),
            (OneMore, x => Activations.TanhPrime(x)),
            (x => OneMore(x), x => Activations.TanhPrime(x)),
            (Local, x => Activations.TanhPrime(x)),
        ];

        foreach (var (function, prime) in pairs)
        {
            new ActivationLayer(function, prime).Function.Should().BeSameAs(ActivationFunction.Tanh);
        }

        Trained(network => network.Use((yTrue, yPred) => Losses.Huber(yTrue, yPred), (yTrue, yPred) => Losses.HuberPrime(yTrue, yPred)))
            .Should().Be(Trained(network => network.Use(LossFunction.Huber)));
        using var saved = new MemoryStream();
        new Network().Use((yTrue, yPred) => Losses.Huber(yTrue, yPred), (yTrue, yPred) => Losses.HuberPrime(yTrue, yPred)).Save(saved);

        static Matrix<double> Local(Matrix<double> x) => Activations.Tanh(x);
    }

    [Fact]
    public void AFunctionThatDoesAnythingElseIsAUsersOwn()
    {
        var captured = (Func<Matrix<double>, Matrix<double>>)Activations.Tanh;
        bool other = false;
        Expression<Func<Matrix<double>, Matrix<double>>> expression = x => Activations.Tanh(x);
        Func<Matrix<double>, Matrix<double>>[] functions =
        [
            x => Activations.Tanh(x * 1),
            x => Activations.Tanh(Activations.Tanh(x)),
            x => { s_calls++; return Activations.Tanh(x); },
            x => { Activations.Sigmoid(x); return Activations.Tanh(x); },
            x => other ? Activations.Relu(x) : Activations.Tanh(x),
            x => captured(x),
            x => Activations.Tanh(x) ?? throw new InvalidOperationException(),
            (Func<Matrix<double>, Matrix<double>>)(x => { s_calls++; return x; }) + Activations.Tanh,
            captured.Applied,
            expression.Compile(),
            Recursive,
        ];

        foreach (var function in functions)
        {
            new ActivationLayer(function, Activations.TanhPrime).ToString().Should().Be("ActivationLayer(custom)");
        }

        new Network().Use((yTrue, yPred) => Losses.Mse(yPred, yTrue), (yTrue, yPred) => Losses.MsePrime(yTrue, yPred))
            .Invoking(network => network.Save(new MemoryStream())).Should().Throw<ArgumentException>()
            .WithMessage("The network's loss is not the library's own*");
        s_calls.Should().Be(0, "no function is called to find out what it is");

        static Matrix<double> Recursive(Matrix<double> x) => Recursive(x);
    }

    [Fact]
    public void NullIsRefused()
    {
        FluentActions.Invoking(() => new ActivationLayer(null!)).Should().Throw<ArgumentNullException>().WithParameterName("function");
        FluentActions.Invoking(() => new Network().Use(null!)).Should().Throw<ArgumentNullException>().WithParameterName("loss");
        FluentActions.Invoking(() => GradientCheck.RunLoss(null!, Draw.Row(1), Draw.Row(1))).Should().Throw<ArgumentNullException>()
            .WithParameterName("loss");
    }

    [Fact]
    public void TheSummarySaysWhatWasNotRecognisedAndWhatFollows()
    {
        var own = new Network().Add(new ActivationLayer(x => x + 1, x => x)).Use((yTrue, yPred) => 0, Losses.MsePrime);
        var known = new Network().Add(new ActivationLayer(x => Activations.Tanh(x), x => Activations.TanhPrime(x))).Use(LossFunction.Mse);

        own.Summary().Should()
            .Contain(
                "\n custom: not a function of the library. The network runs on one thread, is saved by a LayerRegistry only, has no ONNX "
                + "model.\n")
            .And.Contain("\n Loss: custom, not the library's own. It runs on one thread, and is saved by a LayerRegistry only.\n");
        known.Summary().Should().NotContain("custom").And.NotContain("not the library's");
    }

    private static Matrix<double> OneMore(Matrix<double> x) => Activations.Tanh(x);

    private static string Trained(Func<Network, Network> use)
    {
        var layer = new FCLayer(3, 2, random: Draw.Seeded(1));
        var network = use(new Network().Add(layer).Add(new ActivationLayer(ActivationFunction.Sigmoid)));
        var x = Draw.Matrices(7, 1, 3, Draw.Seeded(2));
        Matrix<double>[] y = [.. x.Select(one => Draw.Row(one[0, 0] > 0 ? 1 : 0, one[0, 0] > 0 ? 0 : 1))];
        var history = network.Fit(x, y, new FitOptions { Epochs = 3, BatchSize = 3, Optimizer = new Sgd(0.1), Seed = 1 });
        return string.Join(' ', history.Losses.Select(loss => loss.ToString("R"))) + Fingerprint.OfParameters(network.Layers);
    }

    private static Dictionary<string, TValue> ValuesOf<TValue>() => typeof(TValue).GetProperties()
        .Where(property => property.PropertyType == typeof(TValue))
        .ToDictionary(property => property.Name, property => (TValue)property.GetValue(null)!);
}

file static class Extension
{
    public static Matrix<double> Applied(this Func<Matrix<double>, Matrix<double>> function, Matrix<double> x) => function(-x);
}
