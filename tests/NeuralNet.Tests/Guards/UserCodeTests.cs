using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Guards;

/// <summary>What a user's function throws is told with the function's name, or its layer's.</summary>
public class UserCodeTests
{
    private readonly Matrix<double>[] _x = Draw.Matrices(3, 1, 4, Draw.Seeded(1));
    private readonly Matrix<double>[] _y = Draw.Matrices(3, 1, 2, Draw.Seeded(2));

    [Fact]
    public void TheMatrixProductInAnActivationIsNamedWithTheWayOut()
    {
        var network = Of(new ActivationLayer(x => x * x, x => 2 * x));
        Action[] doors =
        [
            () => network.Predict(_x[0]),
            () => network.Predict(_x),
            () => network.Fit(_x, _y, 1, 0.1),
            () => network.Fit(_x, _y, new FitOptions()),
            () => network.Evaluate(_x, _y),
        ];

        foreach (var door in doors)
        {
            var exception = door.Should().ThrowExactly<InvalidOperationException>().Which;
            exception.Message
                .Should().StartWith("ActivationLayer(custom)'s activation threw ArgumentException: Matrix dimensions must agree")
                .And.Contain("PointwiseMultiply");
            exception.InnerException.Should().BeOfType<ArgumentException>();
        }
    }

    [Fact]
    public void ALayerThatIsAskedByItselfNamesItsFunctionToo()
    {
        var layer = new ActivationLayer(Activations.Tanh, _ => throw new NotSupportedException("mine"));
        layer.ForwardPropagation(_x[0]);

        layer.Invoking(it => it.BackwardPropagation(_x[0], 0.1)).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("ActivationLayer(custom)'s activationPrime threw NotSupportedException: mine*")
            .WithInnerExceptionExactly<NotSupportedException>();
    }

    public static TheoryData<string> Places =>
    [
        "activation", "loss", "lossPrime", "layer's Predict", "layer's ForwardPropagation", "layer's Backward",
        "metric", "schedule", "optimizer",
    ];

    [Theory]
    [MemberData(nameof(Places))]
    public void EachFunctionIsNamedAndACancellationIsNot(string place)
    {
        foreach (var thrown in new Exception[] { new NotSupportedException("mine"), new OperationCanceledException("mine") })
        {
            var exception = Record.Exception(() => Run(place, thrown));

            if (thrown is OperationCanceledException)
            {
                exception.Should().BeSameAs(thrown);
                continue;
            }

            string name = place switch
            {
                "activation" => "ActivationLayer(custom)'s activation",
                "loss" or "lossPrime" => $"The network's {place}",
                "metric" => "The function of the metric Mine",
                "schedule" => "Schedule of a function, in epoch 0 (from 0),",
                "optimizer" => "Failing(0.1)'s Update of Weights 4 x 2",
                _ => place.Replace("layer", nameof(Own)),
            };
            exception.Should().BeOfType<InvalidOperationException>().Which.Message
                .Should().StartWith($"{name} threw NotSupportedException: mine");
            exception!.InnerException.Should().BeSameAs(thrown);
        }
    }

    private void Run(string place, Exception thrown)
    {
        T Throwing<T>(string from, T value) => from == place ? throw thrown : value;
        var network = new Network().Add(new FCLayer(4, 2, random: Draw.Seeded(1)));
        if (place == "activation")
        {
            network.Add(new ActivationLayer(x => Throwing("activation", x), x => x));
        }
        else if (place.StartsWith("layer", StringComparison.Ordinal))
        {
            network.Add(new Own(from => Throwing(from, 0)));
        }

        network.Use((t, y) => Throwing("loss", Losses.Mse(t, y)), (t, y) => Throwing("lossPrime", Losses.MsePrime(t, y)));
        if (place == "layer's Predict")
        {
            network.Predict(_x);
        }
        else
        {
            network.Fit(_x, _y, new FitOptions
            {
                Optimizer = place == "optimizer" ? new Failing(thrown) : new Sgd(0.1),
                Metrics = [new Metric("Mine", (_, _) => Throwing("metric", 0), higherIsBetter: true)],
                Schedule = new Schedule((_, rate) => Throwing("schedule", rate)),
            });
        }
    }

    private static Network Of(Layer layer) =>
        new Network().Add(new FCLayer(4, 2, random: Draw.Seeded(1))).Add(layer).Use(Losses.Mse, Losses.MsePrime);

    private sealed class Own(Action<string> call) : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters => [];

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            call("layer's ForwardPropagation");
            return input;
        }

        public override Matrix<double> Backward(Matrix<double> outputError)
        {
            call("layer's Backward");
            return outputError;
        }

        public override Matrix<double> Predict(Matrix<double> input)
        {
            call("layer's Predict");
            return input;
        }
    }

    private sealed class Failing(Exception thrown) : Optimizer(0.1)
    {
        public override void Update(Parameter parameter) => throw thrown;
    }
}
