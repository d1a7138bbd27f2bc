using NeuralNet.Guards;

namespace NeuralNet;

/// <summary>The learning rate of each epoch, from the rate that training starts with.</summary>
/// <remarks>Epochs count from 0 here. A schedule has no state: the same one may serve several trainings.</remarks>
public sealed class Schedule
{
    private readonly string _name;
    private readonly Func<int, double, double> _rate;

    /// <summary>A schedule of one's own.</summary>
    /// <param name="rate">The rate of an epoch, from the epoch (0 or more) and the initial rate: finite, 0 or more.</param>
    public Schedule(Func<int, double, double> rate)
        : this("Schedule of a function", rate) => ArgumentNullException.ThrowIfNull(rate);

    private Schedule(string name, Func<int, double, double> rate) => (_name, _rate) = (name, rate);

    /// <summary>The initial rate in every epoch.</summary>
    public static Schedule Constant { get; } = new(nameof(Constant), (_, initialRate) => initialRate);

    /// <summary>The rate falls in steps: initialRate * factor^⌊epoch / every⌋.</summary>
    /// <param name="every">How many epochs a step lasts, 1 or more.</param>
    /// <param name="factor">What the rate is multiplied by from one step to the next: finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static Schedule Step(int every, double factor)
    {
        Check.Positive(every, "A step schedule's every", nameof(every));
        Check.Number(factor, factor > 0, "A step schedule's factor", " above 0", nameof(factor));
        return new Schedule(
            FormattableString.Invariant($"Step({every}, {factor})"), (epoch, initialRate) => initialRate * Math.Pow(factor, epoch / every));
    }

    /// <summary>The rate falls evenly: initialRate * factor^epoch.</summary>
    /// <param name="factor">What the rate is multiplied by from one epoch to the next: finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is out of its range.</exception>
    public static Schedule Exponential(double factor)
    {
        Check.Number(factor, factor > 0, "An exponential schedule's factor", " above 0", nameof(factor));
        return new Schedule(
            FormattableString.Invariant($"Exponential({factor})"), (epoch, initialRate) => initialRate * Math.Pow(factor, epoch));
    }

    /// <summary>
    /// The rate falls to a final one along half a wave of the cosine: finalRate + (initialRate - finalRate) (1 + cos(π epoch / epochs)) /
    /// 2, and stays there.
    /// </summary>
    /// <param name="epochs">The epoch that is the first to have the final rate, 1 or more.</param>
    /// <param name="finalRate">The final rate: finite, 0 or more.</param>
    /// <remarks>
    /// Ilya Loshchilov and Frank Hutter, SGDR: Stochastic gradient descent with warm restarts, 2017; here without restarts.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static Schedule Cosine(int epochs, double finalRate = 0)
    {
        Check.Positive(epochs, "A cosine schedule's epochs", nameof(epochs));
        Check.Number(finalRate, finalRate >= 0, "A cosine schedule's finalRate", ", 0 or more", nameof(finalRate));
        return new Schedule(
            FormattableString.Invariant($"Cosine({epochs}, {finalRate})"),
            (epoch, initialRate) => finalRate
                + ((initialRate - finalRate) * (1 + Math.Cos(Math.PI * Math.Min(epoch, epochs) / epochs)) / 2));
    }

    /// <summary>The rate rises evenly to the initial one, initialRate (epoch + 1) / epochs, and then follows another schedule.</summary>
    /// <param name="epochs">How many epochs it rises, 1 or more; the last of them has the initial rate.</param>
    /// <param name="then">What follows, its epochs counted from 0 again; <see cref="Constant"/> where none is given.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epochs"/> is out of its range.</exception>
    public static Schedule WarmUp(int epochs, Schedule? then = null)
    {
        Check.Positive(epochs, "A warm-up schedule's epochs", nameof(epochs));
        then ??= Constant;
        return new Schedule(
            FormattableString.Invariant($"WarmUp({epochs}, then {then})"),
            (epoch, initialRate) => epoch < epochs ? initialRate * (epoch + 1) / epochs : then._rate(epoch - epochs, initialRate));
    }

    /// <summary>The learning rate of an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="initialRate">The rate that training starts with: finite, above 0.</param>
    /// <returns>The rate: finite, 0 or more.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The schedule's rate for this epoch is negative or not finite, or its function threw what
    /// is the InnerException.</exception>
    public double RateAt(int epoch, double initialRate)
    {
        if (epoch < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(epoch), epoch, FormattableString.Invariant($"An epoch of a schedule counts from 0, but is {epoch}."));
        }

        Check.Number(initialRate, initialRate > 0, "The initial learning rate", " above 0", nameof(initialRate));
        double rate;
        try
        {
            rate = _rate(epoch, initialRate);
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named(FormattableString.Invariant($"{this}, in epoch {epoch} (from 0),"), e);
        }

        return double.IsFinite(rate) && rate >= 0
            ? rate
            : throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"{this} expects a finite rate, 0 or more, but got {rate} for epoch {epoch} (from 0) from an initial rate of ")
                + FormattableString.Invariant($"{initialRate}. Change what it does in that epoch."));
    }

    /// <summary>The schedule's name and numbers: <c>Step(10, 0.5)</c>.</summary>
    public override string ToString() => _name;
}
