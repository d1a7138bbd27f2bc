using System.Text.Json;
using NeuralNet.Models;

namespace NeuralNet.Data;

/// <summary>Small JSON files beside a model: written whole or not at all, and read with errors that name the file.</summary>
internal static class JsonFile
{
    public static void Save(string path, Action<Utf8JsonWriter> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = new AtomicFile(path);
        using (var json = new Utf8JsonWriter(file.Stream, new JsonWriterOptions { Indented = true }))
        {
            write(json);
        }

        file.Commit();
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it should hold, for the words of a refusal.</param>
    /// <param name="read">Makes that of it; null, or an <see cref="ArgumentException"/>, where it holds something else.</param>
    /// <exception cref="InvalidDataException">The file is no JSON, or holds something else.</exception>
    public static T Load<T>(string path, string what, Func<JsonElement, T?> read)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(document.RootElement) ?? throw new InvalidDataException($"{path} does not hold {what}.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} does not hold {what}: {e.Message}", e);
        }
    }
}
