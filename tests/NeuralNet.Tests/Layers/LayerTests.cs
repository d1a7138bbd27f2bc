using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

/// <summary>What holds for every layer of the library.</summary>
public class LayerTests
{
    /// <summary>A trainable layer of random sizes and weights, with two inputs, two output errors and a learning rate.</summary>
    private static readonly Gen<Scene> s_scenes = Gen.OneOf(
        from inputs in Gen.Int[1, 20]
        from outputs in Gen.Int[1, 20]
        from seed in Gen.Int
        select new Scene(() => new FCLayer(inputs, outputs, random: Draw.Seeded(seed)), 1, inputs, seed),
        from shape in ShapeGenerator.Convolutions
        select new Scene(
            () => new ConvLayer(shape.Image, shape.Kernel, shape.LayerDepth, random: Draw.Seeded(shape.Seed)),
            shape.Image.Height,
            shape.Image.Width * shape.Image.Depth,
            shape.Seed));

    public static TheoryData<string, Func<Layer>, int, int> Layers => new()
    {
        { "FCLayer", () => new FCLayer(6, 4, random: Draw.Seeded(1)), 1, 6 },
        { "ConvLayer", () => new ConvLayer((4, 3, 2), (3, 2), 3, random: Draw.Seeded(1)), 4, 6 },
        { "FlattenLayer", () => new FlattenLayer(), 4, 6 },
        { "FlattenLayer of planes", () => new FlattenLayer(3), 4, 6 },
        { "ActivationLayer", () => new ActivationLayer(Activations.Gelu, Activations.GeluPrime), 4, 6 },
        { "ActivationLayer that changes nothing", () => new ActivationLayer(Activations.Linear, Activations.LinearPrime), 4, 6 },
        { "ActivationLayer with a function that returns its argument", () => new ActivationLayer(x => x, Activations.LinearPrime), 4, 6 },
    };

    public static IEnumerable<object[]> AllLayers => Layers.Concat(NewLayerTests.Layers);

    [Fact]
    public void BackwardThenAStepGivesWhatBackwardPropagationGives() => s_scenes.Sample(
        scene =>
        {
            const double Rate = 0.3;
            var (fused, apart) = (scene.Make(), scene.Make());
            fused.ForwardPropagation(scene.X1);
            apart.ForwardPropagation(scene.X1);

            // What was added up before belongs to another step.
            scene.Backward(fused, scene.X2, 2);
            fused.ForwardPropagation(scene.X1);
            var outputError = scene.OutputError(fused, 1);
            var before = fused.Parameters.Select(parameter => parameter.Value).Clones();
            var fusedError = fused.BackwardPropagation(outputError, Rate);
            var apartError = apart.Backward(outputError);

            fusedError.ShouldBeNear(apartError, 1e-12, 1e-12 * outputError.L2Norm());
            for (int i = 0; i < before.Length; i++)
            {
                var gradient = apart.Parameters[i].Gradient;
                var scale = Math.Max(before[i].Enumerate().Max(Math.Abs), Rate * gradient.Enumerate().Max(Math.Abs));
                fused.Parameters[i].Value.ShouldBeNear(before[i] - (Rate * gradient), 1e-12, 1e-12 * scale, fused.Parameters[i].Name);
                fused.Parameters[i].Gradient.Enumerate().Should().OnlyContain(v => v == 0);
            }
        },
        iter: 1000);

    [Fact]
    public void BackwardAddsUpOverCalls() => s_scenes.Sample(
        scene =>
        {
            var (both, first, second) = (scene.Make(), scene.Make(), scene.Make());
            scene.Backward(first, scene.X1, 1);
            scene.Backward(second, scene.X2, 2);

            scene.Backward(both, scene.X1, 1);
            scene.Backward(both, scene.X2, 2);

            for (int i = 0; i < both.Parameters.Count; i++)
            {
                var sum = first.Parameters[i].Gradient + second.Parameters[i].Gradient;
                both.Parameters[i].Gradient.ShouldBeNear(sum, 1e-12, 1e-12 * sum.Enumerate().Max(Math.Abs), both.Parameters[i].Name);
                both.Parameters[i].Value.ShouldBeBitForBit(first.Parameters[i].Value);
            }
        },
        iter: 1000);

