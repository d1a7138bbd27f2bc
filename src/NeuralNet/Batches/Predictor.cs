using System.Collections.Concurrent;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>A network's answers: through a <see cref="Pipeline"/> where all layers are the library's own, layer by layer else.</summary>
internal sealed class Predictor(IReadOnlyList<Layer> layers)
{
    /// <summary>Samples that pass together at most: so many that a layer's weights are read for all of them, so few that their values stay in the cache.</summary>
    private const int Together = 32;

    /// <summary>Multiply-adds below which threads do not pay.</summary>
    private const long WorthSharing = 2_000_000;

    private readonly bool _ownLayersOnly = layers.Count > 0 && layers.All(layer => layer is IBatchLayer);
    private readonly long _work = layers.OfType<IBatchLayer>().Sum(layer => layer.Work);
    private readonly bool _callsUser = layers.Any(layer => layer is not IBatchLayer { CallsUser: false });
    private readonly ConcurrentBag<Pipeline> _idle = [];

    /// <summary>The buffers of the last single prediction, for the next one: a thread takes them away while it uses them.</summary>
    private Pipeline? _idleSingle;

    private Predictor? _withoutLast;

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

    /// <summary>The outputs for many samples of one shape, the same bits as one by one.</summary>
    public Matrix<double>[] Predict(IReadOnlyList<Matrix<double>> x, int threads)
    {
        var y = new Matrix<double>[x.Count];
        if (!_ownLayersOnly || x.Count < 2)
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
        if (_callsUser || _work * samples.Length < WorthSharing)
        {
            threads = 1;
        }

        threads = Math.Min(threads, batches);
        int next = 0;
        void TakeBatches()
        {
            if (!_idle.TryTake(out var pipeline) || !pipeline.Input.SameMatrix(Shape.Of(samples[0])))
            {
                pipeline = new Pipeline(layers, Shape.Of(samples[0]), together);
            }

            for (int batch = Interlocked.Increment(ref next) - 1; batch < batches; batch = Interlocked.Increment(ref next) - 1)
            {
                pipeline.Predict(samples, y, batch * together);
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

        return y;
    }

    /// <summary>The last layer's inputs and its outputs for many samples of one shape.</summary>
    public (Matrix<double>[] InputsOfLast, Matrix<double>[] Outputs) PredictInTwo(IReadOnlyList<Matrix<double>> x, int threads)
    {
        _withoutLast ??= new Predictor([.. layers.SkipLast(1)]);
        var inputs = _withoutLast.Predict(x, threads);
        return (inputs, Array.ConvertAll(inputs, layers[^1].Predict));
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
