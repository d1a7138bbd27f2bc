using System.Collections.Concurrent;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>A network's answers: through a <see cref="BatchRunner"/> where all layers are the library's own, layer by layer else.</summary>
internal sealed class Predictor(IReadOnlyList<Layer> layers)
{
    /// <summary>Samples that pass together at most: so many that a layer's weights are read for all of them, so few that their values stay in the cache.</summary>
    private const int Together = 32;

    /// <summary>Multiply-adds below which threads do not pay.</summary>
    private const long WorthSharing = 2_000_000;

    private readonly bool _inBatches = LayerTree.AreInBatches(layers);
    private readonly bool _needsCallingThread = LayerTree.Leaves(layers).Any(leaf => leaf.Layer is not BatchLayer { NeedsCallingThread: false });
    private readonly ConcurrentBag<BatchRunner> _idle = [];

    /// <summary>The buffers of the last single prediction, for the next one: a thread takes them away while it uses them.</summary>
    private BatchRunner? _idleSingle;

    /// <exception cref="ArgumentException">A layer cannot take X, or what comes of it; names both shapes and the way out.</exception>
    public Matrix<double> Predict(Matrix<double> x)
    {
        if (!_inBatches)
        {
            LayerTree.OutputShape(layers, Shape.Of(x));
            return LayerTree.Predict(layers, x);
        }

        var runner = Interlocked.Exchange(ref _idleSingle, null);
        if (runner is null || !runner.Input.SameMatrix(Shape.Of(x)))
        {
            LayerTree.OutputShape(layers, Shape.Of(x));
            runner = new BatchRunner(layers, Shape.Of(x), capacity: 1);
        }

        var y = runner.Predict(x);
        _idleSingle = runner;
        return y;
    }

    /// <summary>The outputs for many samples of one shape, the same bits as one by one.</summary>
    public Matrix<double>[] Predict(IReadOnlyList<Matrix<double>> x, int threads)
    {
        var y = new Matrix<double>[x.Count];
        if (!_inBatches || x.Count < 2)
        {
            for (int i = 0; i < y.Length; i++)
            {
                y[i] = Predict(x[i]);
            }

            return y;
        }

        // A user's list may be read on the caller's thread only.
        Matrix<double>[] samples = [.. x];
        int together = Batch.Capacity(layers, Shape.Of(samples[0]), Together);
        int batches = (samples.Length + together - 1) / together;
        if (_needsCallingThread || LayerTree.MultiplyAdds(layers, Shape.Of(samples[0])) * samples.Length < WorthSharing)
        {
            threads = 1;
        }

        threads = Math.Min(threads, batches);
        int next = 0;
        void TakeBatches()
        {
            if (!_idle.TryTake(out var runner) || !runner.Input.SameMatrix(Shape.Of(samples[0])))
            {
                runner = new BatchRunner(layers, Shape.Of(samples[0]), together);
            }

            for (int batch = Interlocked.Increment(ref next) - 1; batch < batches; batch = Interlocked.Increment(ref next) - 1)
            {
                runner.Predict(samples, y, batch * together);
            }

            _idle.Add(runner);
        }

        if (threads <= 1)
        {
            TakeBatches();
        }
        else
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => TakeBatches());
        }

        return y;
    }
}
