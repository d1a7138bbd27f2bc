namespace MnistApp;

/// <summary>The command line asks for what cannot be; the message says in one line what it is, and the way out.</summary>
internal sealed class UsageException(string message) : Exception(message);
