using NeuralNet.Batches;

namespace NeuralNet;

/// <summary>The samples that a <see cref="BatchLayer"/> computes Y for in one call: a range of a mini-batch, done by one thread.</summary>
/// <remarks>
/// Samples lie one after another, each column by column as MathNet stores a matrix. A layer sees and writes these samples only; what it
/// writes for one must depend on nothing but that sample, its parameters and what <see cref="BatchLayer.BeforeForward"/> gathered, so that
/// results have the same bits however a mini-batch is cut.
/// </remarks>
public readonly ref struct ForwardPass
{
    private readonly LayerBuffers _buffers;
    private readonly int _from;
    private readonly int _to;

    internal ForwardPass(LayerBuffers buffers, int from, int to) => (_buffers, _from, _to) = (buffers, from, to);

    /// <summary>Gets the number of samples, 1 or more.</summary>
    public int Count => _to - _from;

    /// <summary>Gets the place of the first sample in the whole mini-batch, from 0.</summary>
    public int First => _buffers.First + _from;

    /// <summary>Gets the shape of one X.</summary>
    public Shape InputShape => _buffers.Input.Shape;

    /// <summary>Gets the shape of one Y.</summary>
    public Shape OutputShape => _buffers.Output.Shape;

    /// <summary>Gets a value that indicates whether the way back follows; otherwise Y is a prediction.</summary>
    public bool Training => _buffers.Training;

    /// <summary>Gets the number that the random numbers of the whole mini-batch are made from, where the layer asked for one.</summary>
    public long Seed => _buffers.Seed;

    /// <summary>Gets X of all <see cref="Count"/> samples.</summary>
    public ReadOnlySpan<double> Input => _buffers.Input.Range(_from, _to);

    /// <summary>Gets the place for Y of all <see cref="Count"/> samples; what it holds before is undefined.</summary>
    public Span<double> Output => _buffers.Output.Range(_from, _to);

    /// <summary>
    /// Gets what is kept for the way back, <see cref="BatchLayer.KeptPerSample"/> values a sample; undefined before it is written.
    /// </summary>
    public Span<double> Kept => _buffers.Kept.AsSpan(_from * _buffers.KeptPerSample, Count * _buffers.KeptPerSample);

    /// <summary>Gets what <see cref="BatchLayer.BeforeForward"/> gathered over the whole mini-batch.</summary>
    public ReadOnlySpan<double> Shared => _buffers.Shared;

    /// <summary>Returns X of one sample.</summary>
    /// <param name="sample">The sample, from 0 to below <see cref="Count"/>.</param>
    public ReadOnlySpan<double> InputOf(int sample) => _buffers.Input[Place(sample)];

    /// <summary>Returns the place for Y of one sample.</summary>
    /// <param name="sample">The sample, from 0 to below <see cref="Count"/>.</param>
    public Span<double> OutputOf(int sample) => _buffers.Output[Place(sample)];

    /// <summary>Returns what is kept of one sample.</summary>
    /// <param name="sample">The sample, from 0 to below <see cref="Count"/>.</param>
    public Span<double> KeptOf(int sample) => _buffers.Kept.AsSpan(Place(sample) * _buffers.KeptPerSample, _buffers.KeptPerSample);

    private int Place(int sample) => (uint)sample < (uint)Count ? _from + sample : throw new ArgumentOutOfRangeException(nameof(sample));
}
