namespace NeuralNet.Data;

/// <summary>How good the predictions of a class are, or of all on average; see <see cref="Metric.Precision"/> for the rules.</summary>
/// <param name="Name">The class's name, or the average's.</param>
/// <param name="Precision">The share, 0 to 1, of what is predicted to be of the class that is of it.</param>
/// <param name="Recall">The share, 0 to 1, of what is of the class that is predicted to be.</param>
/// <param name="F1">The harmonic mean of both.</param>
/// <param name="Support">How often the class is true.</param>
public sealed record ClassScores(string Name, double Precision, double Recall, double F1, int Support);
