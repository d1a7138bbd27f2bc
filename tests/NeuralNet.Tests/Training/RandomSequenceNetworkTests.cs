using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Layers;
using NeuralNet.Tests.Models;

namespace NeuralNet.Tests.Training;

/// <summary>1,000 networks of layers for sequences, old and new ones mixed, branches too: what every network has to keep.</summary>
public class RandomSequenceNetworkTests
{
    private const int Networks = 1000;

    /// <summary>Always the same networks: one in thousands is too steep for a step of finite differences.</summary>
    [Fact]
    public void GradientsAreThoseOfFiniteDifferences() => Parallel.For(0, Networks, seed =>
    {
        var drawn = new RandomSequenceNetwork(seed, isSmooth: true);
        var (network, (x, _)) = (drawn.Make(), drawn.Samples(1));

        var result = GradientCheck.Run(new NetworkLayer(network), x[0], Draw.Seeded(seed));

        result.WorstRelativeError.Should().BeLessThan(1e-6, $"{drawn}: {result}");
    });

    [Fact]
    public void MixedLengthsTrainAsOneByOneOnAnyNumberOfThreads() => Gen.Int.Sample(
        seed =>
        {
            var drawn = new RandomSequenceNetwork(seed, isSmooth: false);
            var (x, y) = drawn.Samples(6);
            var (network, twin) = (drawn.Make(), drawn.Make());
            var loss = drawn.Loss;
            Gradients(network, loss, x, y, 2).Should().Be(Gradients(network, loss, x, y, 1));

            var history = network.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 4, Optimizer = new Sgd(0.05), Shuffle = false });
            var losses = BatchLoop.Fit(twin.Layers, loss.Function, loss.Derivative, x, y, 2, 4, new Sgd(0.05));

            history.Losses.Should().Equal(losses, (one, other) => Math.Abs(one - other) <= 1e-12);
            Parameters(network).ShouldBeNear(Parameters(twin));
        },
        iter: Networks);

    [Fact]
    public void PredictionsHaveTheSameBitsTogetherAloneLoadedAndCloned() => Gen.Int.Sample(
        seed =>
        {
            var drawn = new RandomSequenceNetwork(seed, isSmooth: false);
            var (network, (x, _)) = (drawn.Make(), drawn.Samples(6));

            string together = Fingerprint.Of(network.Predict(x));

            Fingerprint.Of(x.Select(network.Predict)).Should().Be(together);
            Fingerprint.Of(network.Clone().Predict(x)).Should().Be(together);
            Fingerprint.Of(ModelBytes.Load(ModelBytes.Of(network)).Predict(x)).Should().Be(together);
        },
        iter: Networks);

    /// <summary>Where no layer looks ahead, a stream says what Predict says of the steps so far; else it is refused.</summary>
    [Fact]
    public void AStreamSaysWhatPredictSaysOfTheStepsSoFar() => Gen.Int.Sample(
        seed =>
        {
            var drawn = new RandomSequenceNetwork(seed, isSmooth: false);
            var (network, (samples, _)) = (drawn.Make(), drawn.Samples(1));
            var x = samples[0];
            if (LayerTree.All(network.Layers).Any(LooksAhead))
            {
                network.Invoking(it => it.Stream()).Should().Throw<InvalidOperationException>().WithMessage("*whole sequence*");
                return;
            }

            var stream = network.Stream();
            for (int t = 0; t < x.RowCount; t++)
            {
                var said = stream.Next(x.SubMatrix(t, 1, 0, x.ColumnCount));
                var predicted = network.Predict(x.SubMatrix(0, t + 1, 0, x.ColumnCount));
                said.ShouldBeNear(predicted.SubMatrix(predicted.RowCount - 1, 1, 0, predicted.ColumnCount));
            }
        },
        iter: Networks);

    private static bool LooksAhead(Layer layer) => layer switch
    {
        BidirectionalLayer => true,
        SelfAttentionLayer attention => !attention.Causal,
        Conv1DLayer convolution => convolution.Padding == Padding.Same && convolution.KernelSize > 1,
        _ => false,
    };

    private static Matrix<double>[] Parameters(Network network) =>
        [.. LayerTree.Parameters(network.Layers).Select(parameter => parameter.Value)];

    private static string Gradients(Network network, LossFunction loss, Matrix<double>[] x, Matrix<double>[] y, int threads)
    {
        using var team = new Team(threads, () => threads);
        var runners = new RunnerSet(network.Layers, new Criterion(loss), _ => 32, team, stored: false);
        int[] all = [.. Enumerable.Range(0, x.Length)];
        runners.ForwardBackward(x, y, all, null, new double[x.Length], new double[x.Length], 0.1, Draw.Seeded(1)).Should().BeTrue();
        var parameters = LayerTree.Parameters(network.Layers).ToArray();
        string gradients = Fingerprint.Of(parameters.Select(parameter => parameter.Gradient));
        Array.ForEach(parameters, parameter => parameter.Gradient.Clear());
        return gradients;
    }
}
