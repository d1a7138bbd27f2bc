using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using NeuralNet.Guards;
using NeuralNet.Kernels;
using NeuralNet.Optimizers;

namespace NeuralNet;

/// <summary>How a parameter changes by its gradient.</summary>
/// <remarks>
/// <para>One's own needs <see cref="Update"/> only, here W -= learningRate * sign(dE/dW):</para>
/// <code>
/// class SignSgd(double learningRate) : Optimizer(learningRate)
/// {
///     public override void Update(Parameter parameter) =>
///         parameter.Value.Subtract(LearningRate * parameter.Gradient.PointwiseSign(), parameter.Value);
/// }
/// </code>
/// <para>
/// So written, it updates on one thread, and a <see cref="Checkpoint"/> is refused. One that says how some values of a parameter are
/// updated, as the library's own do, runs on all threads, keeps its numbers in arrays that the library owns, and is stored in
/// checkpoints:
/// </para>
/// <code>
/// class HeavyBall(double learningRate, double momentum) : Optimizer(learningRate)
/// {
///     protected override bool CanSlice => true;
///     protected override int StateArrays => 1;                                        // v, from 0
///     protected override IReadOnlyList&lt;string?&gt; Settings => [$"momentum {momentum}"];
///
///     public override void Update(Parameter parameter) => UpdateWhole(parameter);
///
///     protected override void UpdateValues(OptimizerSlice slice)
///     {
///         Span&lt;double&gt; v = slice.State(0);
///         for (int i = 0; i &lt; slice.Count; i++)
///         {
///             v[i] = (momentum * v[i]) + slice.Gradients[i];
///             slice.Values[i] -= LearningRate * v[i];
///         }
///     }
/// }
/// </code>
/// <para>
/// The library's own keep numbers of their own for each <see cref="Parameter"/> object, for as long as that object lives: one optimizer may
/// train several networks, in turn. They do not allocate anything from a parameter's second update on.
/// </para>
/// <para>
/// No value stands still because something overflowed. Gradients beyond 1e154, whose squares a double does not hold, make a value NaN where
/// an optimizer divides by their root (<see cref="ClipNorm"/> or <see cref="ClipValue"/> make them smaller). <see cref="Network"/>'s Fit
/// then ends with <see cref="StopReason.NumericOverflow"/>, and names the parameter, as it does for a gradient or a value that is not
/// finite, with any optimizer. An optimizer of one's own that keeps numbers should let infinity among them come through to the value.
/// </para>
/// <para>
/// A gradient whose square vanishes, below 1e-162, is divided by epsilon alone. Numbers below 2^-960 (about 1e-289) count as 0: what the
/// library's optimizers keep, the gradients in Fit, and weights that a weight decay brought there. Subnormal numbers would slow every step.
/// </para>
/// </remarks>
public abstract class Optimizer
{
    /// <summary>2^-600: gradients whose squares add up to more than a double holds are brought into its middle by it, exactly.</summary>
    private const double ScaleOfHugeGradients = 2.409919865102884E-181;

    /// <summary>
    /// After how many steps numbers below <see cref="UpdateRules.Tiny"/> are dropped: in between none comes down to the subnormal ones.
    /// </summary>
    private const int StepsBetweenDrops = 16;

    /// <summary>Values that stay in the first-level cache from one pass over them to the next.</summary>
    private const int Block = 1024;

    private readonly ConditionalWeakTable<Parameter, OptimizerState> _states = [];

    /// <summary>Starts an optimizer.</summary>
    /// <param name="learningRate">The step against the gradient: finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="learningRate"/> is out of its range.</exception>
    protected Optimizer(double learningRate = 0.01)
    {
        Check.Number(learningRate, learningRate > 0, "The learning rate", " above 0", nameof(learningRate));
        Rate = learningRate;
    }

    /// <summary>The step against the gradient, which may be changed between updates: finite, above 0.</summary>
    /// <remarks>Where a <see cref="Schedule"/> ends at 0, it reads 0 in those epochs.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public double LearningRate
    {
        get => Rate;
        set => Rate = Check.Number(value, value > 0, "The learning rate", " above 0", nameof(value));
    }

    /// <summary>
    /// The greatest norm that <see cref="Step"/> leaves to all gradients together: finite, above 0; null, the default, leaves any.
    /// </summary>
    /// <remarks>
    /// With the Euclidean norm n over all parameters, every gradient is multiplied by min(1, ClipNorm / (n + 1e-6)), as PyTorch does
    /// (Razvan Pascanu, Tomas Mikolov and Yoshua Bengio, On the difficulty of training recurrent neural networks, 2013). Gradients may be
    /// as large as a double holds: n is right where its square overflows.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public double? ClipNorm
    {
        get;
        set =>
            field = value is { } norm ? Check.Number(norm, norm > 0, "ClipNorm", " above 0, or null for no clipping", nameof(value)) : null;
    }

