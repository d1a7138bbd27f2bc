using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The layers of a network with the buffers between them: one layer's output is the next one's input.</summary>
/// <remarks>
/// <para>The loop is the article's, forward through the layers and back, with all samples of a batch in one layer before the next.</para>
/// <para>
/// Threads share the samples on the way forward and back, and the columns of the gradients after that: no sum is ever divided, so the bits do not depend on the number of threads.
/// </para>
/// </remarks>
internal sealed class Pipeline
{
    private readonly IBatchLayer[] _layers;
    private readonly LayerPass[] _passes;
    private readonly Batch _input;
    private readonly int _firstLearning;
    private readonly bool _inOneRun;
    private readonly int[] _toldOfBatches;
    private readonly string _lastName;
    private readonly Team? _team;
    private readonly Action<int> _forwardPart, _lossPart, _inputErrorPart, _gradientPart;
    private readonly Matrix<double>[] _x;
    private readonly Matrix<double>[] _y;
    private readonly double[] _losses;
    private Criterion? _criterion;
    private bool _training;
    private int _count = 1;

    /// <summary>The layers that the threads pass through now: [_from, _to).</summary>
    private int _from, _to;

    /// <summary>Makes the buffers for up to <paramref name="capacity"/> samples at a time.</summary>
    /// <param name="layers">The layers, a user's own among them perhaps.</param>
    /// <param name="input">The shape of a sample.</param>
    /// <param name="capacity">How many samples pass at a time.</param>
    /// <param name="team">Who does the work; the caller alone where it is null, or where a user's code is called.</param>
    public Pipeline(IReadOnlyList<Layer> layers, Shape input, int capacity, Team? team = null)
    {
        _layers = [.. layers.Select(layer => layer as IBatchLayer ?? new UserLayer(layer, capacity))];
        _passes = [.. _layers.Select(_ => new LayerPass())];
        _lastName = layers[^1].Name;
        _input = Batch.New(input, capacity);
        int learning = Array.FindIndex(_layers, layer => layer.GradientColumns > 0 || layer is UserLayer);
        _firstLearning = learning < 0 ? _layers.Length : learning;
        _inOneRun = !_layers.Any(layer => layer is UserLayer or IWholeBatchLayer);
        _toldOfBatches = [.. Enumerable.Range(0, _layers.Length).Where(i => _layers[i] is UserLayer or IRandomLayer)];
        _team = _layers.Any(layer => layer.CallsUser) ? null : team;
        (_forwardPart, _lossPart, _inputErrorPart, _gradientPart) = (ForwardPart, LossPart, InputErrorPart, GradientPart);
        (_x, _y, _losses) = (new Matrix<double>[capacity], new Matrix<double>[capacity], new double[capacity]);

        _passes[0].Input = _input;
        for (int i = 0; i < _layers.Length && (i == 0 || !_passes[i - 1].Output.IsEmpty); i++)
        {
            Connect(i);
        }
    }

    /// <summary>The shape of a sample that the buffers are for.</summary>
    public Shape Input => _input.Shape;

    public int Capacity => _x.Length;

    /// <summary>Whether a layer has to see all samples of a batch in training.</summary>
    public bool SeesWholeBatch => Array.Exists(_layers, layer => layer is IWholeBatchLayer);

    private LayerPass Last => _passes[^1];

    /// <summary>Y for a given X.</summary>
    public Matrix<double> Predict(Matrix<double> x)
    {
        _x[0] = x;
        Prepare(1, training: false);
        Forward();
        return Last.Output.CopyOf(0);
    }

