using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Batches;

/// <summary>Takes mini-batches through the layers: samples of one shape together, each shape by a runner of its own.</summary>
/// <remarks>
/// Sequences may differ in their number of steps. A mini-batch is done in groups of one shape, in the order of first appearance, and the
/// gradients are added up group by group, so that neither padding nor masks are needed.
/// </remarks>
/// <param name="layers">The layers.</param>
/// <param name="criterion">The loss.</param>
/// <param name="capacity">How many samples of a shape pass together at most.</param>
/// <param name="team">Who does the work; the caller alone where it is null.</param>
/// <param name="stored">Whether training is to go on from a checkpoint with the same random numbers.</param>
/// <param name="mostValues">Values that the buffers of all shapes may hold together, beyond those of the last one: 256 MB.</param>
internal sealed class RunnerSet(
    IReadOnlyList<Layer> layers, Criterion criterion, Func<Shape, int> capacity, Team? team, bool stored, long mostValues = 1 << 25)
{
    /// <summary>The runners, the one that was used last first.</summary>
    private readonly List<Entry> _entries = [];
    private Matrix<double>[] _x = [], _y = [], _groupX = [], _groupY = [];
    private double[] _weights = [], _groupWeights = [], _groupLosses = [];
    private int[] _places = [];
    private bool[] _isDone = [];
    private long _miniBatch;

    /// <summary>For how many shapes buffers are held.</summary>
    public int Shapes => _entries.Count;

    /// <summary>Whether a layer has to see all samples of a batch in training.</summary>
    public bool SeesWholeBatch { get; } = LayerTree.Leaves(layers).Any(leaf => leaf.Layer is BatchLayer { SeesWholeBatch: true });

    /// <summary>
    /// The article's step by one sample: forward, loss, backward with update. Returns the loss; where it is not finite nothing is updated.
    /// </summary>
    /// <param name="x">The sample.</param>
    /// <param name="y">Its target.</param>
    /// <param name="weight">What it counts for.</param>
    /// <param name="learningRate">The step.</param>
    /// <param name="random">Where random numbers come from for layers without a generator of their own.</param>
    public double UpdateBySample(Matrix<double> x, Matrix<double> y, double weight, double learningRate, Random random)
    {
        _miniBatch++;
        return Begin(Shape.Of(x), learningRate, random).UpdateBySample(x, y, weight, learningRate);
    }

    /// <summary>Adds up the gradients over the samples of a mini-batch.</summary>
    /// <param name="x">All samples.</param>
    /// <param name="y">All targets.</param>
    /// <param name="batch">Which of them are the mini-batch.</param>
    /// <param name="weighting">What they count for; null where all count the same.</param>
    /// <param name="losses">Each one's loss is put here, in the order of <paramref name="batch"/>.</param>
    /// <param name="weights">And what each counts for here.</param>
    /// <param name="learningRate">The step by one sample, for layers that update themselves.</param>
    /// <param name="random">Where random numbers come from for layers without a generator of their own.</param>
    /// <returns>Whether all losses are finite; where not, the rest of the batch was left alone, and the gradients are of no use.</returns>
    public bool ForwardBackward(
        IReadOnlyList<Matrix<double>> x,
        IReadOnlyList<Matrix<double>> y,
        ReadOnlySpan<int> batch,
        SampleWeighting? weighting,
        Span<double> losses,
        Span<double> weights,
        double learningRate,
        Random random)
    {
        _miniBatch++;
        losses.Clear();
        int together = 0;
        for (int first = 0; first < batch.Length; first += together)
        {
            together = Read(x, y, batch[first..], weighting);
            _weights.AsSpan(0, together).CopyTo(weights[first..]);
            if (!ForwardBackward(first, losses.Slice(first, together), learningRate, random))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads as many samples as pass together, of the first one's shape; returns their number.</summary>
    private int Read(
        IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, ReadOnlySpan<int> batch, SampleWeighting? weighting)
    {
        int together = 1;
        for (int i = 0; i < together; i++)
        {
            var (sample, target) = (x[batch[i]], y[batch[i]]);
            if (i == 0)
            {
                together = Math.Min(Capacity(Shape.Of(sample)), batch.Length);
                MakeRoom(together);
            }

            (_x[i], _y[i], _weights[i], _isDone[i]) = (sample, target, weighting?.Of(batch[i], target) ?? 1, false);
        }

        return together;
    }

    private bool ForwardBackward(int first, Span<double> losses, double learningRate, Random random)
    {
        int begun = first;
        for (int leader = 0; leader < losses.Length; leader++)
        {
            if (_isDone[leader])
            {
                continue;
            }

            var shape = Shape.Of(_x[leader]);
            int size = Gather(shape, leader, losses.Length);
            RequireWholeBatch(size == losses.Length, shape);
            var runner = Begin(shape, learningRate, random);
            for (int done = 0; done < size; done += runner.Capacity)
            {
                int count = Math.Min(runner.Capacity, size - done);
                bool finite = runner.ForwardBackward(
                    _groupX.AsSpan(done, count),
                    _groupY.AsSpan(done, count),
                    _groupWeights.AsSpan(done, count),
                    begun,
                    _groupLosses.AsSpan(done, count));
                for (int i = done; i < done + count; i++)
                {
                    losses[_places[i]] = _groupLosses[i];
                }

                begun += count;
                if (!finite)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Puts the samples of one shape together, in their order; returns their number.</summary>
    private int Gather(Shape shape, int leader, int count)
    {
        int size = 0;
        for (int i = leader; i < count; i++)
        {
            if (!_isDone[i] && Shape.Of(_x[i]).SameMatrix(shape))
            {
                (_groupX[size], _groupY[size], _groupWeights[size], _places[size]) = (_x[i], _y[i], _weights[i], i);
                _isDone[i] = true;
                size++;
            }
        }

        return size;
    }

    private void RequireWholeBatch(bool isWhole, Shape shape)
    {
        if (!isWhole && SeesWholeBatch)
        {
            var layer = LayerTree.Leaves(layers).First(leaf => leaf.Layer is BatchLayer { SeesWholeBatch: true }).Layer;
            throw new InvalidOperationException(
                $"{layer.Name} needs the whole mini-batch at once, but only some of its samples are {shape}. "
                + $"Give it samples of one shape, or leave {layer.Name} out (LayerNormLayer takes each sample by itself).");
        }
    }

    private void MakeRoom(int samples)
    {
        if (_x.Length < samples)
        {
            (_x, _y, _groupX, _groupY) = (new Matrix<double>[samples], new Matrix<double>[samples], new Matrix<double>[samples],
                new Matrix<double>[samples]);
            (_weights, _groupWeights, _groupLosses) = (new double[samples], new double[samples], new double[samples]);
            (_places, _isDone) = (new int[samples], new bool[samples]);
        }
    }

    private int Capacity(Shape shape) =>
        _entries.Count > 0 && _entries[0].Runner.Input.SameMatrix(shape) ? _entries[0].Runner.Capacity : capacity(shape);

    /// <summary>The runner of a shape, with what is new in each mini-batch.</summary>
    private BatchRunner Begin(Shape shape, double learningRate, Random random)
    {
        var entry = Find(shape);
        if (entry.MiniBatch != _miniBatch)
        {
            entry.MiniBatch = _miniBatch;
            entry.Runner.BeginBatch(random, learningRate);
        }

        return entry.Runner;
    }

    private Entry Find(Shape shape)
    {
        if (_entries.Count > 0 && _entries[0].Runner.Input.SameMatrix(shape))
        {
            return _entries[0];
        }

        int place = 0;
        while (place < _entries.Count && !_entries[place].Runner.Input.SameMatrix(shape))
        {
            place++;
        }

        Entry entry;
        if (place < _entries.Count)
        {
            entry = _entries[place];
            _entries.RemoveAt(place);
        }
        else
        {
            entry = new Entry(new BatchRunner(layers, shape, capacity(shape), criterion, team, stored: stored));
            while (_entries.Count > 1 && _entries.Sum(one => one.Runner.ValueCount) > mostValues)
            {
                _entries.RemoveAt(_entries.Count - 1);
            }
        }

        _entries.Insert(0, entry);
        return entry;
    }

    private sealed class Entry(BatchRunner runner)
    {
        public BatchRunner Runner { get; } = runner;

        /// <summary>The mini-batch that it has begun last.</summary>
        public long MiniBatch { get; set; }
    }
}
