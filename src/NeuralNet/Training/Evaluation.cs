using System.Collections.ObjectModel;
using System.Globalization;

namespace NeuralNet;

/// <summary>How good a network's predictions of some samples are.</summary>
public sealed class Evaluation
{
    private readonly OrderedDictionary<string, double> _metrics = [];
    private readonly bool _hasLoss;

    internal Evaluation(double? loss, IEnumerable<(Metric Metric, double Value)> metrics)
    {
        (Loss, _hasLoss) = (loss ?? double.NaN, loss is not null);
        foreach (var (metric, value) in metrics)
        {
            _metrics.Add(metric.Name, value);
        }

        Metrics = new ReadOnlyDictionary<string, double>(_metrics);
    }

    /// <summary>The mean of the samples' losses; NaN where the network has no loss.</summary>
    public double Loss { get; }

    /// <summary>Each metric's figure by its <see cref="Metric.Name"/>, in the order they were asked for.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; }

    /// <summary>A metric's figure.</summary>
    /// <param name="metric">One of those asked for, found by its <see cref="Metric.Name"/>.</param>
    /// <exception cref="ArgumentException">The metric was not asked for.</exception>
    public double this[Metric metric]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(metric);
            if (_metrics.TryGetValue(metric.Name, out double value))
            {
                return value;
            }

            string evaluated = string.Join(", ", _hasLoss ? _metrics.Keys.Prepend("the loss") : _metrics.Keys);
            throw new ArgumentException(
                $"{metric.Name} was not evaluated, only {evaluated}. Name it among Evaluate's metrics.", nameof(metric));
        }
    }

    /// <summary>All of it in one line: <c>loss=0.1234  Accuracy=0.9870</c>; without the loss where the network has none.</summary>
    public override string ToString()
    {
        var figures = _hasLoss ? _metrics.Prepend(new("loss", Loss)) : _metrics;
        return string.Join("  ", figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key}={figure.Value:F4}")));
    }
}
