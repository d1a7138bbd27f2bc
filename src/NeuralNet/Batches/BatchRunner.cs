using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Guards;

namespace NeuralNet.Batches;

/// <summary>The layers of a network, laid out flat, with the buffers between them: a step reads what the steps before it gave.</summary>
/// <remarks>
/// <para>The loop is the article's, forward through the steps and back, with all samples of a batch in one step before the next.</para>
/// <para>
/// Where branches part, several steps read one output, and on the way back its dE/dY is the sum of theirs: the last reader writes it, and
/// those before it add to it, one after another.
/// </para>
/// <para>
/// Threads share the samples on the way forward and back, and the columns of the gradients after that: no sum is ever divided, so the bits
/// do not depend on the number of threads.
/// </para>
/// </remarks>
internal sealed class BatchRunner
{
    private readonly Step[] _steps;
    private readonly (Step Step, int Source)[] _readersOfInput;
    private readonly Step[] _beginning;
    private readonly bool[] _isOnTheWayBack, _isCalledBack;
    private readonly Batch _input;
    private readonly bool _wantsInputError;
    private readonly Team? _team;
    private readonly Stretch[] _forward, _backward;
    private readonly Action<int> _lossPart, _gradientPart;
    private readonly Criterion? _criterion;
    private readonly Matrix<double>[] _x;
    private readonly Matrix<double>[] _y;
    private readonly double[] _weights;
    private readonly double[] _losses;
    private Batch _inputError;
    private bool _isConnected;

    /// <summary>How many samples are in the buffers, and whether the way back follows.</summary>
    private int _count = 1;
    private bool _training;

    /// <summary>Makes the buffers for up to <paramref name="capacity"/> samples at a time.</summary>
    /// <param name="layers">The layers, a user's own among them perhaps.</param>
    /// <param name="input">The shape of a sample.</param>
    /// <param name="capacity">How many samples pass at a time.</param>
    /// <param name="criterion">The loss; null where none is computed.</param>
    /// <param name="team">Who does the work; the caller alone where it is null, or where a user's code is called.</param>
    /// <param name="wantsInputError">Whether dE/dX of the whole is read, as where the layers are part of another.</param>
    /// <param name="stored">Whether training is to go on from a checkpoint with the same random numbers.</param>
    public BatchRunner(
        IReadOnlyList<Layer> layers,
        Shape input,
        int capacity,
        Criterion? criterion = null,
        Team? team = null,
        bool wantsInputError = false,
        bool stored = false)
    {
        _criterion = criterion;
        _steps = StepList.Of(layers, stored || capacity > 1 ? UserCodePurpose.TrainAgain : UserCodePurpose.Train);
        _input = Batch.New(input, capacity);
        _wantsInputError = wantsInputError;
        _readersOfInput =
            [.. _steps.SelectMany(step => Enumerable.Range(0, step.Sources.Length).Where(i => step.Sources[i] == Step.OfInput)
                .Select(i => (step, i)))];
        _beginning = [.. _steps.Where(step => step.Begins)];
        _isOnTheWayBack = OnTheWayBack();
        _isCalledBack =
            [.. _steps.Select(step => step.LearnsOnTheWayBack || Array.Exists(step.Sources, source => Reaches(source, _isOnTheWayBack)))];
        _team = _steps.Any(step => step.NeedsCallingThread) ? null : team;
        (_forward, _backward, _lossPart, _gradientPart) = (ForwardStretches(), BackwardStretches(), LossPart, GradientPart);
        (_x, _y, _weights, _losses) =
            (new Matrix<double>[capacity], new Matrix<double>[capacity], new double[capacity], new double[capacity]);

        ReadInput(_input);
        Connect(0, _steps.Length);
    }

    /// <summary>The shape of a sample that the buffers are for.</summary>
    public Shape Input => _input.Shape;

    public int Capacity => _x.Length;

    /// <summary>How many values the buffers hold.</summary>
    public long ValueCount => _input.Values.Length + _inputError.Values.Length + _steps.Sum(step => step.Buffers.ValueCount);

    private Step Last => _steps[^1];

