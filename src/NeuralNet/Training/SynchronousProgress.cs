namespace NeuralNet;

/// <summary>Calls an action for each report at once, on the thread that reports.</summary>
/// <typeparam name="T">What is reported.</typeparam>
/// <param name="report">What to do with a report; training waits for it.</param>
/// <remarks>
/// <see cref="Progress{T}"/> hands its reports to the thread pool in a console program, where lines may overtake one another.
/// </remarks>
/// <exception cref="ArgumentNullException"><paramref name="report"/> is null.</exception>
public sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    private readonly Action<T> _report = report ?? throw new ArgumentNullException(nameof(report));

    /// <inheritdoc/>
    public void Report(T value) => _report(value);
}
