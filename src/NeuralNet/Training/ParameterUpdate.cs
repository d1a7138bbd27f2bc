using System.Numerics.Tensors;
using NeuralNet.Batches;
using NeuralNet.Guards;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Optimizers;

namespace NeuralNet.Training;

/// <summary>
/// The update of all parameters that are not frozen at the end of a mini-batch: mean gradients, regularisation, clipping, the optimizer's
/// step, and gradients back to zero.
/// </summary>
internal sealed class ParameterUpdate
{
    /// <summary>Values that stay in the first-level cache while everything is done to them.</summary>
    private const int Block = 1024;

    /// <summary>Values below which threads do not pay.</summary>
    private const int WorthSharing = 20_000;

    private readonly IReadOnlyList<Layer> _layers;
    private readonly Parameter[] _all;
    private readonly Parameter[] _parameters;
    private readonly bool _sharesFrozen;
    private readonly OptimizerState[] _states;
    private readonly Optimizer _optimizer;
    private readonly Team? _team;
    private readonly Action<int> _meanPart, _meanAndStepPart, _stepPart;
    private int _samples;
    private volatile bool _hasHugeGradients;

    public ParameterUpdate(IReadOnlyList<Layer> layers, Optimizer optimizer, Team? team)
    {
        _layers = layers;
        // Layers of a user's may share a parameter: its gradients add up, and one update follows.
        _all = [.. LayerTree.Parameters(layers).Distinct()];
        _parameters = [.. LayerTree.TrainableParameters(layers)];
        _sharesFrozen = LayerTree.Leaves(layers).Select(leaf => leaf.Layer).OfType<TrainableLayer>()
            .Any(leaf => leaf.Trainable && leaf.Parameters.Except(_parameters).Any());
        _states = new OptimizerState[_parameters.Length];
        _optimizer = optimizer;
        _team = _parameters.Sum(parameter => (long)parameter.Memory.Length) < WorthSharing ? null : team;
        _meanPart = part => Do(part, mean: true, step: false);
        _stepPart = part => Do(part, mean: false, step: true);
        _meanAndStepPart = part => Do(part, mean: true, step: true);
    }

    /// <summary>
    /// Whether W -= learningRate dE/dW is all there is to an update, which each layer may do by itself: to all parameters that it has.
    /// </summary>
    public bool IsPlain => _optimizer is Sgd { IsPlain: true } && !_sharesFrozen
        && Array.TrueForAll(_parameters, parameter => parameter.L2 == 0);

    /// <summary>Sets all gradients to zero, those of frozen parameters that another layer shares among them.</summary>
    public void ClearGradients()
    {
        foreach (var parameter in _all)
        {
            parameter.ClearGradient();
        }
    }

    /// <summary>Drops what the optimizer has gathered, which may no longer be finite.</summary>
    public void ResetOptimizer()
    {
        foreach (var parameter in _parameters)
        {
            _optimizer.Forget(parameter);
        }
    }

    /// <summary>Updates the parameters by the sums of the gradients over that many samples.</summary>
    /// <returns>
    /// What is no longer finite, in words; null where everything seems to be. <see cref="FindOverflow"/> tells for certain.
    /// </returns>
    public string? Apply(int samples)
    {
        (_samples, _hasHugeGradients) = (samples, false);
        if (_optimizer.CanSlice)
        {
            for (int i = 0; i < _parameters.Length; i++)
            {
                _states[i] = _optimizer.Begin(_parameters[i]);
            }

            if (!_optimizer.Clips)
            {
                Share(_meanAndStepPart);
                return _hasHugeGradients ? FindOverflow() : null;
            }
        }

        Share(_meanPart);
        if (_hasHugeGradients && Array.Find(_parameters, parameter => !IsFinite(parameter.Gradients)) is { } steep)
        {
            return $"the gradient of {NameOf(steep)} is not finite";
        }

        _optimizer.Clip(_parameters);
        if (_optimizer.CanSlice)
        {
            Share(_stepPart);
            return _hasHugeGradients ? FindOverflow() : null;
        }

        foreach (var parameter in _parameters)
        {
            try
            {
                _optimizer.Update(parameter);
            }
            catch (Exception e) when (UserCode.HasNoName(e))
            {
                throw UserCode.Named($"{_optimizer}'s Update of {parameter}", e);
            }

            parameter.ClearGradient();
        }

        return FindOverflow();
    }

    /// <summary>
    /// The first parameter that is not finite, or for which the optimizer keeps something that is not, in words; null where all are.
    /// </summary>
    /// <remarks>
    /// Infinity among what the library's optimizers keep never goes away: it is enough to look after an epoch, or where gradients are huge.
    /// </remarks>
    public string? FindOverflow()
    {
        foreach (var parameter in _parameters)
        {
            if (!IsFinite(parameter.Values))
            {
                return $"{NameOf(parameter)} is no longer finite";
            }

            if (_optimizer.StateOf(parameter) is { } state && Array.Exists(state.Values, kept => !IsFinite(kept)))
            {
                return _optimizer.IsUsers ? $"what {_optimizer} keeps of {NameOf(parameter)} is no longer finite"
                    : $"the squared gradients of {NameOf(parameter)} are too large for {_optimizer} without ClipNorm or ClipValue";
            }
        }

        return null;
    }

    private static bool IsFinite(ReadOnlySpan<double> values) => TensorPrimitives.IsFiniteAll(values);

    private string NameOf(Parameter parameter) => Snapshot.NameOf(_layers, parameter.Memory);

    private void Share(Action<int> part)
    {
        if (_team is null)
        {
            part(0);
        }
        else
        {
            _team.Run(part);
        }
    }

    private void Do(int part, bool mean, bool step)
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            var parameter = _parameters[i];
            var (from, end) = _team?.Share(parameter.Memory.Length, part) ?? (0, parameter.Memory.Length);
            for (; from < end; from += Block)
            {
                int to = Math.Min(from + Block, end);
                var gradients = parameter.Gradients[from..to];
                if (mean && !UpdateRules.Mean(gradients, _samples, 2 * parameter.L2, parameter.Values[from..to]))
                {
                    _hasHugeGradients = true;
                }

                if (step)
                {
                    UpdateSlice(parameter, _states[i], from, to);
                    gradients.Clear();
                }
            }
        }
    }

    private void UpdateSlice(Parameter parameter, OptimizerState state, int from, int to)
    {
        try
        {
            _optimizer.UpdateSlice(parameter, state, from, to);
        }
        catch (Exception e) when (_optimizer.IsUsers && UserCode.HasNoName(e))
        {
            throw UserCode.Named($"{_optimizer}'s UpdateValues of {parameter}", e);
        }
    }
}
