using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>How the windows of a convolution lie over the steps of a sequence.</summary>
/// <param name="Kernel">The steps that a window sees.</param>
/// <param name="Stride">From one window to the next.</param>
/// <param name="Dilation">From one step of a window to the next.</param>
/// <param name="Zeros">The zeros before and behind the steps; null for SAME_UPPER of any number of steps, on which they depend.</param>
internal sealed record SequenceWindows(int Kernel, int Stride, int Dilation, (long Before, long After)? Zeros)
{
    /// <summary>The steps that a window reaches over.</summary>
    public long Reach => ((long)(Kernel - 1) * Dilation) + 1;

    /// <summary>The zeros of <see cref="Padding.Same"/>, ONNX' SAME_UPPER; null where they depend on a number of steps that is
    /// free.</summary>
    public static (long Before, long After)? SameZeros(long reach, int stride, int steps)
    {
        if (stride > 1 && steps == 0)
        {
            return null;
        }

        long zeros = stride == 1 ? reach - 1 : Math.Max(((((long)steps - 1) / stride) * stride) + reach - steps, 0);
        return (zeros / 2, zeros - (zeros / 2));
    }

    /// <summary>What a node's attributes say.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kernel">The steps of a window, by the weights.</param>
    /// <param name="more">Zeros that were added before.</param>
    public static SequenceWindows Read(NodeReader node, int kernel, (long Before, long After) more)
    {
        long Size(string name, long fallback) => node.Attributes.Ints(name) switch
        {
            null => fallback,
            [>= 1 and <= int.MaxValue and var size] => size,
            _ => throw node.Refuse($"has {name} that are not one number, 1 or more, where a sequence has steps only"),
        };

        if (Size("kernel_shape", kernel) != kernel)
        {
            throw node.Refuse("has a kernel_shape that is not its weights'");
        }

        var windows = new SequenceWindows(kernel, (int)Size("strides", 1), (int)Size("dilations", 1), null);
        string auto = node.Attributes.Text("auto_pad", "NOTSET");
        (long Before, long After)? zeros = (auto, node.Attributes.Ints("pads")) switch
        {
            ("NOTSET", [>= 0 and <= int.MaxValue and var before, >= 0 and <= int.MaxValue and var after]) => (before, after),
            ("NOTSET" or "VALID", null) => (0, 0),
            ("SAME_UPPER", null) when more == default => SameZeros(windows.Reach, windows.Stride, node.Form.Height),
            _ => throw node.Refuse("has pads that are not two numbers of zeros, 0 or more, and not SAME_UPPER either"),
        };
        return windows with { Zeros = zeros is var (first, last) ? (first + more.Before, last + more.After) : null };
    }

    public AttributeProto[] Attributes() =>
    [
        Onnx.Attributes.OfMany("dilations", Dilation),
        Onnx.Attributes.OfMany("kernel_shape", Kernel),
        Zeros is var (before, after) ? Onnx.Attributes.OfMany("pads", before, after) : Onnx.Attributes.Of("auto_pad", "SAME_UPPER"),
        Onnx.Attributes.OfMany("strides", Stride),
    ];
}
