namespace NeuralNet.Batches;

/// <summary>
/// Finds how many threads do a piece of work soonest that is done again and again, by measuring it, for as long as it is done.
/// </summary>
/// <remarks>
/// <para>
/// Whether a second thread pays depends on the machine, on what else runs on it, and on the work; none of that is known before, and it
/// changes. So the number that was found best so far, the incumbent, works most of the time. Now and then one of its neighbours, half as
/// many threads or twice as many, is given a trial. The trial goes on until it is clear which is faster: a few pieces where all take the
/// same time, many on a loaded machine, where any thread may lose its processor for milliseconds.
/// </para>
/// <para>
/// What a neighbour's trials may cost is a fixed share of the time: each costs what it took longer than the incumbent would have, and the
/// next one waits until the share of the time since has paid for as much again. An incumbent that turns out to have been a
/// mistake pays for that in the same way: what chance alone brought in does not come back soon.
/// </para>
/// <para>
/// Results never depend on it, as the number of threads changes no bit; and it never reads a clock, so that tests need none. Not for
/// several threads at once.
/// </para>
/// </remarks>
internal sealed class ThreadTuner
{
    /// <summary>The share of the time that the trials of a neighbour may cost.</summary>
    private const double Share = 0.015;

    /// <summary>Seconds that a trial lasts at least before it is won, and at most; pieces of work at least.</summary>
    private const double LeastTrial = 0.01;
    private const double MostTrial = 0.25;
    private const int TrialPieces = 4;

    /// <summary>
    /// Seconds that a trial may lose, after two pieces at least: where there is no doubt that it is slower, and where there is.
    /// </summary>
    private const double MostLoss = 0.0005;
    private const double MostLossInDoubt = 0.01;

    /// <summary>Seconds that a trial is taken to cost at least and at most.</summary>
    private const double LeastPrice = 0.001;
    private const double MostPrice = 0.04;

    /// <summary>Seconds after which a measurement counts for less than a half.</summary>
    private const double Memory = 0.1;

    /// <summary>The time of more threads over that of fewer below which more are better.</summary>
    private const double Gain = 0.97;

    /// <summary>Standard errors that a difference has to be.</summary>
    private const double Errors = 2;

    private readonly int[] _threads;
    private readonly Measurement[] _measured;
    private readonly double[] _prices;
    private readonly double[] _triedAt;
    private int _incumbent;
    private int? _trial;
    private int _nextNeighbor = 1;
    private double _time;
    private bool _warm;
    private bool _helpersWake;
    private Measurement _inTrial;

    /// <summary>Since the incumbent took over.</summary>
    private Measurement _inOffice;

    /// <param name="most">Threads at most, 1 or more.</param>
    public ThreadTuner(int most)
    {
        Most = most;
        _threads = [.. Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(threads => threads < most), most];
        _measured = new Measurement[_threads.Length];
        _prices = new double[_threads.Length];
        _triedAt = new double[_threads.Length];
        Array.Fill(_prices, LeastPrice);
    }

    /// <summary>Threads at most.</summary>
    public int Most { get; }

    /// <summary>How many threads are to do the next piece.</summary>
    public int Threads => _threads[_trial ?? _incumbent];

    /// <summary>Tells how long a piece took that <see cref="Threads"/> threads did.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="work">How much it was, in any unit that stays the same.</param>
    public void Record(double seconds, double work)
    {
        // The first piece of all has its code compiled.
        if (_threads.Length == 1 || !_warm)
        {
            _warm = true;
            return;
        }

        if (_trial is { } trial)
        {
            RecordTrial(trial, seconds, work);
            return;
        }

        _measured[_incumbent].Fade(Memory / (Memory + seconds));
        _measured[_incumbent].Add(seconds, work);
        _inOffice.Add(seconds, work);
        _time += seconds;
        if (_inOffice.Pieces >= TrialPieces)
        {
            StartTrial();
        }
    }

    private void StartTrial()
    {
        for (int i = 0; i < 2; i++)
        {
            int neighbor = _incumbent + _nextNeighbor;
            _nextNeighbor = -_nextNeighbor;
            if (neighbor < 0 || neighbor >= _threads.Length)
            {
                continue;
            }

            // One that was faster when it was last measured is tried as soon as may be, and one that never was at once.
            bool isNew = _measured[neighbor].Pieces == 0;
            double price = _measured[neighbor].Cost < _measured[_incumbent].Cost ? LeastPrice : _prices[neighbor];
            if (isNew || Share * (_time - _triedAt[neighbor]) >= price)
            {
                (_trial, _inTrial, _helpersWake) = (neighbor, default, neighbor > _incumbent);
                _triedAt[neighbor] = _time;
                return;
            }
        }
    }

    private void RecordTrial(int trial, double seconds, double work)
    {
        var incumbent = _measured[_incumbent];
        if (_helpersWake)
        {
            _helpersWake = false;
            return;
        }

        _inTrial.Add(seconds, work);
        double lost = _inTrial.Seconds - (_inTrial.Work * incumbent.Cost);
        double gain = (incumbent.Cost * (trial > _incumbent ? Gain : 1)) - _inTrial.Cost;
        double variance = Math.Max(incumbent.Variance, _inTrial.Variance);
        double doubt = Errors * Math.Sqrt((variance / _inTrial.Pieces) + (incumbent.Variance / incumbent.Pieces));
        bool lasted = _inTrial.Pieces >= TrialPieces && _inTrial.Seconds >= LeastTrial;
        if (lasted && (gain > doubt || _inTrial.Seconds >= MostTrial))
        {
            EndTrial(trial, lost, gain > 0);
        }
        else if (_inTrial.Pieces >= 2 && ((lost > MostLoss && -gain > doubt) || lost > MostLossInDoubt))
        {
            EndTrial(trial, lost, better: false);
        }
    }

    private void EndTrial(int trial, double lost, bool better)
    {
        _measured[trial] = _inTrial;
        _trial = null;
        if (!better)
        {
            _prices[trial] = Price(lost);
            return;
        }

        // What the old incumbent has cost since it took over, had this one been there.
        _prices[_incumbent] = Price(_inOffice.Seconds - (_inOffice.Work * _inTrial.Cost));
        _incumbent = trial;
        _inOffice = default;
    }

    private double Price(double lost) => Math.Clamp(lost, LeastPrice, Math.Max(MostPrice, 2 * _inTrial.Seconds / _inTrial.Pieces));

    private struct Measurement
    {
        private double _rates;
        private double _squares;

        public double Seconds { get; private set; }

        public double Work { get; private set; }

        public double Pieces { get; private set; }

        /// <summary>Seconds for a unit of work.</summary>
        public readonly double Cost => Seconds / Work;

        /// <summary>The variance of <see cref="Cost"/> from piece to piece.</summary>
        public readonly double Variance => Math.Max(0, (_squares / Pieces) - (_rates / Pieces * (_rates / Pieces)));

        public void Add(double seconds, double work)
        {
            double rate = seconds / work;
            (Seconds, Work, Pieces) = (Seconds + seconds, Work + work, Pieces + 1);
            (_rates, _squares) = (_rates + rate, _squares + (rate * rate));
        }

        public void Fade(double left) =>
            (Seconds, Work, Pieces, _rates, _squares) = (Seconds * left, Work * left, Pieces * left, _rates * left, _squares * left);
    }
}
