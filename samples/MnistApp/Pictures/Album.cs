using MathNet.Numerics.LinearAlgebra;
using NeuralNet;

namespace MnistApp.Pictures;

/// <summary>The pictures of one training, in a folder.</summary>
internal sealed class Album
{
    private readonly string _folder, _network;

    /// <summary>Makes the folder, and fails before training where nothing can be written to it.</summary>
    public Album(string folder, string network)
    {
        (_folder, _network) = (folder, network);
        if (File.Exists(folder))
        {
            throw new IOException($"--output expects a folder, but {folder} is a file.");
        }

        Directory.CreateDirectory(folder);
        foreach (string path in new[] { TrainingPath, MistakesPath })
        {
            bool isNew = !File.Exists(path);
            File.OpenWrite(path).Dispose();
            if (isNew)
            {
                File.Delete(path);
            }
        }
    }

    private string TrainingPath => Path.Combine(_folder, $"{_network}-training.png");

    private string MistakesPath => Path.Combine(_folder, $"{_network}-mistakes.png");

    /// <summary>Draws both pictures and says where they are.</summary>
    public void Draw(TrainingHistory history, Confusion confusion, IReadOnlyList<Matrix<double>> images)
    {
        Console.WriteLine();
        TrainingCurve.Draw(TrainingPath, _network, history);
        Console.WriteLine($"training curve: {TrainingPath}");
        ContactSheet.Draw(MistakesPath, _network, confusion, images);
        Console.WriteLine($"digits it got wrong: {MistakesPath}");
    }
}
