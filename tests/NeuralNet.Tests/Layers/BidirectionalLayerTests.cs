using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

/// <summary>Two layers over one sequence, one from each end.</summary>
public class BidirectionalLayerTests
{
    private static readonly LstmLayer s_layer = new(3, 2);

    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        Null("BidirectionalLayer.ctor(forward)", _ => new BidirectionalLayer(null!, new LstmLayer(3, 2))),
        Null("BidirectionalLayer.ctor(backward)", _ => new BidirectionalLayer(new LstmLayer(3, 2), null!)),
        Wrong("BidirectionalLayer.ctor(backward)", "the same layer", _ => new BidirectionalLayer(s_layer, s_layer),
            "LstmLayer(3 -> 2) is in BidirectionalLayer(LstmLayer(3 -> 2)) twice"),
        Wrong("BidirectionalLayer.ctor(backward)", "another number of columns",
            _ => new BidirectionalLayer(new GruLayer(3, 2), new GruLayer(4, 2)), "GruLayer(3 -> 2) and GruLayer(4 -> 2)", "both the same"),
        Wrong("BidirectionalLayer.ctor(backward)", "sequences beside a last state",
            _ => new BidirectionalLayer(new GruLayer(3, 2, true), new GruLayer(3, 2)),
            "both return sequences", "GruLayer(3 -> 2, return sequences) and GruLayer(3 -> 2)"),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheBackwardLayerReadsTheRowsFromTheLastToTheFirst(bool sequences)
    {
        var random = Draw.Seeded(1);
        var (forward, backward) =
            (Recurrent.Drawn("lstm", 3, 2, sequences, random), Recurrent.Drawn("rnn", 3, 4, sequences, random));
        var layer = new BidirectionalLayer(forward, backward);
        foreach (int steps in new[] { 1, 2, 6 })
        {
            var x = Draw.Matrix(steps, 3, random);
            var expected = forward.Predict(x).Append(Reversed(backward.Predict(Reversed(x))));

            layer.Predict(x).ShouldBeBitForBit(expected);
            layer.ForwardPropagation(x).ShouldBeBitForBit(expected);
        }
    }

    [Fact]
    public void ALayerOfTheArticlesTwoMethodsWillDo()
    {
        var random = Draw.Seeded(1);
        var (forward, inner) = (Recurrent.Drawn("gru", 3, 2, true, random), Recurrent.Drawn("gru", 3, 4, true, random));
        var (ours, users) = (new BidirectionalLayer(forward, inner), new BidirectionalLayer(forward, new Article(inner)));
        var x = Draw.Matrices(5, 4, 3, random);
        var y = Draw.Matrices(5, 4, 6, random);

        users.Predict(x[0]).ShouldBeBitForBit(ours.Predict(x[0]));
        users.ForwardPropagation(x[0]).ShouldBeBitForBit(ours.ForwardPropagation(x[0]));
        users.Backward(y[0]).ShouldBeBitForBit(ours.Backward(y[0]));
        new Network().Add(users).Use(Losses.Mse, Losses.MsePrime).Fit(x, y, 2, 0.1).StopReason.Should().Be(StopReason.EpochsCompleted);
        users.Predict(x[0]).ShouldBeBitForBit(ours.Predict(x[0]));
    }

    [Fact]
    public void GradientsOfStacksAndBranchesAreThoseOfFiniteDifferences()
    {
        var random = Draw.Seeded(3);
        RecurrentLayer New(string kind, int inputs, int hidden, bool sequences) =>
            Recurrent.Drawn(kind, inputs, hidden, sequences, random);
        var inner = new BidirectionalLayer(New("lstm", 3, 2, true), New("gru", 3, 1, true));
        var net = new Network()
            .Add(new ResidualLayer([inner]))
            .Add(new BidirectionalLayer(
                new ResidualLayer([New("rnn", 3, 3, true)]), new BidirectionalLayer(New("gru", 3, 1, true), New("rnn", 3, 2, true))))
            .Add(new BidirectionalLayer(New("gru", 6, 2, false), New("lstm", 6, 3, false)));
        foreach (int steps in new[] { 1, 2, 5 })
        {
            GradientCheck.Run(new NetworkLayer(net), Draw.Matrix(steps, 3, random), random).WorstRelativeError.Should().BeLessThan(1e-6);
        }
    }

    [Fact]
    public void OutputsOfOtherHeightsAreRefused()
    {
        new BidirectionalLayer(new FlattenLayer(), new ActivationLayer(ActivationFunction.Tanh))
            .Invoking(layer => layer.Predict(Draw.Matrix(2, 3, Draw.Seeded(1)))).Should().Throw<ArgumentException>().WithMessage(
                "BidirectionalLayer(FlattenLayer, ActivationLayer(Tanh)) puts its layers' outputs side by side, but the forward "
                + "layer gives 1 x 6 and the backward layer 2 x 3. Make both give as many rows.*");
    }

    private static Matrix<double> Reversed(Matrix<double> matrix) =>
        Matrix<double>.Build.DenseOfRowVectors(matrix.EnumerateRows().Reverse());

    private sealed class Article(BatchLayer inner) : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => inner.ForwardPropagation(input);

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) =>
            inner.BackwardPropagation(outputError, learningRate);
    }
}
