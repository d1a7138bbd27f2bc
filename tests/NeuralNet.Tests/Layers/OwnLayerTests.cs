using System.Reflection;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Tests.Catalogue;

namespace NeuralNet.Tests.Layers;

/// <summary>Layers of a user's on the open contract that are wrong: a clear exception names them, the network is as it was, and nothing
/// hangs.</summary>
public class OwnLayerTests
{
    private static readonly (Matrix<double>[] X, Matrix<double>[] Y) s_data =
        (Draw.Matrices(64, 1, 100, Draw.Seeded(2)), Draw.Matrices(64, 1, 4, Draw.Seeded(3)));

    public static TheoryData<string, int> Methods
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string method in new[]
            {
                "GetOutputShape", "Forward", "Backward", "AddGradients", "BeforeForward", "BeforeBackward", "CheckBatch", "KeptPerSample",
                "SharedPerBatch", "MultiplyAdds",
            })
            {
                data.Add(method, 1);
                data.Add(method, 4);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void WhatAMethodThrowsIsToldWithTheLayersName(string method, int threads)
    {
        var layer = new Broken();
        var network = Make(layer);
        Fit(network, threads);
        layer.Fault = at => at == method ? new InvalidDataException("too far") : null;

        Fails(network, threads, $"Broken's {method} threw InvalidDataException: too far").InnerException
            .Should().BeOfType<InvalidDataException>();

        layer.Fault = _ => null;
        Fit(network, threads);
    }

    [Theory]
    [InlineData("Forward")]
    [InlineData("Backward")]
    [InlineData("AddGradients")]
    public void WhatAHelperThrowsComesToTheCaller(string method)
    {
        var layer = new Broken();
        var network = Make(layer);
        int caller = Environment.CurrentManagedThreadId;
        using var thrown = new ManualResetEventSlim();
        layer.Fault = at =>
        {
            if (at != method)
            {
                return null;
            }

            if (Environment.CurrentManagedThreadId == caller)
            {
                thrown.Wait(TimeSpan.FromMinutes(1)).Should().BeTrue("a helper has to come");
                return null;
            }

            thrown.Set();
            return new FormatException("on a helper");
        };

        Fails(network, 4, $"Broken's {method} threw FormatException: on a helper");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WritingOutsideItsRangeEndsThere(int threads)
    {
        foreach (string method in new[] { "Forward", "Backward", "AddGradients", "KeptOf", "InputOf", "Gradient" })
        {
            Fails(Make(new Broken { Outside = method }), threads, "Broken's ");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ColumnsThatDoNotDivideTheParametersAreRefusedBeforeTraining(int threads)
    {
        Fails(
            Make(new Broken { Columns = 7 }), threads, "Broken has 7 GradientColumns, which do not divide the 60 columns of its Weights.");
        Fails(Make(new Broken { Columns = 0 }), threads, "Broken has 0 GradientColumns; there must be 1 or more.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void NegativeRoomIsRefused(int threads) =>
        Fails(Make(new Broken { Kept = -1 }), threads, "Broken asks for room to keep -");

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AShapeThatChangesIsRefused(int threads)
    {
        var layer = new Broken();
        var network = Make(layer);
        Fit(network, threads);
        layer.Width = 61;

        Fails(
            network, threads,
            "Broken's GetOutputShape returned 1 x 61 for an input of 1 x 100, but 1 x 60 before; it must always return the same.");

        layer.Width = 0;
        Fails(network, threads, "Broken's GetOutputShape returned 1 x 0 x 1;");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ParametersThatChangeAreRefused(int threads)
    {
        Fails(Make(new Broken { MakesParametersAnew = true }), threads, "Broken's Parameters are not the same objects as before");

        var article = Make(new Broken { MakesParametersAnew = true });
        article.Invoking(network => network.Fit(s_data.X, s_data.Y, 1, 0.1)).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("Broken's Parameters are not the same*");
    }

    [Fact]
    public void PredictionsAndTheArticlesMethodsNameTheLayerToo()
    {
        var layer = new Broken { Fault = at => at == "Forward" ? new FormatException("mine") : null };
        var network = Make(layer);
        const string Message = "Broken's Forward threw FormatException: mine";

        network.Invoking(one => one.Predict(s_data.X[0])).Should().ThrowExactly<InvalidOperationException>().WithMessage(Message);
        network.Invoking(one => one.Predict([.. Enumerable.Repeat(s_data.X, 40).SelectMany(x => x)])).Should()
            .ThrowExactly<InvalidOperationException>().WithMessage(Message);
        layer.Invoking(one => one.Predict(s_data.X[0])).Should().ThrowExactly<InvalidOperationException>().WithMessage(Message);
        layer.Invoking(one => one.ForwardPropagation(s_data.X[0])).Should().ThrowExactly<InvalidOperationException>().WithMessage(Message);

        layer.Fault = at => at == "Backward" ? new FormatException("mine") : null;
        var y = layer.ForwardPropagation(s_data.X[0]);
        layer.Invoking(one => one.BackwardPropagation(y, 0.1)).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("Broken's BackwardAndUpdate threw FormatException: mine");
        layer.Invoking(one => one.Backward(y))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage("Broken's Backward threw FormatException: mine");
    }

    [Fact]
    public void ARefusalInTheLayersOwnWordsStaysAsItIs()
    {
        var layer = new Broken { Fault = at => at == "GetOutputShape" ? new ArgumentException("Broken wants 1 x 3.") : null };
        layer.Invoking(one => one.Predict(s_data.X[0])).Should().ThrowExactly<ArgumentException>().WithMessage("Broken wants 1 x 3.");

        layer.Fault = at => at == "CheckBatch" ? new InvalidOperationException("Broken wants more.") : null;
        Fails(Make(layer), 1, "Broken wants more.");

        layer.Fault = at => at == "Forward" ? new OperationCanceledException() : null;
        layer.Invoking(one => one.Predict(s_data.X[0])).Should().Throw<OperationCanceledException>();
    }

    /// <summary>The default of BackwardAndUpdate is W -= learningRate * dE/dW for a layer that does not override it.</summary>
    [Fact]
    public void ALayerThatDoesNotOverrideTheUpdateLearnsInTheArticlesFit()
    {
        typeof(DenseLayer).GetMethods(BindingFlags.Instance | BindingFlags.NonPublic)
            .Single(method => method.Name == "BackwardAndUpdate" && method.GetParameters()[0].ParameterType == typeof(BackwardPass))
            .DeclaringType.Should().Be<BatchLayer>();
        var (own, library) = (new DenseLayer(5, 4, Draw.Seeded(1)), new FCLayer(5, 4, Initializer.Zeros));
        library.Weights = own.Parameters[0].Value;
        var (x, y) = (Draw.Matrices(6, 1, 5, Draw.Seeded(2)), Draw.Matrices(6, 1, 4, Draw.Seeded(3)));

        foreach (Layer layer in new Layer[] { own, library })
        {
            var network = new Network().Add(layer).Add(new ActivationLayer(ActivationFunction.Tanh)).Use(LossFunction.Mse);
            library.Bias = Matrix<double>.Build.Dense(1, 4);
            foreach (var (one, target) in x.Zip(y))
            {
                network.Fit([one], [target], 1, 0.3);
                library.Bias = Matrix<double>.Build.Dense(1, 4);
            }
        }

        own.Parameters[0].Value.ShouldBeNear(library.Weights, 1e-12);
        own.Parameters[0].Value.Should().NotBe(new DenseLayer(5, 4, Draw.Seeded(1)).Parameters[0].Value);
        own.Parameters[0].Gradient.Enumerate().Should().OnlyContain(v => v == 0);
    }

    private static InvalidOperationException Fails(Network network, int threads, string message)
    {
        string before = Fingerprint.OfParameters(network.Layers);
        var thrown = network.Invoking(one => Fit(one, threads))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage($"{message}*").Which;
        Fingerprint.OfParameters(network.Layers).Should().Be(before);
        return thrown;
    }

    private static void Fit(Network network, int threads) => network.Fit(s_data.X, s_data.Y, new FitOptions
    {
        Epochs = 2,
        BatchSize = 32,
        Optimizer = new Adam(0.01),
        MaxDegreeOfParallelism = threads,
        ThreadsOfStep = () => threads,
    });

    private static Network Make(Layer layer) =>
        new Network().Add(layer).Add(new FCLayer(60, 4, random: Draw.Seeded(2))).Use(LossFunction.Mse);

    /// <summary>1 x 100 to 1 x 60 by a product with weights, and every mistake there is.</summary>
    private sealed class Broken : BatchLayer
    {
        private readonly Parameter _weights = new("Weights", Draw.Matrix(100, 60, Draw.Seeded(1)));
        private readonly double[] _none = new double[60];

        public Func<string, Exception?> Fault { get; set; } = _ => null;

        public string Outside { get; init; } = "";

        public int Columns { get; init; } = 60;

        public int Kept { get; init; } = 1;

        public int Width { get; set; } = 60;

        public bool MakesParametersAnew { get; init; }

        public override IReadOnlyList<Parameter> Parameters => [MakesParametersAnew ? new Parameter("Weights", _weights.Value) : _weights];

        protected internal override string Name => "Broken";

        protected internal override int GradientColumns => Columns;

        protected internal override bool LearnsOnTheWayBack => true;

        protected internal override bool SeesWholeBatch => true;

        private Span<double> W => _weights.Value.AsColumnMajorArray();

        protected internal override Shape GetOutputShape(Shape input)
        {
            At("GetOutputShape");
            return new Shape(1, Width);
        }

        protected internal override void Forward(ForwardPass pass)
        {
            At("Forward");
            BatchProducts.RowsTimesMatrix(pass.Input, pass.Count, W, _none, pass.Output);
            switch (Outside)
            {
                case "Forward": pass.Output[pass.Output.Length] = 1; break;
                case "KeptOf": pass.KeptOf(pass.Count).Clear(); break;
                case "InputOf": pass.InputOf(-1); break;
            }
        }

        protected internal override void Backward(BackwardPass pass)
        {
            At("Backward");
            if (pass.WantsInputError)
            {
                BatchProducts.InputErrors(pass.OutputError, pass.Count, W, pass.InputError);
            }

            if (Outside == "Backward")
            {
                pass.InputErrorOf(pass.Count)[0] = 1;
            }
        }

        protected internal override void AddGradients(GradientPass pass)
        {
            At("AddGradients");
            BatchProducts.AddOuters(
                pass.Input, pass.OutputError, pass.Count, 100, 60,
                pass.From, Outside == "AddGradients" ? pass.To + 1 : pass.To, pass.Gradient(0));
            if (Outside == "Gradient")
            {
                pass.Gradient(1).Clear();
            }
        }

        protected internal override void BeforeForward(ForwardPass all, Span<double> shared) => At("BeforeForward");

        protected internal override void BeforeBackward(BackwardPass all, Span<double> shared) => At("BeforeBackward");

        protected internal override void CheckBatch(int samples) => At("CheckBatch");

        protected internal override int KeptPerSample(Shape input)
        {
            At("KeptPerSample");
            return Kept;
        }

        protected internal override int SharedPerBatch(Shape input)
        {
            At("SharedPerBatch");
            return 0;
        }

        protected internal override long MultiplyAdds(Shape input)
        {
            At("MultiplyAdds");
            return 6000;
        }

        private void At(string method)
        {
            if (Fault(method) is { } fault)
            {
                throw fault;
            }
        }
    }
}
