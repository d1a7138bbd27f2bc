namespace NeuralNet;

/// <summary>Stores training after its epochs, so that one that was stopped, killed or ended can go on.</summary>
/// <remarks>
/// <para>
/// The file is one of <see cref="Network.Save(string, LayerRegistry?)"/>, which <see cref="Network.Load(string, LayerRegistry?)"/> reads as
/// well, with what training needs besides: the optimizer's state, the seed, the history, the options, and the best weights where
/// <see cref="FitOptions.EarlyStopping"/> keeps them. It is replaced whole: a process that is killed while writing leaves the one before.
/// </para>
/// <para>
/// With <see cref="Resume"/>, training goes on after the file's last epoch and ends with the same bits as if it had never stopped, where
/// network, samples and options are the same. What differs is refused by name, with both values, before anything changes: layers and loss,
/// the number of samples, their shape, and the values of up to 16 of them, validation samples or split, batch size, shuffling, seed, the
/// optimizer with its settings, learning rate, clipping and L2, which layers are not <see cref="Layer.Trainable"/>, the schedule, the
/// metrics, and how early stopping and the best epoch are told. <see cref="FitOptions.Epochs"/> counts from the beginning, and may be
/// raised. What cannot be compared is what a function of one's own does: an activation, a loss, a metric, a schedule; and samples of a list
/// that makes other ones each time it is asked.
/// </para>
/// <para>
/// An epoch is stored after <see cref="FitOptions.Progress"/> was told of it: a learning rate, clipping, L2 or weight that a callback
/// changes is stored with it, and goes on from there. In the callback the file still is that of an epoch before;
/// <see cref="Network.Save(string, LayerRegistry?)"/> saves the present one.
/// </para>
/// </remarks>
public sealed class Checkpoint
{
    /// <summary>Stores training in a file.</summary>
    /// <param name="path">The file, from the present folder where it is relative; its folder must be there.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or no path.</exception>
    public Checkpoint(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = System.IO.Path.GetFullPath(path);
    }

    /// <summary>The file, as a full path: it stays the same where the program's present folder changes.</summary>
    public string Path { get; }

    /// <summary>After how many epochs it is written again: 1 or more, 1 by default.</summary>
    /// <remarks>
    /// However training ends, by its last epoch, cancellation, overflow, early stopping or an exception, its last whole epoch is stored.
    /// With more than 1, a copy of what the file needs is kept in memory after each epoch between; only a process that is killed loses
    /// those.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Every
    {
        get;
        init => field = Check.Positive(value, "The number of epochs between checkpoints", nameof(value));
    }

    = 1;

    /// <summary>
    /// Whether the network of the best epoch so far is saved as <see cref="BestPath"/>, too; off by default. Which is best,
    /// <see cref="FitOptions.EarlyStopping"/> says; without it, the least validation loss, or training loss where there are no
    /// validation samples.
    /// </summary>
    public bool KeepBest { get; init; }

    /// <summary>The file of the best epoch's network: <see cref="Path"/> with <c>.best</c> before its extension.</summary>
    public string BestPath => System.IO.Path.ChangeExtension(Path, $".best{System.IO.Path.GetExtension(Path)}");

    /// <summary>
    /// Whether training goes on from the file, where there is one; off by default: training begins anew, and its first checkpoint takes the
    /// place of the file.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>
    /// Whether training goes on from a file of other options, samples or loss; off by default, where <see cref="Resume"/> refuses what
    /// differs.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Training then goes on from the file's parameters and history with what is given now. A learning rate, clipping or L2 that is given
    /// as it was at first stays as callbacks have left it. An optimizer of another class, or one that keeps other numbers, begins anew, and
    /// so does the search for the best epoch where it goes by another measure or the file lacks its weights. Another seed or number of
    /// samples makes another <see cref="FitOptions.ValidationSplit"/>: samples that were trained on then validate.
    /// </para>
    /// <para>
    /// The layers, the names of the metrics, and whether there are validation samples have to be the same even so: the history is one.
    /// </para>
    /// </remarks>
    public bool AllowChanges { get; init; }

    /// <summary>Names for layers, activations and losses of one's own; none are needed for the library's.</summary>
    /// <remarks>Of a layer of one's own the <see cref="TrainableLayer.Parameters"/> are stored, and the text of the registry.</remarks>
    public LayerRegistry? Registry { get; init; }
}
