namespace NeuralNet.Tests.Optimizers;

/// <summary>
/// One value under an optimizer's formulas as its documentation gives them, in plain arithmetic: the oracle of the library's vectors.
/// </summary>
internal sealed class NaiveOptimizer(Optimizer optimizer)
{
    private int _step;
    private double _velocity;
    private double _mean;
    private double _square = (optimizer as Adagrad)?.InitialAccumulator ?? 0;

    public double Update(double w, double gradient)
    {
        _step++;
        double rate = optimizer.LearningRate;
        switch (optimizer)
        {
            case Sgd sgd:
                double g = gradient + (sgd.WeightDecay * w);
                _velocity = (sgd.Momentum * _velocity) + g;
                return w - (rate * (sgd.Nesterov ? g + (sgd.Momentum * _velocity) : _velocity));

            case Adagrad adagrad:
                g = gradient + (adagrad.WeightDecay * w);
                _square += g * g;
                return w - (rate * g / (Math.Sqrt(_square) + adagrad.Epsilon));

            case RmsProp rms:
                g = gradient + (rms.WeightDecay * w);
                _square = (rms.Decay * _square) + ((1 - rms.Decay) * g * g);
                _mean = rms.Centered ? (rms.Decay * _mean) + ((1 - rms.Decay) * g) : 0;
                _velocity = (rms.Momentum * _velocity) + (g / (Math.Sqrt(_square - (_mean * _mean)) + rms.Epsilon));
                return w - (rate * _velocity);

            case Adam adam:
                return Adam(w, gradient + (adam.WeightDecay * w), rate, adam.Beta1, adam.Beta2, adam.Epsilon);

            case AdamW adamW:
                return Adam(w - (rate * adamW.WeightDecay * w), gradient, rate, adamW.Beta1, adamW.Beta2, adamW.Epsilon);

            default:
                throw new NotSupportedException(optimizer.ToString());
        }
    }

    private double Adam(double w, double g, double rate, double beta1, double beta2, double epsilon)
    {
        _mean = (beta1 * _mean) + ((1 - beta1) * g);
        _square = (beta2 * _square) + ((1 - beta2) * g * g);
        return w - (rate * (_mean / (1 - Math.Pow(beta1, _step))) / (Math.Sqrt(_square / (1 - Math.Pow(beta2, _step))) + epsilon));
    }
}
