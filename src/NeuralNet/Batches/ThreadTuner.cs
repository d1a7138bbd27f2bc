namespace NeuralNet;

/// <summary>Finds how many threads do a piece of work soonest that is done again and again, by measuring it, for as long as it is done.</summary>
/// <remarks>
/// <para>
/// Whether a second thread pays depends on the machine, on what else runs on it, and on the work; none of that is known beforehand, and all but the work changes. So the number that was found best so far, the incumbent, works most of
/// the time. Now and then one of its neighbours, half as many threads or twice as many, is given a trial: it takes the incumbent's place where it is faster, and ends at once where it turns out to be much slower.
/// </para>
/// <para>
/// What trials may cost is a fixed share of the time: each costs what it took longer than the incumbent would have, and the next trial of that neighbour waits until the share of the time since has paid for as much again. An incumbent
/// that turns out to have been a mistake pays for that in the same way: by chance alone, as on a loaded machine, it does not come back soon.
/// </para>
/// <para>Results never depend on it, as the number of threads changes no bit; and it never reads a clock, so that tests need none. Not for several threads at once.</para>
/// </remarks>
internal sealed class ThreadTuner
{
    /// <summary>The share of the time that trials may cost.</summary>
    private const double Share = 0.02;

    /// <summary>Seconds that a trial lasts where nothing speaks against it, and pieces of work at least.</summary>
    private const double TrialSeconds = 0.01;
    private const int TrialPieces = 4;

    /// <summary>Seconds that a trial may lose before it ends early, after two pieces at least.</summary>
    private const double MostLoss = 0.0005;

    /// <summary>Seconds that a trial is taken to cost at least and at most.</summary>
    private const double LeastPrice = 0.001;
    private const double MostPrice = 0.04;

    /// <summary>Seconds after which a measurement counts half as much as a new one.</summary>
    private const double Memory = 0.05;

    /// <summary>By how much more threads have to be faster than fewer.</summary>
    private const double Gain = 0.97;

    private readonly int[] _threads;
    private readonly Measurement[] _measured;
    private readonly double[] _prices;
    private int _incumbent;
    private int? _trial;
    private int _nextNeighbor = 1;
    private double _budget;
    private Measurement _inTrial;
    private int _trialPieces;

    /// <summary>Since the incumbent took over.</summary>
    private Measurement _inOffice;

    /// <param name="most">Threads at most, 1 or more.</param>
    public ThreadTuner(int most)
    {
        Most = most;
        _threads = [.. Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(threads => threads < most), most];
        _measured = new Measurement[_threads.Length];
        _prices = new double[_threads.Length];
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
        if (_threads.Length == 1)
        {
            return;
        }

        if (_trial is { } trial)
        {
            RecordTrial(trial, seconds, work);
            return;
        }

        _measured[_incumbent].AddFading(seconds, work, Memory);
        _inOffice.Add(seconds, work);
        _budget += Share * seconds;
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

            // One that was faster when it was last measured, or never was, is tried as soon as may be.
            bool promises = _measured[neighbor].Pieces == 0 || _measured[neighbor].Cost < _measured[_incumbent].Cost;
            if (_budget >= (promises ? LeastPrice : _prices[neighbor]) || _measured[neighbor].Pieces == 0)
            {
                (_trial, _inTrial, _trialPieces) = (neighbor, default, 0);
                return;
            }
        }
    }

    private void RecordTrial(int trial, double seconds, double work)
    {
        // Helpers wake up during the first piece.
        double loss = seconds - (work * _measured[_incumbent].Cost);
        _budget -= Math.Max(0, loss);
        if (_trialPieces++ > 0)
        {
            _inTrial.Add(seconds, work);
        }

        double lost = _inTrial.Seconds - (_inTrial.Work * _measured[_incumbent].Cost);
        if (_inTrial.Pieces >= 2 && lost > MostLoss)
        {
            EndTrial(trial, lost, better: false);
        }
        else if (_inTrial.Pieces >= TrialPieces && _inTrial.Seconds >= TrialSeconds)
        {
            double limit = _measured[_incumbent].Cost * (trial > _incumbent ? Gain : 1);
            EndTrial(trial, lost, _inTrial.Cost < limit);
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
        public double Seconds { get; private set; }

        public double Work { get; private set; }

        public int Pieces { get; private set; }

        public readonly double Cost => Seconds / Work;

        public void Add(double seconds, double work) => (Seconds, Work, Pieces) = (Seconds + seconds, Work + work, Pieces == int.MaxValue ? Pieces : Pieces + 1);

        public void AddFading(double seconds, double work, double memory)
        {
            double left = memory / (memory + seconds);
            (Seconds, Work) = (Seconds * left, Work * left);
            Add(seconds, work);
        }
    }
}