    /// <summary>How many steps the error goes back through: all, but for a last one that the loss is computed together with.</summary>
    private int StepsToError => _criterion is { TakesInputOfLast: true } ? _steps.Length - 1 : _steps.Length;

    /// <summary>Refuses mini-batches of a size that a layer cannot be trained on.</summary>
    /// <exception cref="InvalidOperationException">A layer needs more samples; names it and the way out.</exception>
    public void CheckBatch(int samples)
    {
        foreach (var step in _steps)
        {
            step.CheckBatch(samples);
        }
    }

    /// <summary>Y for a given X.</summary>
    public Matrix<double> Predict(Matrix<double> x)
    {
        _x[0] = x;
        Prepare(1, training: false);
        RunForward();
        return Last.Output.CopyOf(0);
    }

    /// <summary>Y for each X, <see cref="Capacity"/> of them or fewer.</summary>
    public void Predict(ReadOnlySpan<Matrix<double>> x, Span<Matrix<double>> y)
    {
        x.CopyTo(_x);
        Prepare(x.Length, training: false);
        RunForward();
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = Last.Output.CopyOf(i);
        }
    }

    /// <summary>Before each mini-batch: draws what its layers need.</summary>
    /// <param name="random">Where random numbers come from for layers without a generator of their own.</param>
    /// <param name="learningRate">The step by one sample, for layers that update themselves.</param>
    public void BeginBatch(Random random, double learningRate)
    {
        foreach (var step in _beginning)
        {
            step.Begin(random, learningRate);
        }
    }

    /// <summary>Y for one X, as in training.</summary>
    public Matrix<double> Forward(Matrix<double> x)
    {
        _x[0] = x;
        Prepare(1, training: true);
        RunForward();
        return Last.Output.CopyOf(0);
    }

    /// <summary>
    /// dE/dX for dE/dY of the last <see cref="Forward(Matrix{double})"/>: adds up gradients, or updates where a learning rate is given.
    /// </summary>
    public Matrix<double> Backward(Matrix<double> outputError, double? learningRate)
    {
        MakeErrors();
        outputError.Values().CopyTo(Last.Buffers.OutputError[0]);
        if (learningRate is { } rate)
        {
            Update(rate);
        }
        else
        {
            RunBackward();
            GradientPart(0);
        }

        return _inputError.CopyOf(0);
    }

    /// <summary>
    /// The article's step by one sample: forward, loss, backward with update. Returns the loss; where it is not finite nothing is updated.
    /// </summary>
    /// <param name="x">The sample.</param>
    /// <param name="y">Its target.</param>
    /// <param name="weight">What it counts for.</param>
    /// <param name="learningRate">The step.</param>
    public double UpdateBySample(Matrix<double> x, Matrix<double> y, double weight, double learningRate)
    {
        _x[0] = x;
        Prepare(1, training: true);
        RunForward();
        RequireTarget(y);
        MakeErrors();
        double loss = LossAndError(y, weight, 0);
        if (double.IsFinite(loss))
        {
            Update(learningRate);
        }

        return loss;
    }

    /// <summary>Adds up the gradients over samples of a mini-batch that pass together.</summary>
    /// <param name="x">The samples, of this runner's shape, <see cref="Capacity"/> or fewer.</param>
    /// <param name="y">Their targets.</param>
    /// <param name="weights">What each one counts for.</param>
    /// <param name="first">The place of the first one in the mini-batch.</param>
    /// <param name="losses">Each one's loss is put here.</param>
    /// <returns>Whether all losses are finite; where not, the gradients are of no use.</returns>
    public bool ForwardBackward(
        ReadOnlySpan<Matrix<double>> x, ReadOnlySpan<Matrix<double>> y, ReadOnlySpan<double> weights, int first, Span<double> losses)
    {
        x.CopyTo(_x);
        y.CopyTo(_y);
        weights.CopyTo(_weights);
        Prepare(x.Length, training: true, first);
        RunForward();
        foreach (var target in y)
        {
            RequireTarget(target);
        }

        MakeErrors();
        Share(_lossPart, _criterion!.CallsUser ? null : _team);
        _losses.AsSpan(0, x.Length).CopyTo(losses);
        if (!TensorPrimitives.IsFiniteAll(_losses.AsSpan(0, x.Length)))
        {
            return false;
        }

        RunBackward();
        Share(_gradientPart, _team);
        return true;
    }

    private void Prepare(int count, bool training, int first = 0)
    {
        ReadInput(count == 1 ? Batch.Of(_x[0], Input) : _input);
        if (_count == count && _training == training && _steps[0].Buffers.First == first)
        {
            return;
        }

        (_count, _training) = (count, training);
        foreach (var step in _steps)
        {
            (step.Buffers.Count, step.Buffers.Training, step.Buffers.First) = (count, training, first);
        }
    }

    private void ReadInput(Batch input)
    {
        foreach (var (step, source) in _readersOfInput)
        {
            step.Read(source, input);
        }
    }

    /// <summary>Gives steps their sources' outputs, and room for their own, where they have none yet.</summary>
    private void Connect(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            if (_steps[i].Output.IsEmpty)
            {
                Connect(_steps[i]);
            }
        }

        _isConnected = Array.TrueForAll(_steps, step => !step.Output.IsEmpty);
    }

    /// <summary>Nothing comes of it where a source's shape is not known: that of an article's layer, before its first sample.</summary>
    private void Connect(Step step)
    {
        for (int i = 0; i < step.Sources.Length; i++)
        {
            if (step.Sources[i] == Step.OfInput)
            {
                continue;
            }

            var output = _steps[step.Sources[i]].Output;
            if (output.IsEmpty)
            {
                return;
            }

            step.Read(i, output);
        }

        step.MakeRoom(Capacity);
    }

    /// <summary>
    /// Which steps dE/dY has to come to: those that learn, those behind them, and all where dE/dX of the whole is wanted.
    /// </summary>
    private bool[] OnTheWayBack()
    {
        bool[] reaches = new bool[_steps.Length];
        for (int i = 0; i < reaches.Length; i++)
        {
            reaches[i] = _steps[i].Learns || Array.Exists(_steps[i].Sources, source => Reaches(source, reaches));
        }

        return reaches;
    }

    private bool Reaches(int source, bool[] reaches) => source == Step.OfInput ? _wantsInputError : reaches[source];

    private void RequireTarget(Matrix<double> target) =>
        SampleChecks.RequireTargetShape(Last.Name, Last.Output.Shape, Shape.Of(target), "yTrain");

    /// <summary>
    /// Makes the places for dE/dY, from the last step back: of several readers of an output the last one writes, and the others add.
    /// </summary>
    private void MakeErrors()
    {
        if (Last.Buffers.OutputError.IsEmpty)
        {
            MakeErrorRoom();
        }
    }

    private void MakeErrorRoom()
    {
        int[] readers = new int[_steps.Length];
        foreach (int source in _steps.SelectMany(step => step.Sources).Where(source => source >= 0))
        {
            readers[source]++;
        }

        Last.Buffers.OutputError = Batch.New(Last.Output.Shape, Capacity);
        for (int place = _steps.Length - 1; place >= 0; place--)
        {
            var step = _steps[place];
            for (int i = step.Sources.Length - 1; i >= 0; i--)
            {
                int source = step.Sources[i];
                if (!Reaches(source, _isOnTheWayBack))
                {
                    continue;
                }

                ref var error = ref _inputError;
                bool isAlone = source >= 0 && readers[source] == 1;
                var there = source >= 0 ? _steps[source].Buffers.OutputError : error;
                step.Adds[i] = !there.IsEmpty;
                if (there.IsEmpty)
                {
                    there = isAlone && step is SumStep ? step.Buffers.OutputError : Batch.New(step.Inputs[i].Shape, Capacity);
                    if (source >= 0)
                    {
                        _steps[source].Buffers.OutputError = there;
                    }
                    else
                    {
                        error = there;
                    }
                }

                step.SourceErrors[i] = there;
            }

            step.MakeErrorRoom(Capacity);
        }
    }

    /// <summary>
    /// All samples have to come as far as a layer that needs to see the whole batch, or whose input's shape is not known before.
    /// </summary>
    private Stretch[] ForwardStretches()
    {
        bool Starts(int i) => i == 0 || _steps[i].SeesWholeBatch || _steps[i - 1] is ArticleStep;
        int[] starts = [.. Enumerable.Range(0, _steps.Length).Where(Starts), _steps.Length];
        Stretch Make(int from, int to) => new(from, to, _steps[from].SeesWholeBatch, part => ForwardPart(from, to, part));
        return [.. starts.Zip(starts.Skip(1), Make)];
    }

    /// <summary>The last stretch first; a layer that needs to see the whole batch is the last one of its stretch.</summary>
    private Stretch[] BackwardStretches()
    {
        int[] ends = [.. Enumerable.Range(1, StepsToError).Where(i => i == StepsToError || _steps[i - 1].SeesWholeBatch)];
        int[] starts = [0, .. ends.SkipLast(1)];
        Stretch Make(int from, int to) => new(from, to, _steps[to - 1].SeesWholeBatch, part => BackwardPart(from, to, part));
        return [.. starts.Zip(ends, Make).Reverse()];
    }

    private void RunForward()
    {
        foreach (var stretch in _forward)
        {
            if (!_isConnected || stretch.SeesWholeBatch)
            {
                BeforeForward(stretch);
            }

            if (_team is null)
            {
                ForwardPart(stretch.From, stretch.To, 0);
            }
            else
            {
                _team.Run(stretch.Part);
            }
        }
    }

    private void BeforeForward(Stretch stretch)
    {
        if (!_isConnected)
        {
            Connect(stretch.From, stretch.To);
        }

        var first = _steps[stretch.From];
        if (_training && stretch.SeesWholeBatch)
        {
            if (stretch.From == 0)
            {
                CopySamples(0, _count);
            }

            first.BeforeForward();
        }
    }

    private void RunBackward()
    {
        foreach (var stretch in _backward)
        {
            if (stretch.SeesWholeBatch && _isOnTheWayBack[stretch.To - 1])
            {
                _steps[stretch.To - 1].BeforeBackward();
            }

            Share(stretch.Part, _team);
        }
    }

    private void Update(double learningRate)
    {
        for (int i = StepsToError - 1; i >= 0; i--)
        {
            if (_isOnTheWayBack[i])
            {
                _steps[i].BackwardAndUpdate(learningRate);
            }
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

    private void ForwardPart(int first, int end, int part)
    {
        var (from, to) = Part(_count, part);
        if (from == to)
        {
            return;
        }

        if (first == 0)
        {
            CopySamples(from, to);
        }

        for (int i = first; i < end; i++)
        {
            _steps[i].Forward(from, to);
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
            _losses[sample] = LossAndError(_y[sample], _weights[sample], sample);
        }
    }

    /// <summary>
    /// A sample's loss; where it is finite, its derivative, times the sample's weight, is put where the way back begins, if there is one.
    /// </summary>
    private double LossAndError(Matrix<double> y, double weight, int sample)
    {
        bool takesInput = _criterion!.TakesInputOfLast;
        var (prediction, error) = takesInput ? (Last.Buffers.Input, Last.SourceErrors[0]) : (Last.Output, Last.Buffers.OutputError);
        double loss = _criterion.Loss(y, prediction, sample);
        if (double.IsFinite(loss) && !error.IsEmpty)
        {
            _criterion.Prime(y, prediction, sample, error[sample]);
            if (weight != 1)
            {
                TensorPrimitives.Multiply(error[sample], weight, error[sample]);
            }
        }

        return loss;
    }

    private void BackwardPart(int first, int end, int part)
    {
        var (from, to) = Part(_count, part);
        if (from == to)
        {
            return;
        }

        for (int i = end - 1; i >= first; i--)
        {
            if (_isCalledBack[i])
            {
                _steps[i].Backward(from, to);
            }
        }
    }

    private void GradientPart(int part)
    {
        foreach (var step in _steps)
        {
            var (from, to) = Part(step.GradientColumns, part);
            if (from < to)
            {
                step.AddGradients(from, to);
            }
        }
    }

    /// <summary>Steps that a thread passes through with its samples before it waits for the others: [From, To).</summary>
    private sealed record Stretch(int From, int To, bool SeesWholeBatch, Action<int> Part);
}
