using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>What the library handed out is never written to later, and what it was given is never written to at all.</summary>
public class NetworkOwnershipTests
{
    private readonly List<(Matrix<double> Matrix, string Then)> _handed = [];
    private readonly Matrix<double>[] _x = Draw.Matrices(4, 5, 12, Draw.Seeded(1));
    private readonly Matrix<double>[] _y = Draw.Matrices(4, 1, 2, Draw.Seeded(2));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatUserCodeWasHandedDuringTrainingStaysAsItWas(bool withUsersLayer)
    {
        var network = MakeNetwork(withUsersLayer).Use(
            (yTrue, yPred) => Losses.Mse(Keep(yTrue), Keep(yPred)),
            (yTrue, yPred) => Keep(Losses.MsePrime(Keep(yTrue), Keep(yPred))));

        network.Fit(_x, _y, 3, 0.1, new SynchronousProgress<EpochReport>(_ => network.Predict(_x).ToList().ForEach(y => Keep(y))));
        network.Fit(_x, _y, 2, 0.1);
        network.Predict(_x);

        _handed.Should().HaveCountGreaterThan(5 * 4 * 8);
        ShouldBeAsTheyWere();
    }

    [Fact]
    public void NoTwoSamplesPredictionsShareTheirMemory()
    {
        var network = MakeNetwork(false).Use(Losses.Mse, Losses.MsePrime);

        var predictions = network.Predict(_x);
        predictions.ToList().ForEach(y => Keep(y));
        network.Predict(_x[0]).Clear();
        network.Predict(_x)[1].Clear();
        network.Fit(_x, _y, 2, 0.1);

        ShouldBeAsTheyWere();
    }

    [Fact]
    public void WhatALayerReturnedStaysAsItWas()
    {
        foreach (var layer in MakeNetwork(false).Layers)
        {
            var inputs = layer is FCLayer ? Draw.Matrices(3, 1, 48, Draw.Seeded(3)) : Draw.Matrices(3, 5, 12, Draw.Seeded(3));
            foreach (var input in inputs)
            {
                Keep(input);
                Keep(layer.Predict(input));
                Keep(layer.ForwardPropagation(input));
                var error = Keep(Matrix<double>.Build.Dense(layer.Output!.RowCount, layer.Output.ColumnCount, 0.5));
                Keep(layer.BackwardPropagation(error, 0.1));
                Keep(((layer as TrainableLayer)?.Backward(error)) ?? error);
            }
        }

        ShouldBeAsTheyWere();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SamplesAndTargetsAreNeverWrittenTo(bool withUsersLayer)
    {
        var network = MakeNetwork(withUsersLayer).Use(Losses.Mse, Losses.MsePrime);
        _x.Concat(_y).ToList().ForEach(matrix => Keep(matrix));

        network.Fit(_x, _y, 3, 0.1);
        network.Predict(_x);
        network.Predict(_x[0]);

        ShouldBeAsTheyWere();
    }

    [Fact]
    public void AUsersFunctionMayReturnTheSameMatrixEachTimeOrWriteToItsArgument()
    {
        var buffer = Matrix<double>.Build.Dense(1, 2);
        var error = Matrix<double>.Build.Dense(1, 2);
        Matrix<double> Reuse(Matrix<double> x)
        {
            Activations.Tanh(x).CopyTo(buffer);
            x.Clear();
            return buffer;
        }

        Matrix<double> ReuseError(Matrix<double> yTrue, Matrix<double> yPred)
        {
            Losses.MsePrime(yTrue, yPred).CopyTo(error);
            yPred.Clear();
            return error;
        }

        var sloppy = Small(new ActivationLayer(Reuse, x => Activations.TanhPrime(x))).Use(Losses.Mse, ReuseError);
        var clean = Small(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)).Use(Losses.Mse, Losses.MsePrime);
        var x = Draw.Matrices(3, 1, 3, Draw.Seeded(4));

        sloppy.Fit(x, _y[..3], 5, 0.1);
        clean.Fit(x, _y[..3], 5, 0.1);

        sloppy.Predict(x).ShouldBeNear(clean.Predict(x));
    }

    [Fact]
    public void AParameterKeepsACopyOfTheValueItWasMadeOfAndALayerOfTheWeightsItWasSet()
    {
        var value = Draw.Row(1, 2, 3);
        var parameter = new Parameter("Scale", value);
        var layer = new FCLayer(1, 3) { Weights = value, Bias = value };
        var live = layer.Weights;

        value.Clear();

        parameter.Value.Should().Be(Draw.Row(1, 2, 3));
        layer.Weights.Should().BeSameAs(live).And.Be(Draw.Row(1, 2, 3));
        layer.Bias.Should().Be(Draw.Row(1, 2, 3));
    }

    private static Network Small(Layer activation) => new Network().Add(new FCLayer(3, 2, random: Draw.Seeded(1))).Add(activation);

    private Network MakeNetwork(bool withUsersLayer)
    {
        var random = Draw.Seeded(3);
        var network = new Network()
            .Add(new ConvLayer((5, 6, 2), (2, 3), 3, random: random))
            .Add(new ActivationLayer(x => Keep(Activations.Tanh(Keep(x))), x => Keep(Activations.TanhPrime(Keep(x)))))
            .Add(new FlattenLayer())
            .Add(new FCLayer(48, 2, random: random))
            .Add(new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime));
        return withUsersLayer ? network.Add(new UserLayers.Custom(x => Keep(x).Clone(), error => Keep(error).Clone())) : network;
    }

    private Matrix<double> Keep(Matrix<double> matrix)
    {
        _handed.Add((matrix, Fingerprint.Of(matrix)));
        return matrix;
    }

    private void ShouldBeAsTheyWere() => _handed.Count(handed => Fingerprint.Of(handed.Matrix) != handed.Then).Should().Be(0);
}
