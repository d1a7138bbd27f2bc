using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.BadInputs;

/// <summary>Bad input for the predictions of classes and probabilities.</summary>
internal static partial class BadInputTable
{
    private static IEnumerable<BadInput> Predictions()
    {
        (string Parameter, Func<Network, Matrix<double>, object?> Call)[] methods =
        [
            ("Network.PredictProbabilities(input)", (network, x) => network.PredictProbabilities(x)),
            ("Network.PredictProbabilities(inputs)", (network, x) => network.PredictProbabilities([x])),
            ("Network.PredictClass(input)", (network, x) => network.PredictClass(x)),
            ("Network.PredictClasses(inputs)", (network, x) => network.PredictClasses([x])),
        ];
        foreach (var (parameter, call) in methods)
        {
            string name = parameter[(parameter.IndexOf('.') + 1)..parameter.IndexOf('(')];
            yield return Order(parameter, "without layers", scene =>
                call(scene.Empty, scene.X[0]), "no layers", "Call Add before Predict.");
            yield return Wrong(parameter, "another shape than the first layer's", scene =>
                call(scene.Net, Zeros(2, 2)), "FCLayer(4 -> 3) expects a 1 x 4 input, but got 2 x 2.");
            foreach (double value in NotFinite)
            {
                yield return Wrong(parameter, $"{value}", scene =>
                    call(scene.Net, With(Zeros(1, 4), value)), "finite", $"{value} at [0, 3]");
            }

            yield return Order(
                parameter,
                "of one value that is no probability",
                scene => call(new Network().Add(new FCLayer(4, 1)).Use(Losses.Mse, Losses.MsePrime), scene.X[0]),
                $"{name} expects a network that gives probabilities, but FCLayer(4 -> 1) with Mse gives any numbers",
                "Losses.BinaryCrossEntropy");
        }

        yield return Null("Network.PredictProbabilities(input)", scene => scene.Net.PredictProbabilities((Matrix<double>)null!));
        yield return Null("Network.PredictProbabilities(inputs)", scene =>
            scene.Net.PredictProbabilities((IReadOnlyList<Matrix<double>>)null!));
        yield return Null("Network.PredictClasses(inputs)", scene => scene.Net.PredictClasses((IReadOnlyList<Matrix<double>>)null!));
        yield return Null("Network.PredictClasses(input)", scene => scene.Net.PredictClasses((Matrix<double>)null!));
        yield return Null("Network.PredictClass(input)", scene => scene.Net.PredictClass(null!));
        yield return Wrong("Network.PredictClasses(inputs)", "a null among them", scene =>
            scene.Net.PredictClasses([scene.X[0], null!]), "inputs[1] is null");
        yield return Order(
            "Network.PredictProbabilities(input)",
            "without a loss",
            scene => scene.WithoutLoss.PredictProbabilities(scene.X[0]),
            "FCLayer(4 -> 2) with no loss",
            "Losses.SoftmaxCrossEntropy");
        yield return Order(
            "Network.PredictClasses(inputs)",
            "for an output of several rows",
            _ => new Network().Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)).PredictClasses([Zeros(2, 3)]),
            "1 x classes",
            "ActivationLayer(Tanh) gives 2 x 3");
        yield return Order(
            "Network.PredictClass(input)",
            "for an output of NaN",
            _ => new Network().Add(new ActivationLayer(x => x * double.NaN, x => x)).PredictClass(Zeros(1, 3)),
            "ActivationLayer(custom) gives NaN");
    }
}
