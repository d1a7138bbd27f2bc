using MathNet.Numerics.LinearAlgebra;
using NeuralNet;

namespace MnistApp.Pictures;

/// <summary>The pictures of one training, in a folder.</summary>
internal sealed class Album
{
    private readonly Recipe _recipe;
    private readonly string _folder, _trainingPath, _mistakesPath;

    /// <summary>Fails before training where nothing can be written to the folder.</summary>
    public Album(string folder, Recipe recipe)
    {
        (_folder, _recipe) = (folder, recipe);
        _trainingPath = Path.Combine(folder, $"{recipe.Name}-training.png");
        _mistakesPath = Path.Combine(folder, $"{recipe.Name}-mistakes.png");
        Output.RequireFolder("--output", folder, _trainingPath, _mistakesPath);
    }

    /// <summary>Draws both pictures, makes the folder where it is missing, and says where they are.</summary>
    public void Draw(TrainingHistory history, Confusion confusion, IReadOnlyList<Matrix<double>> images)
    {
        Directory.CreateDirectory(_folder);
        Console.WriteLine();
        TrainingCurve.Draw(_trainingPath, _recipe.Name, _recipe.Loss, history.Epochs);
        Console.WriteLine($"training curve: {_trainingPath}");
        ContactSheet.Draw(_mistakesPath, _recipe.Name, confusion, images);
        Console.WriteLine($"digits it got wrong: {_mistakesPath}");
    }
}
