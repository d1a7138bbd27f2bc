using SkiaSharp;

namespace MnistApp.Pictures;

/// <summary>The sample's own font: a machine without fonts draws the same pictures.</summary>
internal static class Typeface
{
    public const string Name = "Sample Sans";

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "fonts", "SampleSans.ttf");

    public static SKTypeface Load() =>
        SKTypeface.FromFile(Path) ?? throw new InvalidDataException($"{Path} is no font; build the sample again.");
}
