namespace NeuralNet.Tests.Training;

public class ScheduleTests
{
    private const double Tolerance = 1e-15;

    public static TheoryData<string, double[]> Tables => new()
    {
        { "Constant", [0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8] },
        { "Step(3, 0.5)", [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2] },
        { "Exponential(0.5)", [0.8, 0.4, 0.2, 0.1, 0.05, 0.025, 0.0125, 0.00625] },
        { "Exponential(2)", [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4] },
        { "Cosine(6, 0)", [0.8, 0.4 + (0.2 * Sqrt3), 0.6, 0.4, 0.2, 0.4 - (0.2 * Sqrt3), 0, 0] },
        { "Cosine(4, 0.2)", [0.8, 0.5 + (0.15 * Sqrt2), 0.5, 0.5 - (0.15 * Sqrt2), 0.2, 0.2, 0.2, 0.2] },
        { "Cosine(1, 0)", [0.8, 0, 0, 0, 0, 0, 0, 0] },
        { "WarmUp(4, then Constant)", [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.8, 0.8] },
        { "WarmUp(2, then Exponential(0.5))", [0.4, 0.8, 0.8, 0.4, 0.2, 0.1, 0.05, 0.025] },
        { "WarmUp(2, then Cosine(4, 0))", [0.4, 0.8, 0.8, 0.4 + (0.2 * Sqrt2), 0.4, 0.4 - (0.2 * Sqrt2), 0, 0] },
        { "WarmUp(1, then WarmUp(2, then Step(2, 0.5)))", [0.8, 0.4, 0.8, 0.8, 0.8, 0.4, 0.4, 0.2] },
    };

    private static double Sqrt2 => Math.Sqrt(2);

    private static double Sqrt3 => Math.Sqrt(3);

    private static Dictionary<string, Schedule> Schedules { get; } = new Schedule[]
    {
        Schedule.Constant, Schedule.Step(3, 0.5), Schedule.Exponential(0.5), Schedule.Exponential(2), Schedule.Cosine(6),
        Schedule.Cosine(4, 0.2), Schedule.Cosine(1), Schedule.WarmUp(4),
        Schedule.WarmUp(2, Schedule.Exponential(0.5)), Schedule.WarmUp(2, Schedule.Cosine(4)),
        Schedule.WarmUp(1, Schedule.WarmUp(2, Schedule.Step(2, 0.5))),
    }.ToDictionary(schedule => schedule.ToString());

    [Theory]
    [MemberData(nameof(Tables))]
    public void TheRateOfEachEpochIsThatOfTheTable(string schedule, double[] rates)
    {
        for (int epoch = 0; epoch < rates.Length; epoch++)
        {
            Schedules[schedule].RateAt(epoch, 0.8).ShouldBeNear(rates[epoch], Tolerance, Tolerance, $"epoch {epoch}");
        }
    }

    [Fact]
    public void CosineEndsAtExactlyItsFinalRate()
    {
        Schedule.Cosine(7).RateAt(7, 0.8).Should().Be(0);
        Schedule.Cosine(7, 0.03).RateAt(int.MaxValue, 0.8).Should().Be(0.03);
    }

    [Fact]
    public void AnOwnFunctionIsGivenEpochAndInitialRate()
    {
        var schedule = new Schedule((epoch, initialRate) => initialRate / (1 + epoch));

        schedule.RateAt(0, 0.5).Should().Be(0.5);
        schedule.RateAt(4, 0.5).Should().Be(0.1);
        Schedule.WarmUp(10, schedule).RateAt(14, 0.5).Should().Be(0.1);
        schedule.ToString().Should().Be("Schedule of a function");
    }
}
