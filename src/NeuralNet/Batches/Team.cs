using System.Runtime.ExceptionServices;

namespace NeuralNet;

/// <summary>Threads that do the parts of a batch together: the caller's and its helpers, which end with <see cref="Dispose"/>.</summary>
/// <remarks>A batch takes a fraction of a millisecond, and to wake a sleeping thread a good part of that: so a helper stays awake for a while after a part.</remarks>
internal sealed class Team : IDisposable
{
    /// <summary>About 50 microseconds of <see cref="Thread.SpinWait"/>.</summary>
    private const int SpinsBeforeSleep = 1500;

    private readonly Thread[] _helpers;
    private readonly object _gate = new();
    private Action<int>? _part;
    private ExceptionDispatchInfo? _failure;
    private int _round;
    private int _running;

    /// <param name="threads">How many threads work, the caller's among them; 1 or more.</param>
    public Team(int threads)
    {
        _helpers = new Thread[threads - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            int part = i + 1;
            _helpers[i] = new Thread(() => Help(part)) { IsBackground = true, Name = "NeuralNet training" };
            _helpers[i].Start();
        }
    }

    /// <summary>How many parts work is divided into.</summary>
    public int Count => _helpers.Length + 1;

    /// <summary>What part <paramref name="part"/> does of <paramref name="all"/> pieces: [From, To).</summary>
    public (int From, int To) Share(int all, int part) => ((int)((long)all * part / Count), (int)((long)all * (part + 1) / Count));

    /// <summary>Calls <paramref name="part"/> with 0 to <see cref="Count"/> - 1, each on a thread of its own, and returns when all have ended.</summary>
    public void Run(Action<int> part)
    {
        if (_helpers.Length == 0)
        {
            part(0);
            return;
        }

        _running = _helpers.Length;
        Start(part);
        try
        {
            part(0);
        }
        finally
        {
            var wait = default(SpinWait);
            while (Volatile.Read(ref _running) > 0)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }

        Interlocked.Exchange(ref _failure, null)?.Throw();
    }

    public void Dispose()
    {
        Start(null);
        foreach (var helper in _helpers)
        {
            helper.Join();
        }
    }

    private void Start(Action<int>? part)
    {
        lock (_gate)
        {
            _part = part;
            Volatile.Write(ref _round, _round + 1);
            Monitor.PulseAll(_gate);
        }
    }

    private void Help(int part)
    {
        for (int round = 1; ; round++)
        {
            WaitFor(round);
            if (_part is not { } work)
            {
                return;
            }

            try
            {
                work(part);
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            Interlocked.Decrement(ref _running);
        }
    }

    private void WaitFor(int round)
    {
        for (int spin = 0; spin < SpinsBeforeSleep && Volatile.Read(ref _round) != round; spin++)
        {
            Thread.SpinWait(1);
        }

        lock (_gate)
        {
            while (_round != round)
            {
                Monitor.Wait(_gate);
            }
        }
    }
}
