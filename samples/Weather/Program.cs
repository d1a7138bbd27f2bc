using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet;
using NeuralNet.Data;
using nietras.SeparatedValues;
using ScottPlot;
using ScottPlot.TickGenerators;
using ScottPlot.TickGenerators.TimeUnits;

if (args is not ([] or ["2013" or "2014" or "2015"]))
{
    Console.Error.WriteLine("samples/Weather expects no argument, or the year to forecast: 2013, 2014 or 2015. But it got "
        + $"{string.Join(' ', args)}.");
    return 1;
}

// The days from 2012 to the end of that year, one a row; see README.md.
int year = args is [var word] ? word[^1] - '0' + 2010 : 2015;
using var file = Sep.Reader().FromFile(Path.Combine(AppContext.BaseDirectory, "seattle-weather.csv"));
var days = file.Enumerate(row => (Date: row["date"].Parse<DateOnly>(), Highest: row["temp_max"].Parse<double>(),
    Lowest: row["temp_min"].Parse<double>(), Rain: row["precipitation"].Parse<double>(), Wind: row["wind"].Parse<double>()))
    .Where(day => day.Date.Year <= year).ToList();
var series = Samples.ToMatrix(Samples.FromRows(days, day => [day.Highest, day.Lowest, Math.Log(1 + day.Rain), day.Wind,
    Math.Sin(Math.Tau * day.Date.DayOfYear / 365.25), Math.Cos(Math.Tau * day.Date.DayOfYear / 365.25)]));

// 30 days in, 30 x 6, and the change of the highest temperature from the last of them, today, to tomorrow, 1 x 1.
const int Window = 30, Columns = 7, Today = Window - 1;
var (windows, tomorrows) = Windows.Of(series, Window, targets: [0]);
var changes = windows.Zip(tomorrows, (window, tomorrow) => tomorrow - window[Today, 0]).ToList();
var (train, test) = Split.TimeSeries(windows.Select(Inputs).ToList(), changes, folds: 1, testSize: 365)[0];

// Each day's temperatures as they differ from today's, and beside them today: the season, the weather and how warm it is.
Matrix<double> Inputs(Matrix<double> window) => Matrix<double>.Build.Dense(Window, Columns, (day, column) => column switch
{
    < 2 => window[day, column] - window[Today, 0],
    < 6 => window[Today, column],
    _ => window[Today, 0],
});

// networks
const int Hidden = 16;
var change = Standardizer.Of(train.Y);
var linear = Train("linear", net => net
    .Add(new FlattenLayer())                                                                    // 30 x 7  ->  1 x 210
    .Add(new FCLayer(Window * Columns, 1, Initializer.GlorotUniform)));
var fc = Train("FC", net => net
    .Add(new FlattenLayer())
    .Add(new FCLayer(Window * Columns, Hidden, Initializer.GlorotUniform))                      // 1 x 210 ->  1 x 16
    .Add(new ActivationLayer(ActivationFunction.Tanh))
    .Add(new FCLayer(Hidden, 1, Initializer.GlorotUniform)));
var conv = Train("Conv1D", net => net
    .Add(new Conv1DLayer(Columns, Hidden, 3, padding: Padding.Causal))                          // 30 x 7  ->  30 x 16
    .Add(new ActivationLayer(ActivationFunction.Tanh))
    .Add(new Conv1DLayer(Hidden, Hidden, 3, padding: Padding.Causal, dilation: 3))              // 30 x 16 ->  30 x 16
    .Add(new ActivationLayer(ActivationFunction.Tanh))
    .Add(new GlobalAveragePoolLayer())                                                          // 30 x 16 ->  1 x 16
    .Add(new FCLayer(Hidden, 1, Initializer.GlorotUniform)));
var lstm = Train("LSTM", net => net
    .Add(new LstmLayer(Columns, Hidden))                                                        // 30 x 7  ->  1 x 16
    .Add(new FCLayer(Hidden, 1, Initializer.GlorotUniform)));