    [Theory]
    [MemberData(nameof(Layers))]
    public void WithLearningRateZeroNothingIsLearnt(string name, Func<Layer> make, int rows, int columns)
    {
        var layer = make();
        var parameters = (layer as TrainableLayer)?.Parameters.Select(parameter => parameter.Value).ToArray() ?? [];
        var before = parameters.Clones();
        var y = layer.ForwardPropagation(Draw.Matrix(rows, columns, Draw.Seeded(2)));

        layer.BackwardPropagation(Draw.Matrix(y.RowCount, y.ColumnCount, Draw.Seeded(3)), 0);

        parameters.ShouldBeBitForBit(before, name);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void PredictGivesTheBitsOfForwardPropagationAndKeepsNothing(string name, Func<Layer> make, int rows, int columns)
    {
        var layer = make();
        var x = Draw.Matrix(rows, columns, Draw.Seeded(2));

        var prediction = layer.Predict(x);

        layer.Input.Should().BeNull();
        layer.Output.Should().BeNull();
        var y = layer.ForwardPropagation(x);
        prediction.ShouldBeBitForBit(y, name);
        layer.Predict(-x);
        layer.Input.Should().BeSameAs(x);
        layer.Output.Should().BeSameAs(y);
    }

    [Theory]
    [MemberData(nameof(AllLayers))]
    public void WhatIsReturnedSharesNoMemoryWithWhatWasGiven(string name, Func<Layer> make, int rows, int columns)
    {
        var layer = make();
        var x = Draw.Matrix(rows, columns, Draw.Seeded(2));
        var prediction = layer.Predict(x);
        var y = layer.ForwardPropagation(x);
        var outputError = Draw.Matrix(y.RowCount, y.ColumnCount, Draw.Seeded(3));
        var inputError = layer.BackwardPropagation(outputError, 0.1);
        Matrix<double>[] returned = [prediction, y, inputError];
        var asReturned = returned.Clones();

        x.Clear();
        outputError.Clear();

        returned.ShouldBeBitForBit(asReturned, name);
    }

    [Theory]
    [MemberData(nameof(AllLayers))]
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
    [MemberData(nameof(AllLayers))]
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
            ofOther.BackwardPropagation(Matrix<double>.Build.SparseOfMatrix(outputError), 0.1)
                .ShouldBeBitForBit(ofDense.BackwardPropagation(outputError, 0.1), name);
            ofOther.Predict(x).ShouldBeBitForBit(ofDense.Predict(dense), name);
            ofOther.Output!.Storage.IsDense.Should().BeTrue();
        }
    }

    [Fact]
    public void ANetworkTrainsOnSparseSamplesAsOnDenseOnes()
    {
        var dense = Draw.XorNetwork(3);
        var sparse = Draw.XorNetwork(3);
        Matrix<double>[] Sparse(Matrix<double>[] matrices) => [.. matrices.Select(matrix => Matrix<double>.Build.SparseOfMatrix(matrix))];

        var losses = dense.Fit(Draw.XorX(), Draw.XorY(), 20, 0.1).Losses;

        sparse.Fit(Sparse(Draw.XorX()), Sparse(Draw.XorY()), 20, 0.1).Losses.Should().Equal(losses);
        sparse.Predict(Sparse(Draw.XorX())).ShouldBeBitForBit(dense.Predict(Draw.XorX()), "predictions");
    }

    private sealed record Scene(Func<TrainableLayer> Make, int Rows, int Columns, int Seed)
    {
        public Matrix<double> X1 { get; } = Draw.Matrix(Rows, Columns, Draw.Seeded(Seed ^ 1));

        public Matrix<double> X2 { get; } = Draw.Matrix(Rows, Columns, Draw.Seeded(Seed ^ 2));

        public Matrix<double> OutputError(Layer layer, int which) =>
            Draw.Matrix(layer.Output!.RowCount, layer.Output.ColumnCount, Draw.Seeded(Seed ^ (which << 8)));

        public void Backward(TrainableLayer layer, Matrix<double> x, int which)
        {
            layer.ForwardPropagation(x);
            layer.Backward(OutputError(layer, which));
        }
    }
}
