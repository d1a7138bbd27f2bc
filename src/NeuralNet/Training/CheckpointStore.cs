using NeuralNet.Models;

namespace NeuralNet.Training;

/// <summary>Writes a training's checkpoints: the last whole epoch, and the best.</summary>
/// <param name="options">How to train, with a checkpoint.</param>
/// <param name="training">Where the random numbers of each epoch come from, and what else the bits depend on.</param>
internal sealed class CheckpointStore(FitOptions options, (int Seed, int Samples, TrainingSettings Settings) training)
{
    private readonly Checkpoint _checkpoint = options.Checkpoint!;

    /// <summary>Writes the checkpoint of the last whole epoch, where it is not in the file yet.</summary>
    private Action<Stream>? _writer;

    /// <summary>Keeps what the checkpoint of an epoch needs.</summary>
    /// <param name="network">The network's parts.</param>
    /// <param name="reports">The reports of all epochs so far.</param>
    /// <param name="monitor">The best epoch so far, where that was asked for.</param>
    public void Keep(NetworkParts network, IReadOnlyList<EpochReport> reports, EarlyStoppingMonitor? monitor) =>
        _writer = CheckpointFile.Writer(network, options, training, reports, monitor, later: !IsDue(reports[^1].Epoch));

    /// <summary>Writes what was kept, where the epoch is one after which the file is written.</summary>
    public void WriteIfDue(int epoch)
    {
        if (IsDue(epoch))
        {
            Write();
        }
    }

    /// <summary>Writes what was kept and is not in the file yet.</summary>
    public void Write()
    {
        if (_writer is { } writer)
        {
            _writer = null;
            AtomicFile.Write(_checkpoint.Path, writer);
        }
    }

    /// <summary>The same where training ends by an exception: that one is for the caller to see.</summary>
    public void TryWrite()
    {
        try
        {
            Write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Writes the network of the best epoch, where it is to be kept.</summary>
    public void WriteBest(NetworkParts network)
    {
        if (_checkpoint.KeepBest)
        {
            AtomicFile.Write(_checkpoint.BestPath, ModelFile.Writer(network, _checkpoint.Registry));
        }
    }

    private bool IsDue(int epoch) => epoch % _checkpoint.Every == 0;
}
