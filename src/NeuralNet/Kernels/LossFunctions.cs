namespace NeuralNet.Kernels;

/// <summary>The losses and their derivatives over spans.</summary>
internal static class LossFunctions
{
    private const double LeastLogarithm = -100;
    private const double LeastVariance = 1e-12;

    public static readonly LossFunction Mse = Mean("Mse", (t, y) => (t - y) * (t - y), (t, y) => 2 * (y - t));
    public static readonly LossFunction Mae = Mean("Mae", (t, y) => Math.Abs(t - y), (t, y) => y > t ? 1 : y < t ? -1 : 0);
    public static readonly LossFunction Huber = Mean("Huber", HuberOf, (t, y) => Math.Clamp(y - t, -1, 1));
    public static readonly LossFunction BinaryCrossEntropy = Mean(
        "BinaryCrossEntropy",
        (t, y) => -((t * Logarithm(y)) + ((1 - t) * Logarithm(1 - y))),
        (t, y) => (y - t) / Math.Max(y * (1 - y), LeastVariance));

    private static LossFunction Mean(string name, Func<double, double, double> loss, Func<double, double, double> derivative) => new(
        name,
        (yTrue, yPred) =>
        {
            double sum = 0;
            for (int i = 0; i < yPred.Length; i++)
            {
                sum += loss(yTrue[i], yPred[i]);
            }

            return sum / yPred.Length;
        },
        (yTrue, yPred, error) =>
        {
            for (int i = 0; i < yPred.Length; i++)
            {
                error[i] = derivative(yTrue[i], yPred[i]) / yPred.Length;
            }
        });

    private static double HuberOf(double t, double y)
    {
        double d = Math.Abs(t - y);
        return d <= 1 ? d * d / 2 : d - 0.5;
    }

    private static double Logarithm(double v) => Math.Max(Math.Log(v), LeastLogarithm);
}
