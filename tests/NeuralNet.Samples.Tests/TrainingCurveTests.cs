using MnistApp.Pictures;
using ScottPlot;
using ScottPlot.Plottables;
using SkiaSharp;

namespace NeuralNet.Samples.Tests;

public class TrainingCurveTests
{
    private const double NaN = double.NaN, Infinity = double.PositiveInfinity;

    /// <summary>Trainings as they come: name, epochs, and the loss, validation loss and accuracy of an epoch.</summary>
    private static readonly (string Name, int Epochs, Func<int, (double Loss, double? Validation, double Accuracy)> Of)[] s_trainings =
    [
        ("one epoch", 1, e => (1.3, 0.6, 0.88)),
        ("three epochs", 3, Learning),
        ("six epochs", 6, Learning),
        ("thirty epochs", 30, Learning),
        ("fc of 35 epochs", 35, e => (0.21 * Math.Pow(e, -0.85), 0.04 + (0.09 / e), 0.84 - (0.57 * Math.Pow(e, -0.9)))),
        ("a perfect one", 6, e => (0, 0, 1)),
        ("one that becomes perfect", 30, e => (Math.Pow(10, -e), Math.Pow(8, -e), 1 - Math.Pow(2, -e))),
        ("tiny losses", 6, e => (1e-12 / e, 1e-11 / e, 1)),
        ("a diverging one", 5, e => (Math.Pow(1000, e), Math.Pow(800, e), 0.1)),
        ("great losses", 6, e => (1.234567e15 + (1e14 * e), 1e15, 0)),
        ("the greatest losses", 3, e => (1e308, double.MaxValue, 0.1)),
        ("a validation loss that is no number", 5, e => (0.3, e > 2 ? NaN : 0.4, 0.1)),
        ("an infinite validation loss", 5, e => (0.3, e > 2 ? Infinity : 0.4, 0.1)),
        ("no validation", 5, e => (0.3 / e, null, 0.5)),
    ];

    public static TheoryData<string> Trainings => [.. s_trainings.Select(training => training.Name)];

    [Theory]
    [MemberData(nameof(Trainings))]
    public void NothingCoversACurve(string training)
    {
        using var plot = Plot(training);
        using var picture = Picture(plot);
        foreach (var line in plot.GetPlottables<Scatter>())
        {
            var points = line.Data.GetScatterPoints().Where(point => double.IsFinite(point.Y)).ToList();
            var between = points.Zip(points.Skip(1)).Where(_ => line.LinePattern.Name == LinePattern.Solid.Name).SelectMany(
                two => Enumerable.Range(1, 49).Select(step => Between(two.First, two.Second, step / 50.0)));
            foreach (var (point, tolerance) in points.Select(point => (point, 0)).Concat(between.Select(point => (point, 2))))
            {
                var pixel = plot.GetPixel(point, plot.Axes.Bottom, line.Axes.YAxis!);
                plot.LastRender.DataRect.Contains(pixel).Should().BeTrue();
                var around = Around((int)pixel.X, (int)pixel.Y, tolerance);
                around.Any(at => IsOfALine(picture.GetPixel(at.X, at.Y))).Should().BeTrue("{0} of {1} is there", point, line.LegendText);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Trainings))]
    public void NothingTouchesTheEdges(string training)
    {
        using var folder = new TemporaryFolder();
        TrainingCurve.Draw(folder["picture.png"], "lenet", "cross-entropy, nats", Reports(training));
        using var picture = SKBitmap.Decode(folder["picture.png"]);
        (picture.Width, picture.Height).Should().Be((1000, 600));
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                if (Math.Min(Math.Min(x, picture.Width - 1 - x), Math.Min(y, picture.Height - 1 - y)) < 10)
                {
                    picture.GetPixel(x, y).Should().Be(SKColors.White, "({0}, {1}) is margin", x, y);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Trainings))]
    public void NumbersAtTheAxesAreShort(string training)
    {
        using var plot = Plot(training);
        using var picture = Picture(plot);
        foreach (var axis in new IAxis[] { plot.Axes.Left, plot.Axes.Right, plot.Axes.Bottom })
        {
            var ticks = axis.TickGenerator.Ticks.Where(tick => tick.IsMajor && axis.Range.Contains(tick.Position));
            ticks.Select(tick => tick.Label).Should().NotBeEmpty().And.OnlyContain(label => label.Length <= 8).And.OnlyHaveUniqueItems();
        }
    }

    [Fact]
    public void BothLossesAndTheAccuracyAreDrawn()
    {
        using var plot = Plot("three epochs");
        plot.GetPlottables<Scatter>().Select(line => (line.LegendText, line.Data.GetScatterPoints().Select(point => point.Y).ToArray()))
            .Should().BeEquivalentTo<(string, double[])>(
            [
                ("training loss", [.. Reports("three epochs").Select(epoch => epoch.Loss)]),
                ("validation loss", [.. Reports("three epochs").Select(epoch => epoch.ValidationLoss!.Value)]),
                ("validation accuracy (right)", [.. Reports("three epochs").Select(epoch => 100 * epoch.Metrics["Accuracy"])]),
            ]);
    }

    [Fact]
    public void WithNoEpochThePictureSaysSo()
    {
        using var plot = TrainingCurve.Make("lenet", "cross-entropy, nats", []);
        using var picture = Picture(plot);
        plot.Axes.Title.Label.Text.Should().Be("lenet: no epoch was completed");
    }

    private static (double Loss, double? Validation, double Accuracy) Learning(int epoch) =>
        (1.3 * Math.Pow(epoch, -0.8), 0.6 * Math.Pow(epoch, -0.5), 1 - (0.12 * Math.Pow(epoch, -0.5)));

    private static IReadOnlyList<EpochReport> Reports(string name)
    {
        var (_, epochs, of) = s_trainings.Single(training => training.Name == name);
        return
        [
            .. Enumerable.Range(1, epochs).Select(epoch =>
            {
                var (loss, validation, accuracy) = of(epoch);
                var metrics = new Dictionary<string, double> { [Metric.Accuracy.Name] = accuracy };
                return new EpochReport(epoch, epochs, loss) { ValidationLoss = validation, Metrics = metrics };
            }),
        ];
    }

    private static Coordinates Between(Coordinates one, Coordinates other, double part) =>
        new(one.X + (part * (other.X - one.X)), one.Y + (part * (other.Y - one.Y)));

    /// <summary>Where two lines cross, the colour of their edges may be grey.</summary>
    private static IEnumerable<(int X, int Y)> Around(int x, int y, int distance) =>
        from dx in Enumerable.Range(-distance, (2 * distance) + 1)
        from dy in Enumerable.Range(-distance, (2 * distance) + 1)
        select (x + dx, y + dy);

    /// <summary>Lines have colours; paper, frames, grids and words are grey, white or black.</summary>
    private static bool IsOfALine(SKColor color) =>
        Math.Max(color.Red, Math.Max(color.Green, color.Blue)) - Math.Min(color.Red, Math.Min(color.Green, color.Blue)) > 60;

    private static Plot Plot(string training) => TrainingCurve.Make("lenet", "cross-entropy, nats", Reports(training));

    private static SKBitmap Picture(Plot plot) => SKBitmap.Decode(plot.GetImageBytes(1000, 600, ImageFormat.Png));
}
