namespace NeuralNet.Data;

/// <summary>A file to fetch, with its SHA-256 sum in hexadecimal.</summary>
internal sealed record MnistFile(string Name, string Sha256);