// Trains on the years before, and forecasts the highest temperatures of the year.
double[] Train(string name, Func<Network, Network> addLayers)
{
    var net = addLayers(new Network { InitialSeed = 1 }.Add(new NormalizationLayer(Columns).Adapt(train.X))).Use(LossFunction.Mse);
    net.Fit(train.X, change.Transform(train.Y), new FitOptions
    {
        Epochs = 30,
        BatchSize = 16,
        Optimizer = new AdamW(0.003, weightDecay: 0.3),
        Schedule = Schedule.Cosine(30),
        Shuffle = true,
        Seed = 1,
        Progress = new SynchronousProgress<EpochReport>(report => Report(name, report)),
    });
    var forecasts = change.Inverse(net.Predict(test.X));
    return [.. forecasts.Zip(days[^366..], (forecast, today) => today.Highest + forecast[0, 0])];
}

static void Report(string name, EpochReport report)
{
    if (report.Epoch == 1 || report.Epoch % 10 == 0)
    {
        Console.WriteLine($"{name,-8} {report}");
    }
}

// the naive forecasts, and all errors
double[] truth = [.. days[^365..].Select(day => day.Highest)];
double[] today = [.. days[^366..^1].Select(day => day.Highest)];
double[] lastYear = [.. days[^730..^365].Select(day => day.Highest)];
double Rmse(double[] forecasts) => Math.Sqrt(forecasts.Zip(truth, (forecast, highest) => Math.Pow(forecast - highest, 2)).Average());
(string Name, double[] Values)[] all =
[
    ("same as today", today), ("same day last year", lastYear), ("linear", linear), ("FC", fc), ("Conv1D", conv), ("LSTM", lstm),
];
Console.WriteLine($"\nTomorrow's highest temperature, every day of {year}, by what is known today:");
Console.WriteLine($"{"forecast",-20} {"RMSE, °C",8}   against same as today");
foreach (var (name, values) in all)
{
    double error = Rmse(values);
    Console.WriteLine(FormattableString.Invariant($"{name,-20} {error,8:F3}   {(error / Rmse(today)) - 1,8:+0.0%;-0.0%;0.0%}"));
}

// the picture: a panel for each network
Fonts.AddFontFile("Sample Sans", Path.Combine(AppContext.BaseDirectory, "fonts", "SampleSans.ttf"));    // a server may have none
DateTime[] dates = [.. days[^365..].Select(day => day.Date.ToDateTime(TimeOnly.MinValue))];
var picture = new Multiplot();
picture.AddPlots(3);
foreach (var (panel, (name, forecasts)) in all[^3..].Index())
{
    var plot = picture.GetPlot(panel);
    string error = Rmse(forecasts).ToString("F2", CultureInfo.InvariantCulture);
    plot.Title($"Seattle {year}: the highest temperature, forecast the day before by {name}; RMSE {error} °C", 20);
    plot.YLabel("highest of the day (°C)", 16);
    Line(plot, truth, Colors.Black, 1.5f, "truth");
    Line(plot, forecasts, Colors.C1, 2.5f, "forecast");
    plot.Axes.Bottom.TickGenerator = new DateTimeFixedInterval(new Month(), 1, getIntervalStartFunc: _ => new DateTime(year, 1, 1))
    {
        LabelFormatter = date => date.ToString("MMM", CultureInfo.InvariantCulture),
    };
    plot.Axes.SetLimits(dates[0].ToOADate() - 2, dates[^1].ToOADate() + 3, -5, 40);
    plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 16;
    plot.Legend.FontSize = 16;
    plot.ShowLegend(Alignment.UpperLeft, Orientation.Horizontal);
    plot.Font.Set("Sample Sans");
}

void Line(Plot plot, double[] values, Color color, float width, string label)
{
    var line = plot.Add.ScatterLine(dates, values, color);
    (line.LineWidth, line.LegendText) = (width, label);
}

picture.SavePng("weather.png", 1400, 1350);
Console.WriteLine("\nforecasts and truth: weather.png");
return 0;
