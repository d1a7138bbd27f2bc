using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Optimizers;

/// <summary>Twelve steps on given gradients against PyTorch's, to 1e-12 relative.</summary>
public class GoldenOptimizerTests
{
    private const double Tolerance = 1e-12;
    private static readonly JsonElement Golden = GoldenFile.Read("optimizers.json");

    public static TheoryData<string> Trajectories => [.. Golden.GetProperty("trajectories").EnumerateObject().Select(one => one.Name)];

    [Fact]
    public void ThereAreEight() => Trajectories.Should().HaveCount(8);

    [Theory]
    [MemberData(nameof(Trajectories))]
    public void UpdateFollowsTheGoldenSteps(string trajectory) =>
        Follows(trajectory, (optimizer, parameter) => optimizer.Update(parameter));

    [Theory]
    [MemberData(nameof(Trajectories))]
    public void StepFollowsTheGoldenSteps(string trajectory) => Follows(trajectory, (optimizer, parameter) => optimizer.Step([parameter]));

    [Theory]
    [MemberData(nameof(Trajectories))]
    public void SlicesFollowTheGoldenSteps(string trajectory) => Follows(trajectory, (optimizer, parameter) =>
    {
        var state = optimizer.Begin(parameter);
        optimizer.UpdateSlice(parameter, state, 3, 5);
        optimizer.UpdateSlice(parameter, state, 0, 3);
    });

    private static void Follows(string trajectory, Action<Optimizer, Parameter> step)
    {
        var golden = Golden.GetProperty("trajectories").GetProperty(trajectory);
        var optimizer = Of(trajectory, golden.GetProperty("hyperparameters"));
        var parameter = new Parameter("W", Golden.GetProperty("start").Row());
        Matrix<double>[] gradients = [.. Golden.GetProperty("gradients").EnumerateArray().Select(GoldenFile.Row)];
        Matrix<double>[] values = [.. golden.GetProperty("values").EnumerateArray().Select(GoldenFile.Row)];
        values.Should().HaveCount(12);
        for (int i = 0; i < values.Length; i++)
        {
            gradients[i].CopyTo(parameter.Gradient);
            step(optimizer, parameter);

            parameter.Value.ShouldBeNear(values[i], Tolerance, what: $"{trajectory} after step {i + 1}");
            parameter.Gradient.ShouldBeBitForBit(gradients[i], "the gradient");
        }
    }

    private static Optimizer Of(string trajectory, JsonElement numbers)
    {
        double rate = numbers.Double("lr");
        double decay = numbers.Double("weight_decay");
        double Beta(int i) => numbers.GetProperty("betas")[i].GetDouble();
        return trajectory switch
        {
            "adagrad" => new Adagrad(rate, numbers.Double("eps"), decay, numbers.Double("initial_accumulator_value")),
            "rmsprop" => new RmsProp(
                rate, numbers.Double("alpha"), numbers.Double("eps"), numbers.Double("momentum"),
                numbers.GetProperty("centered").GetBoolean(), decay),
            "adam" => new Adam(rate, Beta(0), Beta(1), numbers.Double("eps"), decay),
            "adamw" => new AdamW(rate, Beta(0), Beta(1), numbers.Double("eps"), decay),
            _ => new Sgd(rate, numbers.Double("momentum"), numbers.GetProperty("nesterov").GetBoolean(), decay),
        };
    }
}
