namespace NeuralNet.Onnx;

/// <summary>
/// A file is no ONNX model, a damaged one, or one that does what a <see cref="Network"/> does not; the message says what and where.
/// </summary>
public sealed class OnnxFormatException : FormatException
{
    /// <summary>Makes an exception with a general message.</summary>
    public OnnxFormatException()
        : base("The ONNX model cannot be read.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What is wrong, and where.</param>
    public OnnxFormatException(string? message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and its cause.</summary>
    /// <param name="message">What is wrong, and where.</param>
    /// <param name="innerException">The cause.</param>
    public OnnxFormatException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
