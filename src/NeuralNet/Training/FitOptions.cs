using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Training;

namespace NeuralNet;

/// <summary>
/// How <see cref="Network.Fit(IReadOnlyList{Matrix{double}}, IReadOnlyList{Matrix{double}}, FitOptions, CancellationToken)"/> trains.
/// </summary>
/// <remarks>
/// A mini-batch is: the gradients summed over its samples, divided by their number, then one update of each parameter. With a
/// <see cref="BatchSize"/> of 1, <see cref="Sgd"/> and <see cref="Shuffle"/> off, that is the article's training, bit for bit.
/// </remarks>
public sealed class FitOptions
{
    /// <summary>How many times to go through the samples: 1 or more, 1 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Epochs
    {
        get;
        init => field = Check.Positive(value, "The number of epochs", nameof(value));
    }

    = 1;

    /// <summary>
    /// How many of the <see cref="Epochs"/> another Fit has run before: 0, the default, or more, and less than <see cref="Epochs"/>.
    /// </summary>
    /// <remarks>
    /// Epochs are counted on from there. With the first one's <see cref="Seed"/> and <see cref="Optimizer"/>, a second Fit then goes on
    /// with the orders, random numbers and learning rates that the first one would have come to: Fit with 6 epochs has the bits of Fit with
    /// 3, then with 6 and an InitialEpoch of 3. (A <see cref="Checkpoint"/> counts its epochs itself.)
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int InitialEpoch
    {
        get;
        init => field = Check.ZeroOrMore(value, "The initial epoch", nameof(value));
    }

    /// <summary>How many samples share an update: 1 or more, 32 by default. The last batch of an epoch has what is left.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int BatchSize
    {
        get;
        init => field = Check.Positive(value, "The batch size", nameof(value));
    }

    = 32;

    /// <summary>Whether what is left at an epoch's end, where it fills no mini-batch, is left out; off by default.</summary>
    /// <remarks>Where there are fewer samples than <see cref="BatchSize"/>, all of them are one mini-batch.</remarks>
    public bool DropLast { get; init; }

    /// <summary>What each training sample counts for: finite, 0 or more; null, the default, is 1 for each.</summary>
    /// <remarks>
    /// A sample's gradient is multiplied by its weight; the sum is divided by the number of samples as before, so that weights of mean 1
    /// keep the size of the step. The loss that is reported is the weighted mean Σ wE / Σ w. What validates is not weighted.
    /// </remarks>
    /// <exception cref="ArgumentException">A weight is negative or not finite.</exception>
    public IReadOnlyList<double>? SampleWeights
    {
        get;
        init => field = value is null ? null : SampleWeighting.Checked(value, "sample weights", nameof(value));
    }

    /// <summary>What a training sample of each class counts for: finite, 0 or more; null, the default, is 1 for each.</summary>
    /// <remarks>
    /// For targets of one row, one value for each class (see <see cref="NeuralNet.ClassWeights.Balanced"/>). A sample counts Σ y w, which
    /// is its class' weight where y is one-hot, times its <see cref="SampleWeights"/>.
    /// </remarks>
    /// <exception cref="ArgumentException">A weight is negative or not finite.</exception>
    public IReadOnlyList<double>? ClassWeights
    {
        get;
        init => field = value is null ? null : SampleWeighting.Checked(value, "class weights", nameof(value));
    }

    /// <summary>
    /// How parameters change by their gradients: <c>new Sgd(0.01)</c> by default. One that was used before goes on with what it
    /// has gathered.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public Optimizer Optimizer
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    = new Sgd(0.01);

    /// <summary>
    /// The learning rate of each epoch, from the optimizer's own, which is put back at the end. Null, the default, leaves the
    /// optimizer's alone.
    /// </summary>
    public Schedule? Schedule { get; init; }

    /// <summary>Whether each epoch takes the samples in a new random order; off by default, as in the article.</summary>
    public bool Shuffle { get; init; }

