using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace NeuralNet.Batches;

/// <summary>Threads that do the parts of a batch together: the caller's and its helpers, which end with <see cref="Dispose"/>.</summary>
/// <remarks>
/// <para>
/// A batch takes a fraction of a millisecond, and to wake a sleeping thread a good part of that: so a helper stays awake for a while
/// after a part. The caller never waits for a helper to come: parts are taken by whoever is there first,
/// and the caller may do them all. It waits for parts that a helper has begun.
/// </para>
/// <para>How many threads work is found by measuring, step by step; while one thread does, helpers sleep.</para>
/// </remarks>
internal sealed class Team : IDisposable
{
    /// <summary>About 50 microseconds of <see cref="Thread.SpinWait"/>.</summary>
    private const int SpinsBeforeSleep = 1500;

    private readonly Helper[] _helpers;
    private readonly ThreadTuner _tuner;
    private readonly Func<int>? _threadsOfStep;
    private readonly object _gate = new();

    /// <summary>What is to be taken: the round's number, 32 bits; its parts, 16 bits; and the next part to take, 16 bits.</summary>
    private long _ticket;
    private Action<int>? _work;
    private ExceptionDispatchInfo? _failure;
    private int _parts = 1;
    private int _unfinished;
    private int _threads;
    private long _ticks;
    private bool _callerSleeps;
    private bool _ended;

    /// <param name="threads">How many threads work at most, the caller's among them; 1 or more.</param>
    /// <param name="threadsOfStep">How many do in a step; null for as many as are measured to be fastest.</param>
    /// <param name="startHelper">Starts a helper on a thread that is returned; null for a thread of its own. A helper that is not
    /// started is one that never comes.</param>
    public Team(int threads, Func<int>? threadsOfStep = null, Func<Action, Thread?>? startHelper = null)
    {
        (_tuner, _threadsOfStep, _threads) = (new ThreadTuner(threads), threadsOfStep, threads);
        _helpers = new Helper[threads - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            var helper = _helpers[i] = new Helper(i + 1);
            helper.Thread = (startHelper ?? Start)(() => Help(helper));
        }
    }

    /// <summary>Whether all helpers sleep.</summary>
    public bool HelpersSleep => Array.TrueForAll(_helpers, helper => Volatile.Read(ref helper.Sleeps));

    /// <summary>What part <paramref name="part"/> does of <paramref name="all"/> pieces: [From, To).</summary>
    public (int From, int To) Share(int all, int part) => ((int)((long)all * part / _parts), (int)((long)all * (part + 1) / _parts));

    /// <summary>Begins a step: what follows until <see cref="EndStep"/> is done by one number of threads, and timed.</summary>
    public void BeginStep() => (_threads, _ticks) = (Math.Clamp(_threadsOfStep?.Invoke() ?? _tuner.Threads, 1, _helpers.Length + 1), 0);

    /// <summary>Ends a step.</summary>
    /// <param name="samples">How many samples passed.</param>
    public void EndStep(int samples)
    {
        if (_threadsOfStep is null)
        {
            _tuner.Record((double)_ticks / Stopwatch.Frequency, samples);
        }
    }

    /// <summary>
    /// Calls <paramref name="work"/> once for each part, from 0 on, on as many threads as the step has, and returns when all have
    /// ended.
    /// </summary>
    public void Run(Action<int> work)
    {
        long start = Stopwatch.GetTimestamp();
        if (_threads == 1)
        {
            _parts = 1;
            work(0);
        }
        else
        {
            RunTogether(work);
        }

        _ticks += Stopwatch.GetTimestamp() - start;
    }

    public void Dispose()
    {
        Volatile.Write(ref _ended, true);
        foreach (var helper in _helpers)
        {
            lock (helper)
            {
                Monitor.Pulse(helper);
            }

            helper.Thread?.Join();
        }
    }

    private static Thread Start(Action help)
    {
        var thread = new Thread(() => help()) { IsBackground = true, Name = "NeuralNet training" };
        thread.Start();
        return thread;
    }

    private static int Parts(long ticket) => (ushort)(ticket >> 16);

    private static int Next(long ticket) => (ushort)ticket;

    private void RunTogether(Action<int> work)
    {
        _work = work;
        _parts = _unfinished = _threads;
        long round = (_ticket >> 32) + 1;
        Interlocked.Exchange(ref _ticket, (round << 32) | ((long)_parts << 16));
        for (int i = 0; i < _threads - 1; i++)
        {
            if (Volatile.Read(ref _helpers[i].Sleeps))
            {
                lock (_helpers[i])
                {
                    Monitor.Pulse(_helpers[i]);
                }
            }
        }

        while (TryDoPart())
        {
        }

        WaitForHelpers();
        Interlocked.Exchange(ref _failure, null)?.Throw();
    }

    /// <summary>Takes a part that nobody has taken and does it; false where none is left.</summary>
    private bool TryDoPart()
    {
        long ticket = Volatile.Read(ref _ticket);
        while (Next(ticket) < Parts(ticket))
        {
            // A round is not over before all its parts are: where the part is ours, so is the work.
            var work = _work!;
            long found = Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket);
            if (found == ticket)
            {
                Do(work, Next(ticket));
                return true;
            }

            ticket = found;
        }

        return false;
    }

    private void Do(Action<int> work, int part)
    {
        try
        {
            work(part);
        }
        catch (Exception e)
        {
            Volatile.Write(ref _failure, ExceptionDispatchInfo.Capture(e));
        }

        if (Interlocked.Decrement(ref _unfinished) == 0 && Volatile.Read(ref _callerSleeps))
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>A helper that has begun a part may have lost its processor: the caller does not burn the one that it could have.</summary>
    private void WaitForHelpers()
    {
        for (int spin = 0; spin < SpinsBeforeSleep && Volatile.Read(ref _unfinished) > 0; spin++)
        {
            Thread.SpinWait(1);
        }

        if (Volatile.Read(ref _unfinished) == 0)
        {
            return;
        }

        lock (_gate)
        {
            Volatile.Write(ref _callerSleeps, true);
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _unfinished) > 0)
            {
                Monitor.Wait(_gate);
            }

            _callerSleeps = false;
        }
    }

    private void Help(Helper helper)
    {
        while (!Volatile.Read(ref _ended))
        {
            if (!IsWanted(helper) || !TryDoPart())
            {
                Wait(helper);
            }
        }
    }

    private bool IsWanted(Helper helper)
    {
        long ticket = Volatile.Read(ref _ticket);
        return Next(ticket) < Parts(ticket) && helper.Number < Parts(ticket);
    }

    private void Wait(Helper helper)
    {
        for (int spin = 0; spin < SpinsBeforeSleep; spin++)
        {
            if (IsWanted(helper) || Volatile.Read(ref _ended))
            {
                return;
            }

            Thread.SpinWait(1);
        }

        lock (helper)
        {
            Volatile.Write(ref helper.Sleeps, true);
            Interlocked.MemoryBarrier();
            if (!IsWanted(helper) && !Volatile.Read(ref _ended))
            {
                Monitor.Wait(helper);
            }

            Volatile.Write(ref helper.Sleeps, false);
        }
    }

    private sealed class Helper(int number)
    {
        /// <summary>Whether it has to be woken; its monitor wakes it.</summary>
        public bool Sleeps;

        /// <summary>From 1: it works where more threads than that do.</summary>
        public int Number { get; } = number;

        public Thread? Thread { get; set; }
    }
}
