using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

/// <summary>What holds for each layer that the article does not have, besides what <see cref="LayerTests"/> has of every layer.</summary>
public class NewLayerTests
{
    public static TheoryData<string, Func<Layer>, int, int> Layers => new()
    {
        { "ConvLayer", () => new ConvLayer((4, 3, 2), (3, 2), 3, (2, 1), Padding.Same, random: Draw.Seeded(1)), 4, 6 },
        { "MaxPoolLayer", () => new MaxPoolLayer((4, 3, 2), (2, 2), (1, 1)), 4, 6 },
        { "AveragePoolLayer", () => new AveragePoolLayer((4, 3, 2), (2, 2), (1, 1)), 4, 6 },
        { "DropoutLayer", () => new DropoutLayer(0.5, Draw.Seeded(1)), 4, 6 },
        { "DropoutLayer that leaves nothing out", () => new DropoutLayer(0, Draw.Seeded(1)), 4, 6 },
        { "BatchNormLayer", () => new BatchNormLayer((4, 3, 2)), 4, 6 },
        { "SoftmaxLayer", () => new SoftmaxLayer(), 4, 6 },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void PredictKeepsNothing(string name, Func<Layer> make, int rows, int columns)
    {
        var layer = make();
        var x = Draw.Matrix(rows, columns, Draw.Seeded(2));

        var prediction = layer.Predict(x);
        layer.Input.Should().BeNull(name);
        layer.Output.Should().BeNull(name);
        layer.Predict(x).ShouldBeBitForBit(prediction, name);

        var y = layer.ForwardPropagation(x);
        var inputError = layer.BackwardPropagation(y, 0);
        layer.Predict(-x);
        layer.Input.Should().BeSameAs(x);
        layer.Output.Should().BeSameAs(y);
        layer.BackwardPropagation(y, 0).ShouldBeBitForBit(inputError, name);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void AGradientCheckPassesAndLeavesParametersAndGradientsAsTheyWere(string name, Func<Layer> make, int rows, int columns)
    {
        var layer = make();
        var parameters = (layer as TrainableLayer)?.Parameters ?? [];
        foreach (var parameter in parameters)
        {
            Draw.Matrix(parameter.Value.RowCount, parameter.Value.ColumnCount, Draw.Seeded(2)).CopyTo(parameter.Gradient);
        }

        var before = parameters.SelectMany(parameter => new[] { parameter.Value, parameter.Gradient }).Clones();

        GradientCheck.Run(layer, Draw.Matrix(rows, columns, Draw.Seeded(3)) * 10).WorstRelativeError.Should().BeLessThan(1e-6, name);

        parameters.SelectMany(parameter => new[] { parameter.Value, parameter.Gradient }).ToArray().ShouldBeBitForBit(before, name);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void BackwardThenAStepGivesWhatBackwardPropagationGives(string name, Func<Layer> make, int rows, int columns)
    {
        var (fused, apart) = (make(), make());
        var x = Draw.Matrix(rows, columns, Draw.Seeded(2));
        var y = fused.ForwardPropagation(x);
        apart.ForwardPropagation(x).ShouldBeBitForBit(y, name);
        var outputError = Draw.Matrix(y.RowCount, y.ColumnCount, Draw.Seeded(3));
        if (apart is not TrainableLayer trainable)
        {
            apart.BackwardPropagation(outputError, 0.3).ShouldBeBitForBit(fused.BackwardPropagation(outputError, 0), name);
            return;
        }

        fused.BackwardPropagation(outputError, 0.3).ShouldBeNear(trainable.Backward(outputError));
        foreach (var (stepped, parameter) in ((TrainableLayer)fused).Parameters.Zip(trainable.Parameters))
        {
            parameter.Gradient.Enumerate().Should().Contain(v => v != 0);
            stepped.Value.ShouldBeNear(parameter.Value - (0.3 * parameter.Gradient));
            stepped.Gradient.Enumerate().Should().OnlyContain(v => v == 0);
        }
    }
}