    /// <summary>
    /// The greatest size that <see cref="Step"/> leaves to each value of a gradient, which it puts into [-ClipValue, ClipValue]: finite,
    /// above 0; null, the default, leaves any.
    /// </summary>
    /// <remarks>Where <see cref="ClipNorm"/> is set too, it sees the gradients after this.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public double? ClipValue
    {
        get;
        set => field = value is { } greatest
            ? Check.Number(greatest, greatest > 0, "ClipValue", " above 0, or null for no clipping", nameof(value))
            : null;
    }

    /// <summary>The learning rate, 0 allowed: that is what some schedules end with.</summary>
    internal double Rate { get; set; }

    /// <summary>Gets a value that indicates whether a parameter can be updated slice by slice, by <see cref="UpdateValues"/>; false unless
    /// overridden.</summary>
    /// <remarks>
    /// Then training updates on all threads and calls <see cref="UpdateValues"/> only; <see cref="Update"/> is for callers of one's
    /// own, and is
    /// <c>UpdateWhole(parameter)</c>. Always the same for an optimizer.
    /// </remarks>
    protected internal virtual bool CanSlice => false;

    /// <summary>Gets how many numbers the library keeps for each value of a parameter: 0 or more, always the same for an optimizer; 0
    /// unless overridden.</summary>
    protected internal virtual int StateArrays => 0;

    /// <summary>Gets what the numbers that are kept begin as; 0 unless overridden.</summary>
    protected internal virtual double InitialState => 0;

    /// <summary>Gets the settings besides learning rate and clipping, in words, such as <c>momentum 0.9</c>; none unless
    /// overridden.</summary>
    /// <remarks>
    /// <see cref="ToString"/> prints them behind the learning rate, and a <see cref="Checkpoint"/> is resumed only where they are the
    /// same. An entry that is null is left out, such as a setting that is as by default.
    /// </remarks>
    protected internal virtual IReadOnlyList<string?> Settings => [];

    internal bool Clips => ClipNorm is not null || ClipValue is not null;

    /// <summary>What files call the optimizer.</summary>
    internal string Kind => IsUsers ? GetType().FullName ?? GetType().Name : GetType().Name;

    /// <summary>Whether it is a user's own.</summary>
    internal bool IsUsers => UserCode.IsUsers(this);

    /// <summary>Which of the numbers that are kept is of squared gradients, by whose root a step is divided.</summary>
    private protected virtual int? Squares => null;

    /// <summary>Whether values become smaller where their gradients are 0.</summary>
    private protected virtual bool Decays => false;

    /// <summary>
    /// Changes a parameter's <see cref="Parameter.Value"/> by its <see cref="Parameter.Gradient"/>, which stays as it is and is
    /// not clipped.
    /// </summary>
    /// <param name="parameter">The parameter.</param>
    public abstract void Update(Parameter parameter);

