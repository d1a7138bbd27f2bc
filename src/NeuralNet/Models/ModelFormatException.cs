namespace NeuralNet;

/// <summary>
/// A file or stream does not hold the network or the weights that it should: it is damaged, of another format or version, or of
/// other layers.
/// </summary>
/// <remarks>The message says what is wrong and where: at which byte, tensor or layer.</remarks>
public sealed class ModelFormatException : FormatException
{
    /// <summary>Makes an exception without saying more.</summary>
    public ModelFormatException()
        : this("The file holds no network or weights of the format expected.")
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What is wrong and where.</param>
    public ModelFormatException(string? message)
        : base(message)
    {
    }

    /// <summary>Makes an exception because of another.</summary>
    /// <param name="message">What is wrong and where.</param>
    /// <param name="innerException">What told of it first.</param>
    public ModelFormatException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
