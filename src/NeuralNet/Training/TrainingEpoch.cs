using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;

namespace NeuralNet.Training;

/// <summary>The samples once, mini-batch by mini-batch: gradients, then an update.</summary>
internal sealed class TrainingEpoch(
    RunnerSet runners,
    ParameterUpdate update,
    Team? team,
    SampleWeighting? weighting,
    FitOptions options,
    CancellationToken cancellation)
{
    private double _loss, _weight;

    /// <summary>The mean loss of the samples so far, by their weights.</summary>
    public double MeanLoss => Mean(_loss, _weight);

    /// <summary>How many samples passed.</summary>
    public int Samples { get; private set; }

    /// <summary>How many mini-batches passed.</summary>
    public int Batches { get; private set; }

    public bool Canceled { get; private set; }

    /// <summary>What is no longer finite, in words; null where everything is.</summary>
    public string? Overflow { get; set; }

    /// <param name="x">All samples.</param>
    /// <param name="y">All targets.</param>
    /// <param name="order">Which of them to train on, in order.</param>
    /// <param name="random">Where random numbers come from for layers without a generator of their own.</param>
    /// <param name="epoch">For the reports.</param>
    public void Run(SampleList x, SampleList y, int[] order, Random random, int epoch)
    {
        int size = Math.Min(options.BatchSize, order.Length);
        var (losses, weights) = (new double[size], new double[size]);
        int samples = options.DropLast ? order.Length - (order.Length % size) : order.Length;
        int batches = (samples + size - 1) / size;
        bool asInTheArticle = size == 1 && update.IsPlain && !runners.SeesWholeBatch;
        while (Samples < samples && !Canceled)
        {
            var batch = order.AsSpan(Samples, Math.Min(size, samples - Samples));
            team?.BeginStep();
            double rate = options.Optimizer.LearningRate;
            if (asInTheArticle)
            {
                var (sample, target) = (x[batch[0]], y[batch[0]]);
                weights[0] = weighting?.Of(batch[0], target) ?? 1;
                losses[0] = runners.UpdateBySample(sample, target, weights[0], rate, random);
            }
            else
            {
                runners.ForwardBackward(x, y, batch, weighting, losses, weights, rate / batch.Length, random);
            }

            var (lossBefore, weightBefore) = (_loss, _weight);
            if (!Count(losses, weights, batch))
            {
                return;
            }

            if (!asInTheArticle && update.Apply(batch.Length) is { } overflow)
            {
                Overflow = $"{overflow} after sample {Text(batch[^1])}";
                return;
            }

            team?.EndStep(batch.Length);

            Batches++;
            options.BatchProgress?.Report(
                new BatchReport(epoch, options.Epochs, Batches, batches, Mean(_loss - lossBefore, _weight - weightBefore)));
            Canceled = cancellation.IsCancellationRequested && Samples < samples;
        }
    }

    /// <summary>Adds up the losses of a batch; false where that is no longer finite.</summary>
    private bool Count(double[] losses, double[] weights, ReadOnlySpan<int> batch)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            _loss += weights[i] * losses[i];
            _weight += weights[i];
            if (!double.IsFinite(_loss))
            {
                Overflow = double.IsFinite(losses[i])
                    ? $"the losses up to that of sample {Text(batch[i])} add up to {Text(_loss)}"
                    : $"the loss of sample {Text(batch[i])} is {Text(losses[i])}";
                Overflow += update.FindOverflow() is { } overflow ? $", and {overflow}" : null;
                return false;
            }
        }

        Samples += batch.Length;
        return true;
    }

    private static double Mean(double loss, double weight) => weight == 0 ? 0 : loss / weight;

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
