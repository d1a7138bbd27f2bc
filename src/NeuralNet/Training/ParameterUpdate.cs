using System.Numerics.Tensors;

namespace NeuralNet;

/// <summary>The update of all parameters at the end of a mini-batch: mean gradients, regularisation, clipping, the optimizer's step, and gradients back to zero.</summary>
internal sealed class ParameterUpdate
{
    /// <summary>Values that stay in the first-level cache while everything is done to them.</summary>
    private const int Block = 1024;

    /// <summary>Values below which threads do not pay.</summary>
    private const int WorthSharing = 20_000;

    private readonly Parameter[] _parameters;
    private readonly Optimizer _optimizer;
    private readonly Team? _team;
    private readonly Action<int> _meanPart, _meanAndStepPart, _stepPart;
    private int _samples;

    public ParameterUpdate(IEnumerable<Layer> layers, Optimizer optimizer, Team? team)
    {
        // Layers of a user's may share a parameter: its gradients add up, and one update follows.
        _parameters = [.. layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Distinct()];
        _optimizer = optimizer;
        _team = _parameters.Sum(parameter => (long)parameter.Memory.Length) < WorthSharing ? null : team;
        (_meanPart, _stepPart, _meanAndStepPart) = (part => Do(part, mean: true, step: false), part => Do(part, mean: false, step: true), part => Do(part, mean: true, step: true));
    }

    /// <summary>Whether W -= learningRate dE/dW is all there is to an update.</summary>
    public bool IsPlain => _optimizer is Sgd { IsPlain: true } && Array.TrueForAll(_parameters, parameter => parameter.L2 == 0);

    public void ClearGradients()
    {
        foreach (var parameter in _parameters)
        {
            parameter.ClearGradient();
        }
    }

    /// <summary>Drops what the optimizer has gathered, which may no longer be finite.</summary>
    public void Forget()
    {
        foreach (var parameter in _parameters)
        {
            _optimizer.Forget(parameter);
        }
    }

    /// <summary>Updates the parameters by the sums of the gradients over that many samples.</summary>
    public void Apply(int samples)
    {
        _samples = samples;
        if (_optimizer.CanSlice)
        {
            foreach (var parameter in _parameters)
            {
                _optimizer.Begin(parameter);
            }

            if (!_optimizer.Clips)
            {
                Share(_meanAndStepPart);
                return;
            }
        }

        Share(_meanPart);
        _optimizer.Clip(_parameters);
        if (_optimizer.CanSlice)
        {
            Share(_stepPart);
            return;
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
    }

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
        foreach (var parameter in _parameters)
        {
            var (from, end) = _team?.Share(parameter.Memory.Length, part) ?? (0, parameter.Memory.Length);
            for (; from < end; from += Block)
            {
                int to = Math.Min(from + Block, end);
                var gradients = parameter.Gradients[from..to];
                if (mean)
                {
                    TensorPrimitives.Divide(gradients, _samples, gradients);
                    parameter.AddL2Gradient(from, to);
                }

                if (step)
                {
                    _optimizer.UpdateSlice(parameter, from, to);
                    gradients.Clear();
                }
            }
        }
    }
}
