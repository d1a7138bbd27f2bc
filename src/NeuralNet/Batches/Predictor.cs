using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Batches;

/// <summary>A network's answers: through a <see cref="BatchRunner"/> where all layers are the library's own, layer by layer else.</summary>
/// <param name="layers">The network's layers.</param>
/// <param name="mostValues">Values that the buffers of all shapes may hold together, beyond those of the last one: 256 MB.</param>
internal sealed class Predictor(IReadOnlyList<Layer> layers, long mostValues = 1 << 25)
{
    /// <summary>
    /// Samples that pass together at most: so many that a layer's weights are read for all of them, so few that their values stay in
    /// the cache.
    /// </summary>
    private const int Together = 32;

    /// <summary>Multiply-adds below which threads cannot pay, and are not even tried.</summary>
    private const long WorthSharing = 1_000_000;

    /// <summary>Shapes that buffers are kept for.</summary>
    private const int MostShapes = 64;

    /// <summary>Multiply-adds after which the number of threads may change: about a millisecond.</summary>
    private const long WorkOfBlock = 20_000_000;

    private readonly bool _inBatches = layers.Count > 0 && LayerTree.AreInBatches(layers);
    private readonly bool _needsCallingThread = LayerTree.Leaves(layers)
        .Any(leaf => leaf.Layer is not BatchLayer { NeedsCallingThread: false });

    /// <summary>Buffers that no thread uses now, by the shape of a sample.</summary>
    private readonly ConcurrentDictionary<Shape, ConcurrentBag<BatchRunner>> _idle = new();
    private long _values;
    private ThreadTuner? _tuner;
    private bool _tuning;

    /// <summary>The buffers of the last single prediction, for the next one: a thread takes them away while it uses them.</summary>
    private BatchRunner? _idleSingle;

    private Predictor? _withoutLast;

    /// <summary>For how many shapes buffers are held.</summary>
    public int Shapes => _idle.Count;

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

    /// <summary>
    /// The outputs for many samples, the same bits as one by one. Each sample is read once, on the caller's thread.
    /// </summary>
    /// <param name="x">The samples.</param>
    /// <param name="most">How many threads work at most.</param>
    /// <param name="threadsOfBlock">How many do; null for as many as are measured to be fastest.</param>
    public Matrix<double>[] Predict(IReadOnlyList<Matrix<double>> x, int most, Func<int>? threadsOfBlock = null)
    {
        var y = new Matrix<double>[x.Count];
        if (!_inBatches || y.Length < 2)
        {
            for (int i = 0; i < y.Length; i++)
            {
                y[i] = Predict(x[i]);
            }

            return y;
        }

        // Callers that come at once share the processors already: whoever finds the tuner taken works alone.
        long work = LayerTree.MultiplyAdds(layers, x is SampleList list ? list.Shape : Shape.Of(x[0]));
        bool shares = !_needsCallingThread && most > 1 && work * y.Length >= WorthSharing;
        bool tunes = shares && threadsOfBlock is null && !Interlocked.Exchange(ref _tuning, true);
        try
        {
            if (tunes && _tuner?.Most != most)
            {
                _tuner = new ThreadTuner(most);
            }

            PredictBlocks(x, y, work, tunes ? _tuner : null, shares ? threadsOfBlock : null);
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

    /// <summary>The targets of samples that were predicted, each of its output's shape.</summary>
    /// <exception cref="ArgumentException">One has another shape.</exception>
    public Matrix<double>[] TargetsOf(Matrix<double>[] outputs, IReadOnlyList<Matrix<double>> targets)
    {
        var y = new Matrix<double>[outputs.Length];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = targets[i];
            SampleChecks.RequireTargetShape(layers[^1].Name, Shape.Of(outputs[i]), Shape.Of(y[i]), "y");
        }

        return y;
    }

    /// <summary>The last layer's inputs and its outputs for many samples.</summary>
    public (Matrix<double>[] InputsOfLast, Matrix<double>[] Outputs) PredictInTwo(IReadOnlyList<Matrix<double>> x, int threads)
    {
        var flat = LayerTree.Flat(layers);
        _withoutLast ??= new Predictor([.. flat.SkipLast(1)]);
        var inputs = _withoutLast.Predict(x, threads);
        return (inputs, Array.ConvertAll(inputs, flat[^1].Predict));
    }

    private void PredictBlocks(
        IReadOnlyList<Matrix<double>> x, Matrix<double>[] y, long work, ThreadTuner? tuner, Func<int>? threadsOfBlock)
    {
        var samples = new Matrix<double>[Math.Min(y.Length, Math.Max(Together, (int)Math.Min(y.Length, WorkOfBlock / Math.Max(1, work))))];
        for (int first = 0; first < y.Length; first += samples.Length)
        {
            int count = Math.Min(samples.Length, y.Length - first);
            for (int i = 0; i < count; i++)
            {
                samples[i] = x[first + i];
            }

            int threads = threadsOfBlock?.Invoke() ?? tuner?.Threads ?? 1;
            long start = Stopwatch.GetTimestamp();
            PredictShapes(samples.AsMemory(0, count), y.AsMemory(first, count), threads);
            tuner?.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, count);
        }
    }

