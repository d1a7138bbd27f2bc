using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>How a parameter changes by its gradient.</summary>
/// <remarks>
/// <para>One's own needs <see cref="Update"/> only, here W -= learningRate * sign(dE/dW):</para>
/// <code>
/// class SignSgd(double learningRate) : Optimizer(learningRate)
/// {
///     public override void Update(Parameter parameter) => parameter.Value.Subtract(LearningRate * parameter.Gradient.PointwiseSign(), parameter.Value);
/// }
/// </code>
/// <para>
/// The library's own keep numbers of their own for each <see cref="Parameter"/> object, for as long as that object lives: one optimizer may train several networks, in turn. They do not allocate
/// anything from a parameter's second update on.
/// </para>
/// </remarks>
public abstract class Optimizer
{
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

    /// <summary>The greatest norm that <see cref="Step"/> leaves to all gradients together: finite, above 0; null, the default, leaves any.</summary>
    /// <remarks>
    /// With the Euclidean norm n over all parameters, every gradient is multiplied by min(1, ClipNorm / (n + 1e-6)), as PyTorch does (Razvan Pascanu, Tomas Mikolov and Yoshua Bengio, On the difficulty
    /// of training recurrent neural networks, 2013).
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public double? ClipNorm
    {
        get;
        set => field = value is { } norm ? Check.Number(norm, norm > 0, "ClipNorm", " above 0, or null for no clipping", nameof(value)) : null;
    }

    /// <summary>The greatest size that <see cref="Step"/> leaves to each value of a gradient, which it puts into [-ClipValue, ClipValue]: finite, above 0; null, the default, leaves any.</summary>
    /// <remarks>Where <see cref="ClipNorm"/> is set too, it sees the gradients after this.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public double? ClipValue
    {
        get;
        set => field = value is { } greatest ? Check.Number(greatest, greatest > 0, "ClipValue", " above 0, or null for no clipping", nameof(value)) : null;
    }

    /// <summary>The learning rate, 0 allowed: that is what some schedules end with.</summary>
    internal double Rate { get; set; }

    /// <summary>Whether <see cref="Update"/> is <see cref="Begin"/>, then <see cref="UpdateSlice"/> over slices that cover the parameter, in any order or at the same time.</summary>
    internal virtual bool CanSlice => false;

    /// <summary>How many numbers are kept for each value of a parameter, and which.</summary>
    internal virtual int StateArrays => 0;

    internal bool Clips => ClipNorm is not null || ClipValue is not null;

    /// <summary>Those numbers besides learning rate and clipping that are not as they are by default, in words.</summary>
    internal IEnumerable<string> Settings => Details.OfType<string>();

    /// <summary>What the numbers that are kept begin as.</summary>
    private protected virtual double InitialState => 0;

    /// <summary>What <see cref="ToString"/> prints behind the learning rate; null where the default is.</summary>
    private protected virtual IReadOnlyList<string?> Details => [];

    /// <summary>Changes a parameter's <see cref="Parameter.Value"/> by its <see cref="Parameter.Gradient"/>, which stays as it is and is not clipped.</summary>
    /// <param name="parameter">The parameter.</param>
    public abstract void Update(Parameter parameter);

    /// <summary>Clips the parameters' gradients where <see cref="ClipValue"/> or <see cref="ClipNorm"/> says so, in that order, then updates each parameter.</summary>
    /// <param name="parameters">All parameters that are trained together, each once: the norm is over all of them. Clipping changes their gradients.</param>
    /// <exception cref="ArgumentException">One of the parameters is null.</exception>
    public void Step(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i] is null)
            {
                throw new ArgumentException(FormattableString.Invariant($"{this} expects parameters, but parameters[{i}] is null."), nameof(parameters));
            }
        }

        Clip(parameters);
        for (int i = 0; i < parameters.Count; i++)
        {
            Update(parameters[i]);
        }
    }

    /// <summary>The optimizer's name, its learning rate, and what else is not as it is by default: <c>Sgd(0.1, momentum 0.9, Nesterov)</c>.</summary>
    public override string ToString()
    {
        string?[] numbers = [Detail("", LearningRate, null), .. Details, Detail("clip value ", ClipValue, null), Detail("clip norm ", ClipNorm, null)];
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
            double squares = 0;
            for (int i = 0; i < parameters.Count; i++)
            {
                squares += UpdateRules.SumOfSquares(parameters[i].Gradients);
            }

            double coefficient = greatestNorm / (Math.Sqrt(squares) + 1e-6);
            for (int i = 0; i < parameters.Count && !(coefficient >= 1); i++)
            {
                var gradients = parameters[i].Gradients;
                TensorPrimitives.Multiply(gradients, coefficient, gradients);
            }
        }
    }

    /// <summary>Starts an update of a parameter, on one thread: makes its state where there is none, and counts the step.</summary>
    internal void Begin(Parameter parameter)
    {
        if (!_states.TryGetValue(parameter, out var state))
        {
            state = new OptimizerState(StateArrays, parameter.Values.Length, InitialState);
            _states.Add(parameter, state);
        }

        state.Steps++;
    }

    /// <summary>Updates the values [from, to) of a parameter, the same bits whatever the slices.</summary>
    internal virtual void UpdateSlice(Parameter parameter, int from, int to) => throw new NotSupportedException($"{this} updates whole parameters only.");

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

    /// <summary>The state of a parameter that an update has begun for.</summary>
    private protected OptimizerState Begun(Parameter parameter) => StateOf(parameter)
        ?? throw new InvalidOperationException($"{this} has not begun an update of {parameter}. Call Begin first.");

    private protected void UpdateWhole(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        Begin(parameter);
        UpdateSlice(parameter, 0, parameter.Values.Length);
    }

    private protected static string? Detail(string name, double? value, double? byDefault) =>
        value == byDefault ? null : string.Create(CultureInfo.InvariantCulture, $"{name}{value}");
}
