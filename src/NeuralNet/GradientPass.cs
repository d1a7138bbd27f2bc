using NeuralNet.Batches;
using NeuralNet.Guards;

namespace NeuralNet;

/// <summary>
/// The columns of its gradients that a <see cref="BatchLayer"/> adds up in one call, over all samples of a mini-batch, by one thread.
/// </summary>
/// <remarks>
/// The columns of every parameter's gradient are divided in the same proportion: of a parameter with
/// <see cref="BatchLayer.GradientColumns"/> times c columns, the c [From, To) are this call's. A layer sees its own part only: a sum over
/// the samples is never split, so it has the same bits for any number of threads.
/// </remarks>
public readonly ref struct GradientPass
{
    private readonly BatchLayer _layer;
    private readonly LayerBuffers _buffers;

    internal GradientPass(BatchLayer layer, LayerBuffers buffers, int from, int to) =>
        (_layer, _buffers, From, To) = (layer, buffers, from, to);

    /// <summary>Gets the first column, from 0.</summary>
    public int From { get; }

    /// <summary>Gets the end of the columns, at most <see cref="BatchLayer.GradientColumns"/>.</summary>
    public int To { get; }

    /// <summary>Gets the number of samples, 1 or more.</summary>
    public int Count => _buffers.Count;

    /// <summary>Gets the shape of one X.</summary>
    public Shape InputShape => _buffers.Input.Shape;

    /// <summary>Gets the shape of one Y.</summary>
    public Shape OutputShape => _buffers.Output.Shape;

    /// <summary>Gets X of all samples, one after another.</summary>
    public ReadOnlySpan<double> Input => _buffers.Input.Range(0, Count);

    /// <summary>Gets Y of all samples.</summary>
    public ReadOnlySpan<double> Output => _buffers.Output.Range(0, Count);

    /// <summary>Gets dE/dY of all samples.</summary>
    public ReadOnlySpan<double> OutputError => _buffers.OutputError.Range(0, Count);

    /// <summary>Gets what the layer kept of all samples on the way forward and back.</summary>
    public ReadOnlySpan<double> Kept => _buffers.Kept.AsSpan(0, Count * _buffers.KeptPerSample);

    /// <summary>Gets what was gathered over the whole mini-batch.</summary>
    public ReadOnlySpan<double> Shared => _buffers.Shared;

    /// <summary>Returns this call's columns of a parameter's gradient, to be added to.</summary>
    /// <param name="parameter">The place of the parameter in <see cref="TrainableLayer.Parameters"/>.</param>
    /// <exception cref="InvalidOperationException">
    /// The parameter's columns are no multiple of <see cref="BatchLayer.GradientColumns"/>.
    /// </exception>
    public Span<double> Gradient(int parameter)
    {
        var one = _layer.Parameters[parameter];
        var gradients = one.Gradients;
        int part = gradients.Length / _layer.GradientColumns;
        return one.Value.ColumnCount % _layer.GradientColumns == 0
            ? gradients[(From * part)..(To * part)]
            : throw UserCode.Refusal(FormattableString.Invariant(
                $"{_layer.Name} has {_layer.GradientColumns} GradientColumns, which do not divide the {one.Value.ColumnCount} columns of ")
                + FormattableString.Invariant($"its {one.Name}."));
    }
}
