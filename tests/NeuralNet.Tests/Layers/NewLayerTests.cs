using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>What holds for each layer that the article does not have.</summary>
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
    public void WhatIsReturnedSharesNoMemoryWithWhatWasGiven(string name, Func<Layer> make, int rows, int columns)
    {
        var layer = make();
        var x = Draw.Matrix(rows, columns, Draw.Seeded(2));
        var prediction = layer.Predict(x);
        var y = layer.ForwardPropagation(x);
        var outputError = Draw.Matrix(y.RowCount, y.ColumnCount, Draw.Seeded(3));
        Matrix<double>[] returned = [prediction, y, layer.BackwardPropagation(outputError, 0.1)];
        var asReturned = returned.Clones();

        x.Clear();
        outputError.Clear();

        returned.ShouldBeBitForBit(asReturned, name);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void NothingGivenIsModifiedAndNothingReturnedChangesLater(string name, Func<Layer> make, int rows, int columns)
    {
        var layer = make();
        var known = new List<(Matrix<double> Matrix, Matrix<double> Then)>();
        Matrix<double> Keep(Matrix<double> matrix)
        {
            known.Add((matrix, matrix.Clone()));
            return matrix;
        }

        for (int seed = 1; seed <= 4; seed++)
        {
            var x = Keep(Draw.Matrix(rows, columns, Draw.Seeded(seed)));
            Keep(layer.Predict(x));
            var y = Keep(layer.ForwardPropagation(x));
            var outputError = Keep(Draw.Matrix(y.RowCount, y.ColumnCount, Draw.Seeded(-seed)));
            Keep((layer as TrainableLayer)?.Backward(outputError) ?? outputError);
            Keep(layer.BackwardPropagation(outputError, 0.1));
        }

        known.Select(entry => entry.Matrix).ToArray().ShouldBeBitForBit([.. known.Select(entry => entry.Then)], name);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void MatricesOfAnyStorageGiveTheBitsOfDenseOnes(string name, Func<Layer> make, int rows, int columns)
    {
        var diagonal = Matrix<double>.Build.Diagonal(rows, columns, i => i + 0.5);
        var sparse = Matrix<double>.Build.SparseOfMatrix(Draw.Matrix(rows, columns, Draw.Seeded(2)).Map(v => Math.Max(v, 0)));
        foreach (var x in new[] { diagonal, sparse })
        {
            var (ofDense, ofOther) = (make(), make());
            var dense = Matrix<double>.Build.DenseOfMatrix(x);
            var y = ofDense.ForwardPropagation(dense);
            var outputError = Draw.Matrix(y.RowCount, y.ColumnCount, Draw.Seeded(3)).Map(v => Math.Max(v, 0));

            ofOther.ForwardPropagation(x).ShouldBeBitForBit(y, name);
            ofOther.BackwardPropagation(Matrix<double>.Build.SparseOfMatrix(outputError), 0.1).ShouldBeBitForBit(ofDense.BackwardPropagation(outputError, 0.1), name);
            ofOther.Predict(x).ShouldBeBitForBit(ofDense.Predict(dense), name);
            ofOther.Output!.Storage.IsDense.Should().BeTrue();
        }
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
