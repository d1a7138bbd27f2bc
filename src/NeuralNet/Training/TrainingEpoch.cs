using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;

namespace NeuralNet.Training;

/// <summary>The samples once, mini-batch by mini-batch: gradients, then an update.</summary>
internal sealed class TrainingEpoch(
    RunnerSet runners, ParameterUpdate update, Team? team, FitOptions options, CancellationToken cancellation)
{
    /// <summary>The sum of the losses of the samples so far.</summary>
    public double Loss { get; private set; }

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
        var losses = new double[size];
        int batches = (order.Length + size - 1) / size;
        bool asInTheArticle = size == 1 && update.IsPlain && !runners.SeesWholeBatch;
        while (Samples < order.Length && !Canceled)
        {
            var batch = order.AsSpan(Samples, Math.Min(size, order.Length - Samples));
            team?.BeginStep();
            double rate = options.Optimizer.LearningRate;
            if (asInTheArticle)
            {
                losses[0] = runners.UpdateBySample(x[batch[0]], y[batch[0]], rate, random);
            }
            else
            {
                runners.ForwardBackward(x, y, batch, losses, rate / batch.Length, random);
            }

            double before = Loss;
            if (!Count(losses, batch))
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
            options.BatchProgress?.Report(new BatchReport(epoch, options.Epochs, Batches, batches, (Loss - before) / batch.Length));
            Canceled = cancellation.IsCancellationRequested && Samples < order.Length;
        }
    }

    /// <summary>Adds up the losses of a batch; false where that is no longer finite.</summary>
    private bool Count(double[] losses, ReadOnlySpan<int> batch)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            Loss += losses[i];
            if (!double.IsFinite(Loss))
            {
                Overflow = double.IsFinite(losses[i])
                    ? $"the losses up to that of sample {Text(batch[i])} add up to {Text(Loss)}"
                    : $"the loss of sample {Text(batch[i])} is {Text(losses[i])}";
                Overflow += update.FindOverflow() is { } overflow ? $", and {overflow}" : null;
                return false;
            }
        }

        Samples += batch.Length;
        return true;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
