namespace NeuralNet.Data;

/// <summary>How far a download is.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Received">The bytes received of it, from the mirror being tried.</param>
/// <param name="Total">Its size in bytes, where the mirror says it.</param>
public sealed record DownloadProgress(string File, long Received, long? Total);