    /// <summary>Y for each X, <see cref="Capacity"/> of them or fewer.</summary>
    public void Predict(ReadOnlySpan<Matrix<double>> x, Span<Matrix<double>> y)
    {
        x.CopyTo(_x);
        Prepare(x.Length, training: false);
        Forward();
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = Last.Output.CopyOf(i);
        }
    }

    /// <summary>Before each mini-batch: draws what its layers need.</summary>
    /// <param name="random">Where random numbers come from for layers without a generator of their own.</param>
    /// <param name="learningRate">The step by one sample, for layers that update themselves.</param>
    public void Begin(Random random, double learningRate)
    {
        foreach (int i in _toldOfBatches)
        {
            _passes[i].LearningRate = learningRate;
            _passes[i].Seed = (_layers[i] as IRandomLayer)?.NextSeed(random) ?? 0;
        }
    }

    /// <summary>The article's step by one sample: forward, loss, backward with update. Returns the loss; where it is not finite nothing is updated.</summary>
    public double Step(Criterion criterion, Matrix<double> x, Matrix<double> y, double learningRate)
    {
        _x[0] = x;
        Prepare(1, training: true);
        Forward();
        MakeErrors(y);
        double loss = criterion.Loss(y, Last.Output, 0);
        if (!double.IsFinite(loss))
        {
            return loss;
        }

        criterion.Prime(y, Last.Output, 0, Last.OutputError[0]);
        for (int i = _layers.Length - 1; i >= _firstLearning; i--)
        {
            _layers[i].BackwardAndUpdate(_passes[i], learningRate);
        }

        return loss;
    }

    /// <summary>Adds up the gradients over the samples of a mini-batch, <see cref="Capacity"/> at a time.</summary>
    /// <param name="criterion">The loss.</param>
    /// <param name="x">All samples.</param>
    /// <param name="y">All targets.</param>
    /// <param name="batch">Which of them are the mini-batch.</param>
    /// <param name="losses">Each one's loss is put here.</param>
    /// <returns>Whether all losses are finite; where not, the rest of the batch was left alone, and the gradients are of no use.</returns>
    public bool AddGradients(Criterion criterion, IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, ReadOnlySpan<int> batch, Span<double> losses)
    {
        _criterion = criterion;
        losses.Clear();
        for (int first = 0; first < batch.Length; first += Capacity)
        {
            int count = Math.Min(Capacity, batch.Length - first);
            for (int i = 0; i < count; i++)
            {
                (_x[i], _y[i]) = (x[batch[first + i]], y[batch[first + i]]);
            }

            Prepare(count, training: true, first);
            Forward();
            MakeErrors(_y[0]);
            Share(_lossPart, criterion.CallsUser ? null : _team);
            _losses.AsSpan(0, count).CopyTo(losses[first..]);
            if (!TensorPrimitives.IsFiniteAll(_losses.AsSpan(0, count)))
            {
                return false;
            }

            InputErrors();
            Share(_gradientPart, _team);
        }

        return true;
    }

    private void Prepare(int count, bool training, int first = 0)
    {
        _passes[0].Input = count == 1 ? Batch.Of(_x[0], Input) : _input;
        if (_count == count && _training == training && _passes[0].First == first)
        {
            return;
        }

        (_count, _training) = (count, training);
        foreach (var pass in _passes)
        {
            (pass.Count, pass.Training, pass.First) = (count, training, first);
        }
    }

    /// <summary>A layer's output is the next one's input. The output of a user's layer is known after its first forward propagation only.</summary>
    private void Connect(int layer)
    {
        var pass = _passes[layer];
        pass.Input = layer == 0 ? pass.Input : _passes[layer - 1].Output;
        if (pass.Output.IsEmpty && _layers[layer].OutputShape(pass.Input.Shape) is { } shape)
        {
            pass.Output = Batch.New(shape, Capacity);
        }
    }

    /// <summary>Nobody reads dE/dX of the first layer that learns, nor of those before it: their passes have no place for it.</summary>
    private void MakeErrors(Matrix<double> target)
    {
        if (!Last.OutputError.IsEmpty)
        {
            return;
        }

        Samples.RequireTargetShape(_lastName, Last.Output.Shape, Shape.Of(target), "yTrain");
        for (int i = 0; i < _passes.Length; i++)
        {
            _passes[i].OutputError = Batch.New(_passes[i].Output.Shape, Capacity);
            _passes[i].InputError = i <= _firstLearning ? default : _passes[i - 1].OutputError;
        }
    }

    private void Forward()
    {
        for (_from = 0; _from < _layers.Length; _from = _to)
        {
            _to = _layers.Length;
            if (!_inOneRun)
            {
                BeforeForward();
            }

            Share(_forwardPart, _team);
        }
    }

    /// <summary>All samples have to come as far as a layer that needs to see the whole batch, or whose input's shape was not known before.</summary>
    private void BeforeForward()
    {
        Connect(_from);
        if (_training && _layers[_from] is IWholeBatchLayer whole)
        {
            if (_from == 0)
            {
                CopySamples(0, _count);
            }

            whole.BeforeForward(_passes[_from]);
        }

        _to = _from + 1;
        while (_to < _layers.Length && !_passes[_to].Input.IsEmpty && _layers[_to] is not IWholeBatchLayer)
        {
            _to++;
        }
    }

    private void InputErrors()
    {
        for (_to = _layers.Length; _to > _firstLearning; _to = _from)
        {
            _from = _to - 1;
            (_layers[_from] as IWholeBatchLayer)?.BeforeInputErrors(_passes[_from]);
            while (_from > _firstLearning && _layers[_from - 1] is not IWholeBatchLayer)
            {
                _from--;
            }

            Share(_inputErrorPart, _team);
        }
    }

    private static void Share(Action<int> part, Team? team)
    {
        if (team is null)
        {
            part(0);
        }
        else
        {
            team.Run(part);
        }
    }

    private (int From, int To) Part(int all, int part) => _team?.Share(all, part) ?? (0, all);

    private void ForwardPart(int part)
    {
        var (from, to) = Part(_count, part);
        if (from == to)
        {
            return;
        }

        if (_from == 0)
        {
            CopySamples(from, to);
        }

        for (int i = _from; i < _to; i++)
        {
            _layers[i].Forward(_passes[i], from, to);
        }
    }

    /// <summary>Puts samples one after another; a single one is read where it is.</summary>
    private void CopySamples(int from, int to)
    {
        for (int sample = from; sample < to && _count > 1; sample++)
        {
            _x[sample].Values().CopyTo(_input[sample]);
        }
    }

    private void LossPart(int part)
    {
        var (from, to) = _criterion!.CallsUser ? (0, _count) : Part(_count, part);
        for (int sample = from; sample < to; sample++)
        {
            _losses[sample] = _criterion.Loss(_y[sample], Last.Output, sample);
            if (double.IsFinite(_losses[sample]))
            {
                _criterion.Prime(_y[sample], Last.Output, sample, Last.OutputError[sample]);
            }
        }
    }

    private void InputErrorPart(int part)
    {
        var (from, to) = Part(_count, part);
        for (int i = _to - 1; i >= _from && from < to; i--)
        {
            if (!_passes[i].InputError.IsEmpty || _layers[i] is UserLayer)
            {
                _layers[i].InputErrors(_passes[i], from, to);
            }
        }
    }

    private void GradientPart(int part)
    {
        for (int i = _firstLearning; i < _layers.Length; i++)
        {
            var (from, to) = Part(_layers[i].GradientColumns, part);
            if (from < to)
            {
                _layers[i].AddGradients(_passes[i], from, to);
            }
        }
    }
}
