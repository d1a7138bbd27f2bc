namespace NeuralNet;

/// <summary>Stores training after its epochs, so that one that was stopped, killed or ended can go on.</summary>
/// <remarks>
/// <para>
/// The file is one of <see cref="Network.Save(string, LayerRegistry?)"/>, which <see cref="Network.Load(string, LayerRegistry?)"/> reads as well, with what training needs besides: the optimizer's state, the seed, the history, and
/// the best weights where <see cref="FitOptions.EarlyStopping"/> keeps them. It is replaced whole: a process that is killed while writing leaves the one before.
/// </para>
/// <para>
/// With <see cref="Resume"/>, training goes on after the file's last epoch and ends with the same bits as if it had never stopped, where network, samples and options are the same. <see cref="FitOptions.Epochs"/> counts from
/// the beginning, and may be raised.
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

    /// <summary>After how many epochs it is written again: 1 or more, 1 by default. The last epoch is stored in any case; one that was canceled or overflowed within is not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Every
    {
        get;
        init => field = Check.Positive(value, "The number of epochs between checkpoints", nameof(value));
    }

    = 1;

    /// <summary>
    /// Whether the network of the best epoch so far is saved as <see cref="BestPath"/>, too; off by default. Which is best, <see cref="FitOptions.EarlyStopping"/> says; without it, the least validation loss, or training loss
    /// where there are no validation samples.
    /// </summary>
    public bool KeepBest { get; init; }

    /// <summary>The file of the best epoch's network: <see cref="Path"/> with <c>.best</c> before its extension.</summary>
    public string BestPath => System.IO.Path.ChangeExtension(Path, $".best{System.IO.Path.GetExtension(Path)}");

    /// <summary>Whether training goes on from the file, where there is one; off by default: training begins anew, and its first checkpoint takes the place of the file.</summary>
    public bool Resume { get; init; }

    /// <summary>Names for layers, activations and losses of one's own; none are needed for the library's.</summary>
    /// <remarks>Of a layer of one's own the <see cref="TrainableLayer.Parameters"/> are stored, and the text of the registry.</remarks>
    public LayerRegistry? Registry { get; init; }
}