    /// <summary>Predicts samples of several shapes, those of one shape together.</summary>
    private void PredictShapes(ReadOnlyMemory<Matrix<double>> x, Memory<Matrix<double>> y, int threads)
    {
        if (AreOfOneShape(x.Span))
        {
            PredictBlock(x, y, threads);
            return;
        }

        foreach (var places in Enumerable.Range(0, x.Length).GroupBy(i => Shape.Of(x.Span[i])))
        {
            int[] group = [.. places];
            var outputs = new Matrix<double>[group.Length];
            PredictBlock(Array.ConvertAll(group, place => x.Span[place]), outputs, threads);
            for (int i = 0; i < group.Length; i++)
            {
                y.Span[group[i]] = outputs[i];
            }
        }
    }

    private static bool AreOfOneShape(ReadOnlySpan<Matrix<double>> x)
    {
        var shape = Shape.Of(x[0]);
        foreach (var sample in x)
        {
            if (!Shape.Of(sample).SameMatrix(shape))
            {
                return false;
            }
        }

        return true;
    }

    private ConcurrentBag<BatchRunner> Idle(Shape shape)
    {
        if (_idle.Count >= MostShapes && !_idle.ContainsKey(shape))
        {
            _idle.Clear();
        }

        return _idle.GetOrAdd(shape, _ => []);
    }

    /// <summary>Makes buffers, and lets those of other shapes go where they would be too much together.</summary>
    private BatchRunner NewRunner(Shape shape, int together, ConcurrentBag<BatchRunner> idle)
    {
        var runner = new BatchRunner(layers, shape, together);
        if (Interlocked.Add(ref _values, runner.ValueCount) > mostValues)
        {
            _idle.Clear();
            _idle.TryAdd(shape, idle);
            Interlocked.Exchange(ref _values, runner.ValueCount);
        }

        return runner;
    }

    private void PredictBlock(ReadOnlyMemory<Matrix<double>> x, Memory<Matrix<double>> y, int threads)
    {
        var shape = Shape.Of(x.Span[0]);
        int together = Batch.Capacity(layers, shape, Together);
        threads = Math.Min(threads, x.Length);
        int size = Math.Min(together, (x.Length + threads - 1) / threads);
        int batches = (x.Length + size - 1) / size;
        var idle = Idle(shape);
        int next = 0;
        void TakeBatches()
        {
            if (!idle.TryTake(out var runner))
            {
                runner = NewRunner(shape, together, idle);
            }

            for (int batch = Interlocked.Increment(ref next) - 1; batch < batches; batch = Interlocked.Increment(ref next) - 1)
            {
                int from = batch * size;
                int count = Math.Min(size, x.Length - from);
                runner.Predict(x.Span.Slice(from, count), y.Span.Slice(from, count));
            }

            idle.Add(runner);
        }

        if (threads <= 1)
        {
            TakeBatches();
        }
        else
        {
            try
            {
                Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => TakeBatches());
            }
            catch (AggregateException e)
            {
                // What a layer threw, as on one thread.
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }
    }
}