    /// <summary>
    /// Clips the parameters' gradients where <see cref="ClipValue"/> or <see cref="ClipNorm"/> says so, in that order, then updates
    /// each parameter.
    /// </summary>
    /// <param name="parameters">
    /// All parameters that are trained together, each once: the norm is over all of them. Clipping changes their gradients.
    /// </param>
    /// <exception cref="ArgumentException">One of the parameters is null.</exception>
    public void Step(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i] is null)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"{this} expects parameters, but parameters[{i}] is null."), nameof(parameters));
            }
        }

        Clip(parameters);
        for (int i = 0; i < parameters.Count; i++)
        {
            Update(parameters[i]);
        }
    }

    /// <summary>
    /// The optimizer's name, its learning rate, and what else is not as it is by default: <c>Sgd(0.1, momentum 0.9, Nesterov)</c>.
    /// </summary>
    public override string ToString()
    {
        string?[] numbers =
            [Detail("", LearningRate, null), .. Settings, Detail("clip value ", ClipValue, null), Detail("clip norm ", ClipNorm, null)];
        return $"{GetType().Name}({string.Join(", ", numbers.Where(number => number is not null))})";
    }

    internal void Clip(IReadOnlyList<Parameter> parameters)
    {
        if (ClipValue is { } greatest)
        {
            for (int i = 0; i < parameters.Count; i++)
            {
                var gradients = parameters[i].Gradients;
                TensorPrimitives.Clamp(gradients, -greatest, greatest, gradients);
            }
        }

        if (ClipNorm is { } greatestNorm)
        {
            double scale = 1;
            double squares = SumOfSquares(scale, parameters);
            if (double.IsPositiveInfinity(squares))
            {
                scale = ScaleOfHugeGradients;
                squares = SumOfSquares(scale, parameters);
            }

            double coefficient = greatestNorm / (Math.Sqrt(squares) + (1e-6 * scale));
            for (int i = 0; i < parameters.Count && !(coefficient * scale >= 1); i++)
            {
                var gradients = parameters[i].Gradients;
                if (scale != 1)
                {
                    TensorPrimitives.Multiply(gradients, scale, gradients);
                }

                TensorPrimitives.Multiply(gradients, coefficient, gradients);
            }
        }
    }

    /// <summary>Starts an update of a parameter, on one thread: makes its state where there is none, and counts the step.</summary>
    internal OptimizerState Begin(Parameter parameter)
    {
        if (!_states.TryGetValue(parameter, out var state))
        {
            if (StateArrays < 0)
            {
                throw UserCode.Refusal(FormattableString.Invariant($"{this} has {StateArrays} StateArrays; there must be 0 or more."));
            }

            state = new OptimizerState(StateArrays, parameter.Values.Length, InitialState);
            _states.Add(parameter, state);
        }

        state.Steps++;
        return state;
    }

    /// <summary>Updates the values [from, to) of a parameter, the same bits whatever the slices.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="state">What <see cref="Begin"/> returned for it.</param>
    /// <param name="from">The first value.</param>
    /// <param name="to">The one behind the last.</param>
    internal void UpdateSlice(Parameter parameter, OptimizerState state, int from, int to)
    {
        UpdateValues(new OptimizerSlice(parameter, state, from, to));
        if (state.Steps % StepsBetweenDrops != 0)
        {
            return;
        }

        foreach (double[] kept in state.Values)
        {
            UpdateRules.DropTiny(kept.AsSpan()[from..to]);
        }

        if (Decays)
        {
            UpdateRules.DropTiny(parameter.Values[from..to]);
        }
    }

    /// <summary>Computes an update of some values of a parameter, where <see cref="CanSlice"/>.</summary>
    /// <param name="slice">The values, their gradients and what is kept of them.</param>
    /// <remarks>
    /// Several threads call it at once, each with a slice of its own, of any length. So it changes nothing but the slice's values and
    /// what is kept of them, and a value must depend on nothing but its own numbers, <see cref="LearningRate"/> and settings: then the
    /// bits are the same for any number of threads. The library owns the memory; nothing of it may be kept after the call. Numbers that
    /// are kept must be finite: training ends with
    /// <see cref="StopReason.NumericOverflow"/> where one is not.
    /// </remarks>
    protected internal virtual void UpdateValues(OptimizerSlice slice) =>
        throw new NotSupportedException($"{this} updates whole parameters only: override UpdateValues.");

    /// <summary>What is kept for a parameter, live; null before its first update, and for a user's own optimizer.</summary>
    internal OptimizerState? StateOf(Parameter parameter) => _states.TryGetValue(parameter, out var state) ? state : null;

    /// <summary>Goes on with what another optimizer of this kind has kept for a parameter; null begins anew.</summary>
    internal void Restore(Parameter parameter, OptimizerState? state)
    {
        Forget(parameter);
        if (state is not null)
        {
            _states.Add(parameter, state);
        }
    }

    /// <summary>Drops what is kept for a parameter: its next update is as its first.</summary>
    internal void Forget(Parameter parameter) => _states.Remove(parameter);

    /// <summary>Updates a parameter slice by slice: what <see cref="Update"/> is where <see cref="CanSlice"/>.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <exception cref="ArgumentNullException"><paramref name="parameter"/> is null.</exception>
    protected void UpdateWhole(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        var state = Begin(parameter);
        for (int from = 0; from < parameter.Values.Length; from += Block)
        {
            int to = Math.Min(from + Block, parameter.Values.Length);
            UpdateSlice(parameter, state, from, to);
            if (Squares is { } squares)
            {
                UpdateRules.MarkOverflows(state.Values[squares].AsSpan()[from..to], parameter.Values[from..to]);
            }
        }
    }

    private static double SumOfSquares(double scale, IReadOnlyList<Parameter> parameters)
    {
        double squares = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            squares += UpdateRules.SumOfSquares(scale, parameters[i].Gradients);
        }

        return squares;
    }

    private protected static string? Detail(string name, double? value, double? byDefault) =>
        value == byDefault ? null : string.Create(CultureInfo.InvariantCulture, $"{name}{value}");
}
