namespace NeuralNet.Onnx;

/// <summary>The zeros of <see cref="Padding.Same"/>, ONNX' SAME_UPPER.</summary>
internal static class SamePadding
{
    /// <summary>The zeros before and after a row or column of an input, the one more after.</summary>
    public static (long Before, long After) Of(long input, long kernel, long stride)
    {
        long output = ((input - 1) / stride) + 1;
        long zeros = Math.Max(((output - 1) * stride) + kernel - input, 0);
        return (zeros / 2, zeros - (zeros / 2));
    }
}
