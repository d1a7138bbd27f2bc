namespace NeuralNet.Tests.Batches;

public class TeamTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void EachPartIsDoneOnceHoweverTheNumberOfThreadsChanges(int most)
    {
        var random = Draw.Seeded(1);
        using var team = new Team(most, () => random.Next(1, most + 1));
        int[] done = new int[101];
        Action<int> work = part =>
        {
            var (from, to) = team.Share(done.Length, part);
            for (int i = from; i < to; i++)
            {
                done[i]++;
            }
        };
        for (int round = 1; round <= 5000; round++)
        {
            team.BeginStep();
            team.Run(work);
            team.EndStep(1);

            done.Should().AllBeEquivalentTo(round).And.HaveCount(101);
        }
    }

    [Fact]
    public void AHelperThatNeverComesIsNotWaitedFor()
    {
        using var team = new Team(4, () => 4, _ => null);
        var parts = new List<int>();

        team.BeginStep();
        team.Run(parts.Add);

        parts.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThanOrEqualTo(4);
    }

    [Fact]
    public void HelpersThatSleepAreWoken()
    {
        using var team = new Team(3, () => 3);
        using var meeting = new Barrier(3);
        bool met = true;
        for (int round = 0; round < 3; round++)
        {
            SpinWait.SpinUntil(() => team.HelpersSleep, s_patience).Should().BeTrue("nothing is to be done");

            int parts = 0;
            team.BeginStep();
            team.Run(_ =>
            {
                if (Interlocked.Increment(ref parts) <= 3 && !meeting.SignalAndWait(s_patience))
                {
                    met = false;
                }
            });

            met.Should().BeTrue("the parts of three threads are done at the same time");
        }
    }

    [Fact]
    public void HelpersSleepOnWhileOneThreadWorks()
    {
        int threads = 2;
        using var team = new Team(2, () => threads);
        SpinWait.SpinUntil(() => team.HelpersSleep, s_patience).Should().BeTrue();
        threads = 1;
        for (int round = 0; round < 1000; round++)
        {
            int parts = 0;
            team.BeginStep();
            team.Run(_ => parts++);

            parts.Should().Be(1);
            team.HelpersSleep.Should().BeTrue();
        }
    }

    [Fact]
    public void AnExceptionInAPartPassesThroughAfterTheOthers()
    {
        using var team = new Team(2, () => 2);
        int done = 0;
        team.BeginStep();

        var run = () => team.Run(part => _ = part == 1 ? throw new NotSupportedException() : Interlocked.Increment(ref done));
        run.Should().ThrowExactly<NotSupportedException>();

        int others = done;
        done = 0;
        team.Run(_ => Interlocked.Increment(ref done));
        done.Should().Be(others + 1, "the next round has all parts");
    }
}
