using NeuralNet.Batches;

namespace NeuralNet;

/// <summary>
/// The samples that a <see cref="BatchLayer"/> computes dE/dX for in one call: a range of a mini-batch, done by one thread.
/// </summary>
/// <remarks>
/// Samples lie one after another, each column by column as MathNet stores a matrix. A layer sees and writes these samples only.
/// </remarks>
public readonly ref struct BackwardPass
{
    private readonly LayerBuffers _buffers;
    private readonly int _from;
    private readonly int _to;

    internal BackwardPass(LayerBuffers buffers, int from, int to) => (_buffers, _from, _to) = (buffers, from, to);

    /// <summary>Gets the number of samples, 1 or more.</summary>
    public int Count => _to - _from;

    /// <summary>Gets the place of the first sample in the whole mini-batch, from 0.</summary>
    public int First => _buffers.First + _from;

    /// <summary>Gets the shape of one X.</summary>
    public Shape InputShape => _buffers.Input.Shape;

    /// <summary>Gets the shape of one Y.</summary>
    public Shape OutputShape => _buffers.Output.Shape;

    /// <summary>Gets the number that the random numbers of the whole mini-batch are made from, where the layer asked for one.</summary>
    public long Seed => _buffers.Seed;

    /// <summary>Gets a value that indicates whether somebody reads dE/dX; otherwise <see cref="InputError"/> is empty.</summary>
    public bool WantsInputError => !_buffers.InputError.IsEmpty;

    /// <summary>Gets X of all <see cref="Count"/> samples.</summary>
    public ReadOnlySpan<double> Input => _buffers.Input.Range(_from, _to);

    /// <summary>Gets Y of all <see cref="Count"/> samples, as the layer computed it.</summary>
    public ReadOnlySpan<double> Output => _buffers.Output.Range(_from, _to);

    /// <summary>Gets dE/dY of all <see cref="Count"/> samples.</summary>
    public ReadOnlySpan<double> OutputError => _buffers.OutputError.Range(_from, _to);

    /// <summary>Gets the place for dE/dX of all <see cref="Count"/> samples; what it holds before is undefined.</summary>
    public Span<double> InputError => WantsInputError ? _buffers.InputError.Range(_from, _to) : [];

    /// <summary>Gets what the way forward kept, which may be written over for <see cref="BatchLayer.AddGradients"/>.</summary>
    public Span<double> Kept => _buffers.Kept.AsSpan(_from * _buffers.KeptPerSample, Count * _buffers.KeptPerSample);

    /// <summary>Gets what was gathered over the whole mini-batch.</summary>
    public ReadOnlySpan<double> Shared => _buffers.Shared;

    /// <summary>Gets the number of samples of the whole mini-batch that <see cref="Shared"/> was gathered over.</summary>
    public int SharedCount => _buffers.Count;

    /// <summary>Returns X of one sample.</summary>
    /// <param name="sample">The sample, from 0 to below <see cref="Count"/>.</param>
    public ReadOnlySpan<double> InputOf(int sample) => _buffers.Input[Place(sample)];

    /// <summary>Returns Y of one sample.</summary>
    /// <param name="sample">The sample, from 0 to below <see cref="Count"/>.</param>
    public ReadOnlySpan<double> OutputOf(int sample) => _buffers.Output[Place(sample)];

    /// <summary>Returns dE/dY of one sample.</summary>
    /// <param name="sample">The sample, from 0 to below <see cref="Count"/>.</param>
    public ReadOnlySpan<double> OutputErrorOf(int sample) => _buffers.OutputError[Place(sample)];

    /// <summary>Returns the place for dE/dX of one sample; empty where nobody reads it.</summary>
    /// <param name="sample">The sample, from 0 to below <see cref="Count"/>.</param>
    public Span<double> InputErrorOf(int sample) => WantsInputError ? _buffers.InputError[Place(sample)] : [];

    /// <summary>Returns what is kept of one sample.</summary>
    /// <param name="sample">The sample, from 0 to below <see cref="Count"/>.</param>
    public Span<double> KeptOf(int sample) => _buffers.Kept.AsSpan(Place(sample) * _buffers.KeptPerSample, _buffers.KeptPerSample);

    /// <summary>The gradients of the layer over all samples of this pass.</summary>
    internal GradientPass Gradients(BatchLayer layer) => new(layer, _buffers, 0, layer.GradientColumns);

    private int Place(int sample) => (uint)sample < (uint)Count ? _from + sample : throw new ArgumentOutOfRangeException(nameof(sample));
}
