namespace NeuralNet.Kernels;

/// <summary>The sizes of a convolution along the steps of a sequence: a window of steps for each step of the output.</summary>
/// <param name="Steps">The steps of the input.</param>
/// <param name="Features">The values of a step of the input.</param>
/// <param name="KernelSize">The steps that a window sees.</param>
/// <param name="Filters">The values of a step of the output.</param>
/// <param name="Stride">From one window to the next, in steps.</param>
/// <param name="Dilation">From one step of a window to the next.</param>
/// <param name="ZerosBefore">The zeros before the first step.</param>
/// <param name="Outputs">The steps of the output, as many as there are windows.</param>
internal readonly record struct StepWindows(
    int Steps, int Features, int KernelSize, int Filters, int Stride, int Dilation, int ZerosBefore, int Outputs)
{
    /// <summary>The values of a window.</summary>
    public int WindowSize => KernelSize * Features;

    public int InputSize => Steps * Features;

    public int OutputSize => Outputs * Filters;

    /// <summary>The windows that have a step of the input at a place of theirs, [From, To), and which step the first of them has.</summary>
    public (int From, int To, int Step) WindowsAt(int place)
    {
        long step = StepOf(0, place);
        long from = step < 0 ? (-step + Stride - 1) / Stride : 0;
        long to = step < Steps ? Math.Min(((Steps - 1 - step) / Stride) + 1, Outputs) : 0;
        return from < to ? ((int)from, (int)to, (int)(step + (from * Stride))) : (0, 0, 0);
    }

    /// <summary>The step of the input that a window has at a place of its own; before the first or behind the last where there are
    /// zeros.</summary>
    public long StepOf(int window, int place) => ((long)window * Stride) + ((long)place * Dilation) - ZerosBefore;
}
