namespace NeuralNet.Tests.Batches;

/// <summary>The tuner in simulated time: what a piece takes is given, nothing is measured.</summary>
public class ThreadTunerTests
{
    /// <summary>
    /// Microseconds of a batch of 32 on one thread and on two, as they were measured on an idle machine or with other processes.
    /// </summary>
    [Theory]
    [InlineData(32, 45)]
    [InlineData(102, 176)]
    [InlineData(160, 508)]
    [InlineData(60, 60)]
    [InlineData(250, 200)]
    [InlineData(250, 140)]
    [InlineData(6000, 3200)]
    [InlineData(3000, 9000)]
    [InlineData(100_000, 55_000)]
    public void TrainingIsAsFastAsOnTheBetterNumberOfThreads(double one, double two)
    {
        double seconds = Math.Max(5, 400 * Math.Max(one, two) / 1e6);
        double time = Time(2, seconds, (threads, _) => (threads == 1 ? one : two) / 1e6, out double work);

        (time / work).Should().BeLessThan(1.05 * Math.Min(one, two) / 1e6);
    }

    /// <summary>
    /// Twice as many busy processes as cores: whoever works loses its core for 4 ms now and then, and two threads wait for one another
    /// when either does.
    /// </summary>
    [Theory]
    [InlineData(50, 30)]
    [InlineData(160, 100)]
    [InlineData(3000, 1700)]
    public void OnALoadedMachineItIsNeverMuchSlowerThanOneThread(double one, double two)
    {
        double Loaded(int threads, double at, Random random)
        {
            double seconds = (threads == 1 ? one : two) / 1e6;
            for (int thread = 0; thread < threads; thread++)
            {
                // A core is lost about every 4 ms of work; where there are two, one is lost while the other works as well.
                seconds += random.NextDouble() < seconds / 0.004 * (threads == 1 ? 1 : 3) ? 0.004 : 0;
            }

            return seconds;
        }

        foreach (int seed in Enumerable.Range(1, 5))
        {
            var (random, alone) = (Draw.Seeded(seed), Draw.Seeded(seed));
            double time = Time(2, seconds: 10, (threads, at) => Loaded(threads, at, random), out double work);
            double timeAlone = Time(1, seconds: 10, (_, at) => Loaded(1, at, alone), out double workAlone);

            (time / work).Should().BeLessThan(1.1 * timeAlone / workAlone);
        }
    }

    [Fact]
    public void AfterALoadItComesBackToMoreThreads()
    {
        bool IsLoaded(double at) => at is > 2 and < 4;
        var tuner = new ThreadTuner(2);
        double inTwo = 0, inLoad = 0, after = 0;
        for (double at = 0; at < 6;)
        {
            double seconds = tuner.Threads == 1 ? 160e-6 : IsLoaded(at) ? 500e-6 : 90e-6;
            tuner.Record(seconds, 32);
            at += seconds;
            inTwo += tuner.Threads == 2 && at < 2 ? seconds : 0;
            inLoad += tuner.Threads == 2 && at is > 2.2 and < 4 ? seconds : 0;
            after += tuner.Threads == 2 && at > 5 ? seconds : 0;
        }

        inTwo.Should().BeGreaterThan(0.9 * 2);
        inLoad.Should().BeLessThan(0.1 * 1.8);
        after.Should().BeGreaterThan(0.9 * 1);
    }

    /// <summary>One thread was measured while its code was compiled: a dear mistake, after which it is long not tried again.</summary>
    [Fact]
    public void TrialsComeOneByOne()
    {
        var tuner = new ThreadTuner(2);
        var inOne = new double[40];
        for (double at = 0; at < 10;)
        {
            double seconds = at < 0.2 ? 20e-3 : tuner.Threads == 1 ? 1600e-6 : 1000e-6;
            tuner.Record(seconds, 32);
            inOne[(int)(at * 4)] += tuner.Threads == 1 ? seconds : 0;
            at += seconds;
        }

        inOne.Skip(2).Should().AllSatisfy(time => time.Should().BeLessThan(0.1 * 0.25));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    public void OfManyItFindsTheBestNumber(int best)
    {
        double time = Time(12, seconds: 5, (threads, _) => 100e-6 * (1 + Math.Abs(Math.Log2((double)threads / best))), out double work);

        (time / work).Should().BeLessThan(1.06 * 100e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public void MoreThreadsThanAreAllowedAreNeverTried(int most)
    {
        var seen = new HashSet<int>();
        double Piece(int threads)
        {
            seen.Add(threads);
            return 1e-3 / threads;
        }

        Time(most, seconds: 5, (threads, _) => Piece(threads), out _);

        seen.Should().OnlyContain(threads => threads >= 1 && threads <= most).And.Contain(1).And.Contain(most);
    }

    /// <summary>Pieces of work for some seconds; returns how long they took.</summary>
    private static double Time(int most, double seconds, Func<int, double, double> piece, out double work)
    {
        var tuner = new ThreadTuner(most);
        double time = 0;
        for (work = 0; time < seconds; work++)
        {
            double one = piece(tuner.Threads, time);
            tuner.Record(one, 1);
            time += one;
        }

        return time;
    }
}
