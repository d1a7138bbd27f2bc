using System.Globalization;
using System.Text.RegularExpressions;
using SkiaSharp;

namespace NeuralNet.Samples.Tests;

public partial class WeatherTests
{
    [Fact]
    public void EachNetworkIsTenPerCentBetterThanTheNaiveForecastsAndItsForecastsAreDrawn()
    {
        using var folder = new TemporaryFolder();
        var (code, output, error) = SampleProgram.Run(folder, "Weather");
        (code, error).Should().Be((0, ""));
        var errors = ErrorRow().Matches(output).ToDictionary(
            row => row.Groups["name"].Value, row => double.Parse(row.Groups["error"].Value, CultureInfo.InvariantCulture));
        errors.Keys.Should().Equal("same as today", "same day last year", "linear", "FC", "Conv1D", "LSTM");
        errors["same as today"].Should().Be(2.907, "it is a figure of the data");
        errors["same day last year"].Should().Be(4.883);
        foreach (string network in (string[])["FC", "Conv1D", "LSTM"])
        {
            errors[network].Should().BeLessThan(0.9 * errors["same as today"], network);
        }

        folder.Names.Should().Equal("weather.png");
        using var picture = SKBitmap.Decode(folder["weather.png"]);
        (picture.Width, picture.Height).Should().Be((1400, 1350));
        picture.Pixels.Count(pixel => pixel.Red > 200 && pixel.Blue < 80).Should().BeGreaterThan(10_000, "the forecasts are orange");
        picture.Pixels.Count(pixel => pixel == SKColors.Black).Should().BeGreaterThan(10_000, "the truth and the words are black");
    }

    [Fact]
    public void AYearThatCannotBeForecastIsRefused()
    {
        const string Expected = "samples/Weather expects no argument, or the year to forecast: 2013, 2014 or 2015. But it got ";
        SampleProgram.Refusal("Weather", "2012").Should().Be(Expected + "2012.");
        SampleProgram.Refusal("Weather", "2014", "--fast").Should().Be(Expected + "2014 --fast.");
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z0-9 ]+?) +(?<error>\d\.\d{3}) +[-+]?\d+\.\d%\r?$", RegexOptions.Multiline)]
    private static partial Regex ErrorRow();
}