    /// <summary>
    /// Where the random numbers of training come from: <see cref="ValidationSplit"/>, <see cref="Shuffle"/>, and
    /// <see cref="DropoutLayer"/>s without a generator of their own. Null, the default, draws one from <see cref="Random.Shared"/>, which
    /// <see cref="TrainingHistory.Seed"/> tells. The initial weights have <see cref="Network.InitialSeed"/>.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Each epoch has a generator of its own, MathNet's Xoshiro256StarStar, seeded with the lower 32 bits of SplitMix64 (Steele, Lea and
    /// Flood, 2014) of 2³² seed + epoch; the validation split has that of epoch 0.
    /// </para>
    /// <para>
    /// Each Fit counts its epochs from 1: a second one with the same seed repeats the orders and dropout masks of the first. Give it
    /// an <see cref="InitialEpoch"/> to go on where the first one ended (or both a <see cref="Checkpoint"/>), or another seed for others,
    /// which also draws another <see cref="ValidationSplit"/>.
    /// </para>
    /// </remarks>
    public int? Seed { get; init; }

    /// <summary>Samples and targets to measure each epoch's end by, which are not trained on.</summary>
    public (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y)? Validation { get; init; }

    /// <summary>
    /// The part of the training samples to take for validation instead, at random by <see cref="Seed"/>, before any training: 0, the
    /// default, to below 1. At least one sample is taken, and one is left.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public double ValidationSplit
    {
        get;
        init => field = Check.Number(value, value >= 0 && value < 1, "The validation split", " from 0 to below 1", nameof(value));
    }

    /// <summary>
    /// What to measure at each epoch's end: on the validation samples, or on the training samples where there are none. Each measure has
    /// its name once.
    /// </summary>
    /// <exception cref="ArgumentException">The value or one of the metrics is null, or two have the same name.</exception>
    public IReadOnlyList<Metric> Metrics
    {
        get;
        init => field = OptionChecks.CheckMetrics(value, nameof(value));
    }

    = [];

    /// <summary>Whether the <see cref="Metrics"/> are measured on the training samples too, besides the validation samples; off by
    /// default.</summary>
    /// <remarks>
    /// All training samples are predicted once more at each epoch's end, which costs about a third of the epoch. So the figures are those
    /// of the network as it is then, where Keras' <c>accuracy</c> is a mean over the epoch. Without validation samples the
    /// metrics are the training samples' in any case.
    /// </remarks>
    public bool TrainingMetrics { get; init; }

    /// <summary>Ends training when it no longer gets better; null, the default, runs all epochs.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>Stores training after its epochs, so that it can go on; null, the default, stores nothing.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Told after each epoch, on the training thread. <see cref="SynchronousProgress{T}"/> keeps the reports in order.</summary>
    public IProgress<EpochReport>? Progress { get; init; }

    /// <summary>Told after each mini-batch, on the training thread.</summary>
    public IProgress<BatchReport>? BatchProgress { get; init; }

    /// <summary>
    /// How many threads train at most: 1 or more, or -1, the default, for as many as there are processors. The result is the same, bit
    /// for bit.
    /// </summary>
    /// <remarks>
    /// Up to that limit Fit takes as many as it measures to be fastest, again and again: fewer, or one, on a machine that is busy with
    /// other things. One thread is used where a function, loss or layer
    /// of a user is called; never more than two for each processor.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is 0 or less than -1.</exception>
    public int MaxDegreeOfParallelism
    {
        get;
        init => field = value == -1 || value > 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, FormattableString.Invariant(
                $"The maximum degree of parallelism must be 1 or more, or -1 for all processors, but is {value}."));
    }

    = -1;

    /// <summary>For tests and benchmarks: how many threads do a step, in place of as many as are measured to be fastest.</summary>
    internal Func<int>? ThreadsOfStep { get; init; }

    internal int Threads => MaxDegreeOfParallelism == -1 ? Environment.ProcessorCount : MaxDegreeOfParallelism;
}
