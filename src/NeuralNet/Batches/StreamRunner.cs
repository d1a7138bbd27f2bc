using NeuralNet.Guards;
using NeuralNet.Layers;

namespace NeuralNet.Batches;

/// <summary>The layers of a network, laid out flat, as they take a sequence step by step.</summary>
/// <remarks>
/// A step's output has a row for each step of the sequence, of which the newest one is computed, or is a sample made of all of them. What
/// is behind the latter is an ordinary prediction, of one more sample at each step.
/// </remarks>
internal sealed class StreamRunner
{
    private readonly IReadOnlyList<Layer> _layers;
    private readonly Step[] _steps;
    private readonly bool[] _isOfSteps;
    private Batch _input;
    private bool _isConnected;

    /// <exception cref="InvalidOperationException">A layer needs the whole sequence; names it and the way out.</exception>
    public StreamRunner(IReadOnlyList<Layer> layers)
    {
        _layers = layers;
        _steps = StepList.Of(layers, UserCodePurpose.Predict);
        _isOfSteps = new bool[_steps.Length];
        bool[] givesSteps = new bool[_steps.Length];
        for (int i = 0; i < _steps.Length; i++)
        {
            bool[] sources = Array.ConvertAll(_steps[i].Sources, source => source == Step.OfInput || givesSteps[source]);
            _isOfSteps[i] = sources[0];
            _steps[i] = Array.TrueForAll(sources, source => source == sources[0])
                ? _steps[i].InStream(sources[0])
                : throw new InvalidOperationException(
                    $"{_steps[i].Name} puts together a branch that gives a row for each step and one that gives one row of all steps. "
                    + "Make all of its branches give the same.");
            givesSteps[i] = _isOfSteps[i] && !_steps[i].GivesOneRow;
        }
    }

    /// <summary>The number of values of a step; 0 before the first one.</summary>
    public int Width => _input.IsEmpty ? 0 : _input.Shape.Columns;

    /// <summary>Y after the last step.</summary>
    public Batch Output => _steps[^1].Output;

    /// <summary>Refuses a step of another width than the layers take, or than the steps before have.</summary>
    public void CheckWidth(int width, string parameter)
    {
        if (width != Width)
        {
            LayerTree.OutputShape(_layers, Shape.Row(width), parameter);
            if (Width > 0)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"The stream expects steps of 1 x {Width}, as the first one was, but got 1 x {width}. ")
                    + "Take another stream of the network for them.",
                    parameter);
            }
        }
    }

    public void Next(ReadOnlySpan<double> step)
    {
        if (_input.IsEmpty)
        {
            _input = Batch.New(Shape.Row(step.Length), 1);
        }

        step.CopyTo(_input.Values);
        for (int i = 0; i < _steps.Length; i++)
        {
            if (!_isConnected)
            {
                Connect(i);
            }

            _steps[i].Forward(0, 1);
        }

        _isConnected = true;
    }

    public void Reset()
    {
        // A first step that threw may have had the wrong width.
        _input = _isConnected ? _input : default;
        foreach (var step in _steps)
        {
            step.Reset();
        }
    }

    /// <summary>Gives a step its sources' outputs, and room for its own.</summary>
    private void Connect(int place)
    {
        var step = _steps[place];
        for (int i = 0; i < step.Sources.Length; i++)
        {
            step.Read(i, step.Sources[i] == Step.OfInput ? _input : _steps[step.Sources[i]].Output);
        }

        step.MakeRoom(1);
        if (_isOfSteps[place] && step.Output.Shape.Rows != 1)
        {
            throw UserCode.Refusal(
                $"{step.Name} gives {step.Output.Shape} of one step; in a stream it must give one row. "
                + "Put it behind a layer that gives one row of all steps.");
        }
    }
}
