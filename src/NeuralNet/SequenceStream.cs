using System.Globalization;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;

namespace NeuralNet;

/// <summary>
/// A sequence that goes through a network one step at a time, with what the layers keep of the steps that have passed:
/// <see cref="Network.Stream"/> makes it.
/// </summary>
/// <remarks>
/// <para>
/// After t steps the output is the last row of what <see cref="Network.Predict(Matrix{double})"/> gives for these t steps as one sequence.
/// </para>
/// <para>
/// The layers' weights are read at each step: what the network learns in between counts from the next step on, beside a state that is of
/// the old weights until <see cref="Reset"/>. A step is allowed where Predict is: in a callback of Fit between epochs, and not from another
/// thread while Fit runs.
/// </para>
/// <para>
/// A network may have any number of streams, on any number of threads; one stream takes its steps from one thread at a time. The first step
/// makes the buffers, and no later one allocates, but for what a user's functions on matrices do, and for the keys and values of attention,
/// whose room doubles whenever it is full.
/// </para>
/// </remarks>
public sealed class SequenceStream
{
    private readonly IReadOnlyList<Layer> _layers;
    private readonly StreamRunner _runner;
    private Matrix<double>? _output;
    private bool _isWithinStep;

    internal SequenceStream(IReadOnlyList<Layer> layers) => (_layers, _runner) = (layers, new StreamRunner(layers));

    /// <summary>Takes the next step of the sequence.</summary>
    /// <param name="step">The step, a row of 1 x n finite numbers. It is not changed, and not kept.</param>
    /// <returns>
    /// The last row of the network's output for all steps so far, 1 x m. It is the stream's own matrix, always the same: the next step
    /// overwrites it, and <c>Clone()</c> keeps what it holds.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="step"/> is no row of as many values as the first layer takes, or holds NaN or infinity.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A user's layer or function threw, which is the InnerException, or an earlier step threw, and Reset was not called; or another thread
    /// is within a step; or the sequence is longer than a layer takes.
    /// </exception>
    public Matrix<double> Next(Matrix<double> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Check.Countable(step, "The step", nameof(step));
        if (step.RowCount != 1)
        {
            throw new ArgumentException(
                $"A stream expects one step at a time, a row of 1 x n, but got {Shape.Of(step)}. "
                + "Give it the rows one by one, or the whole sequence to Predict.",
                nameof(step));
        }

        Run(step.Values());
        return _output ??= _runner.Output.AsMatrix();
    }

    /// <summary>Takes the next step of the sequence.</summary>
    /// <param name="step">The n values of the step, finite numbers. They are not changed, and not kept.</param>
    /// <returns>
    /// The values of the last row of the network's output for all steps so far. They are the stream's own, and the next step overwrites
    /// them.
    /// </returns>
    /// <inheritdoc cref="Next(Matrix{double})"/>
    public ReadOnlySpan<double> Next(ReadOnlySpan<double> step)
    {
        Run(step);
        return _runner.Output.Values;
    }

    /// <summary>Forgets all steps: the next one is the first of another sequence.</summary>
    public void Reset()
    {
        _runner.Reset();
        _isWithinStep = false;
    }

    private void Run(ReadOnlySpan<double> step)
    {
        CheckNumbers(step);
        if (_isWithinStep)
        {
            throw new InvalidOperationException(
                "A step of this stream has not come to its end: it threw, and what is kept is of no use, or it is another thread's. "
                + "Call Reset to begin again, and give each thread a stream of its own.");
        }

        _isWithinStep = true;
        _runner.Next(step);
        _isWithinStep = false;
    }

    private void CheckNumbers(ReadOnlySpan<double> step)
    {
        if (step.IsEmpty)
        {
            throw new ArgumentException("The step must hold at least one value, but is empty.", nameof(step));
        }

        if (!TensorPrimitives.IsFiniteAll(step))
        {
            int column = 0;
            while (double.IsFinite(step[column]))
            {
                column++;
            }

            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture, $"The step must hold finite numbers only, but holds {step[column]} at [0, {column}]."),
                nameof(step));
        }

        _runner.CheckWidth(step.Length, nameof(step));
        if (!_layers[0].TakesAnyNumbers)
        {
            _layers[0].RequireNumbers(step, "the step", nameof(step));
        }
    }
}
