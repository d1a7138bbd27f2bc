namespace NeuralNet.Tests.Training;

public class XorSeedsTests
{
    /// <summary>
    /// The article's 2-3-1 network sticks in a local minimum for some initial weights; in numpy 72% of 400 seeds end below 0.01.
    /// </summary>
    [Fact]
    public void BetweenSixtySixAndSeventyEightPercentOfFourHundredSeedsSolveXor()
    {
        int solved = Enumerable.Range(0, 400).AsParallel()
            .Count(seed => Draw.XorNetwork(seed).Fit(Draw.XorX(), Draw.XorY(), 1000, 0.1).Losses[^1] < 0.01);

        (solved / 400.0).Should().BeInRange(0.66, 0.78);
    }
}
