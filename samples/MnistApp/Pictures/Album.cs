using MathNet.Numerics.LinearAlgebra;
using NeuralNet;

namespace MnistApp.Pictures;

/// <summary>The pictures of one training, in a folder.</summary>
internal sealed class Album
{
    private readonly Recipe _recipe;
    private readonly string _trainingPath, _mistakesPath;

    /// <summary>Makes the folder, and fails before training where nothing can be written to it.</summary>
    public Album(string folder, Recipe recipe)
    {
        _recipe = recipe;
        _trainingPath = Path.Combine(folder, $"{recipe.Name}-training.png");
        _mistakesPath = Path.Combine(folder, $"{recipe.Name}-mistakes.png");
        Output.RequireFolder("--output", folder);
        Output.RequireFile("--output", _trainingPath);
        Output.RequireFile("--output", _mistakesPath);
    }

    /// <summary>Draws both pictures and says where they are.</summary>
    public void Draw(TrainingHistory history, Confusion confusion, IReadOnlyList<Matrix<double>> images)
    {
        Console.WriteLine();
        TrainingCurve.Draw(_trainingPath, _recipe.Name, _recipe.Loss, history.Epochs);
        Console.WriteLine($"training curve: {_trainingPath}");
        ContactSheet.Draw(_mistakesPath, _recipe.Name, confusion, images);
        Console.WriteLine($"digits it got wrong: {_mistakesPath}");
    }
}
