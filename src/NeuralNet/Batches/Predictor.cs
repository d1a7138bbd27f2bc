using System.Collections.Concurrent;
using System.Diagnostics;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>A network's answers: through a <see cref="Pipeline"/> where all layers are the library's own, layer by layer else.</summary>
internal sealed class Predictor(IReadOnlyList<Layer> layers)
{
    /// <summary>Samples that pass together at most: so many that a layer's weights are read for all of them, so few that their values stay in the cache.</summary>
    private const int Together = 32;

    /// <summary>Multiply-adds below which threads cannot pay, and are not even tried.</summary>
    private const long WorthSharing = 1_000_000;

    /// <summary>Multiply-adds after which the number of threads may change: about a millisecond.</summary>
    private const long WorkOfBlock = 20_000_000;

    private readonly bool _ownLayersOnly = layers.All(layer => layer is IBatchLayer);
    private readonly long _work = layers.OfType<IBatchLayer>().Sum(layer => layer.Work);
    private readonly bool _callsUser = layers.Any(layer => layer is not IBatchLayer { CallsUser: false });
    private readonly ConcurrentBag<Pipeline> _idle = [];
    private ThreadTuner? _tuner;
    private bool _tuning;

    /// <summary>The buffers of the last single prediction, for the next one: a thread takes them away while it uses them.</summary>
    private Pipeline? _idleSingle;

    public Matrix<double> Predict(Matrix<double> x)
    {
        if (!_ownLayersOnly)
        {
            return LayerByLayer(x);
        }

        var pipeline = Interlocked.Exchange(ref _idleSingle, null);
        if (pipeline is null || !pipeline.Input.SameMatrix(Shape.Of(x)))
        {
            pipeline = new Pipeline(layers, Shape.Of(x), capacity: 1);
        }

        var y = pipeline.Predict(x);
        _idleSingle = pipeline;
        return y;
    }

    /// <summary>
    /// The outputs for many samples of one shape, the same bits as one by one. Each sample is read once, on the caller's thread.
    /// </summary>
    /// <param name="x">The samples.</param>
    /// <param name="most">How many threads work at most.</param>
    /// <param name="threadsOfBlock">How many do; null for as many as are measured to be fastest.</param>
    public Matrix<double>[] Predict(IReadOnlyList<Matrix<double>> x, int most, Func<int>? threadsOfBlock = null)
    {
        var y = new Matrix<double>[x.Count];
        if (!_ownLayersOnly || y.Length < 2)
        {
            for (int i = 0; i < y.Length; i++)
            {
                y[i] = Predict(x[i]);
            }

            return y;
        }

        // Callers that come at once share the processors already: whoever finds the tuner taken works alone.
        bool shares = !_callsUser && most > 1 && _work * y.Length >= WorthSharing;
        bool tunes = shares && threadsOfBlock is null && !Interlocked.Exchange(ref _tuning, true);
        try
        {
            if (tunes && _tuner?.Most != most)
            {
                _tuner = new ThreadTuner(most);
            }

            PredictBlocks(x, y, tunes ? _tuner : null, shares ? threadsOfBlock : null);
        }
        finally
        {
            if (tunes)
            {
                Volatile.Write(ref _tuning, false);
            }
        }

        return y;
    }

    private void PredictBlocks(IReadOnlyList<Matrix<double>> x, Matrix<double>[] y, ThreadTuner? tuner, Func<int>? threadsOfBlock)
    {
        var samples = new Matrix<double>[Math.Min(y.Length, Math.Max(Together, (int)Math.Min(y.Length, WorkOfBlock / Math.Max(1, _work))))];
        for (int first = 0; first < y.Length; first += samples.Length)
        {
            int count = Math.Min(samples.Length, y.Length - first);
            for (int i = 0; i < count; i++)
            {
                samples[i] = x[first + i];
            }

            int threads = threadsOfBlock?.Invoke() ?? tuner?.Threads ?? 1;
            long start = Stopwatch.GetTimestamp();
            PredictBlock(samples.AsMemory(0, count), y.AsMemory(first, count), threads);
            tuner?.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, count);
        }
    }

    private void PredictBlock(ReadOnlyMemory<Matrix<double>> x, Memory<Matrix<double>> y, int threads)
    {
        var shape = Shape.Of(x.Span[0]);
        int together = Batch.Capacity(layers, shape, Together);
        threads = Math.Min(threads, x.Length);
        int size = Math.Min(together, (x.Length + threads - 1) / threads);
        int batches = (x.Length + size - 1) / size;
        int next = 0;
        void TakeBatches()
        {
            if (!_idle.TryTake(out var pipeline) || !pipeline.Input.SameMatrix(shape))
            {
                pipeline = new Pipeline(layers, shape, together);
            }

            for (int batch = Interlocked.Increment(ref next) - 1; batch < batches; batch = Interlocked.Increment(ref next) - 1)
            {
                int from = batch * size;
                int count = Math.Min(size, x.Length - from);
                pipeline.Predict(x.Span.Slice(from, count), y.Span.Slice(from, count));
            }

            _idle.Add(pipeline);
        }

        if (threads <= 1)
        {
            TakeBatches();
        }
        else
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => TakeBatches());
        }
    }

    private Matrix<double> LayerByLayer(Matrix<double> x)
    {
        var output = x;
        foreach (var layer in layers)
        {
            output = layer.Predict(output) ?? throw new InvalidOperationException($"{layer.Name}'s Predict returned null; it must return Y.");
        }

        return output;
    }
}
