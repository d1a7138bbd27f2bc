using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests;

/// <summary>Sequences that come one step at a time: the values of Predict, state, several streams at once, refusals.</summary>
public class SequenceStreamTests
{
    private const string Next = "SequenceStream.Next[step](step)";

    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        Null(Next, scene => scene.Net.Stream().Next((Matrix<double>)null!)),
        Wrong(Next, "another width than the first layer's", scene => scene.Net.Stream().Next(Draw.Row(1, 2)),
            "FCLayer(4 -> 3) expects a 1 x 4 input, but got 1 x 2."),
        Wrong(Next, "a span of another width", scene => scene.Net.Stream().Next([1, 2, 3]).Length,
            "FCLayer(4 -> 3) expects a 1 x 4 input, but got 1 x 3."),
        Wrong(Next, "an empty span", scene => scene.Net.Stream().Next(ReadOnlySpan<double>.Empty).Length, "at least one value"),
        Wrong(Next, "another width than the steps before", _ => StreamOf(new ActivationLayer(Activations.Tanh, Activations.TanhPrime), 3)
            .Next(Draw.Row(1, 2)), "expects steps of 1 x 3, as the first one was, but got 1 x 2", "another stream"),
        Wrong(Next, "several steps", _ => new Network().Add(new LstmLayer(3, 2)).Stream().Next(Draw.Matrix(2, 3, Draw.Seeded(1))),
            "one step at a time", "but got 2 x 3", "Predict"),
        Wrong(Next, "a column", _ => new Network().Add(new LstmLayer(1, 2)).Stream().Next(Draw.Matrix(3, 1, Draw.Seeded(1))),
            "one step at a time", "but got 3 x 1"),
        Wrong(Next, "NaN", scene => scene.Net.Stream().Next(Draw.Row(1, 2, 3, double.NaN)), "The step", "finite", "NaN at [0, 3]"),
        Wrong(Next, "infinity", scene => scene.Net.Stream().Next([double.NegativeInfinity, 2, 3, 4]).Length, "-Infinity at [0, 0]"),
        Wrong(Next, "a number that has no vector", _ => new Network().Add(new EmbeddingLayer(4, 2)).Stream().Next(Draw.Row(4)),
            "EmbeddingLayer(4 -> 2) expects whole numbers from 0 to 3, but the step holds 4 at [0, 0]"),
    ];

    public static TheoryData<string> Kinds => ["rnn", "gru", "lstm"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void StatesHaveTheBitsOfPredict(string kind) =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Bool, Gen.Int).Sample(
            (inputs, hidden, sequences, seed) =>
            {
                var random = Draw.Seeded(seed);
                ShouldHaveTheBitsOfPredict(
                    new Network().Add(Recurrent.Drawn(kind, inputs, hidden, sequences, random)), Draw.Matrix(9, inputs, random));
            },
            iter: 60);

    [Fact]
    public void CausalConvolutionsHaveTheBitsOfPredict() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 20], Gen.Int[1, 5], Gen.Int[1, 4], Gen.Int).Sample(
            (inputs, filters, kernel, dilation, seed) =>
            {
                var random = Draw.Seeded(seed);
                var layer = new Conv1DLayer(inputs, filters, kernel, padding: Padding.Causal, dilation: dilation, random: random);
                ShouldHaveTheBitsOfPredict(new Network().Add(layer), Draw.Matrix(20, inputs, random));
            },
            iter: 100);

    [Fact]
    public void CausalAttentionHasTheBitsOfPredict() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 4], Gen.Int[1, 70], Gen.Int).Sample(
            (headSize, heads, steps, seed) =>
            {
                var random = Draw.Seeded(seed);
                var layer = new SelfAttentionLayer(heads * headSize, heads, causal: true, Initializer.Uniform(-1, 1), random);
                ShouldHaveTheBitsOfPredict(new Network().Add(layer), Draw.Matrix(steps, heads * headSize, random));
            },
            iter: 40);

    [Fact]
    public void ATransformersEncoderGivesWhatPredictGives()
    {
        var random = Draw.Seeded(1);
        var net = new Network()
            .Add(new EmbeddingLayer(7, 6, random: random))
            .Add(PositionalEncodingLayer.Sinusoidal(6))
            .Add(new PositionalEncodingLayer(6, 150, random: random))
            .Add(new ResidualLayer([new LayerNormLayer(6), new SelfAttentionLayer(6, 3, causal: true, random: random)]))
            .Add(new ResidualLayer(
                [new LayerNormLayer(6), new FCLayer(6, 9, random: random), BuiltIn.Layer("Gelu"), new FCLayer(9, 6, random: random)]))
            .Add(new FCLayer(6, 7, random: random))
            .Add(new SoftmaxLayer());

        ShouldBeNearPredict(net, Draw.Matrix(150, 1, random).Map(value => Math.Floor(3.5 * (value + 1))));
    }

    [Fact]
    public void PositionsThatAreLearntEndWithTheirNumber()
    {
        var net = new Network().Add(new PositionalEncodingLayer(2, 3, random: Draw.Seeded(1)));
        var stream = net.Stream();
        var x = Draw.Matrix(3, 2, Draw.Seeded(2));
        var expected = Outputs(stream, x);

        FluentActions.Invoking(() => stream.Next(Draw.Row(1, 2))).Should().Throw<InvalidOperationException>()
            .WithMessage("PositionalEncodingLayer(2, at most 3 steps) has no position for step 4 of a stream. Call Reset*");
        stream.Reset();

        Outputs(stream, x).ShouldBeBitForBit(expected, "the outputs");
    }

    [Fact]
    public void AttentionsRoomDoubles()
    {
        var stream = new Network().Add(new SelfAttentionLayer(4, 2, causal: true)).Stream();
        double[] step = [1, 2, 3, 4];
        int allocating = Enumerable.Range(0, 2000).Count(_ =>
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            stream.Next(step);
            return GC.GetAllocatedBytesForCurrentThread() > start;
        });

        // 64, 128, 256, 512, 1,024 and 2,048 steps; a collection elsewhere in the process may count now and then.
        allocating.Should().BeInRange(6, 12);
    }

    [Fact]
    public void AKernelOfOneStepNeedsNoPadding() => ShouldHaveTheBitsOfPredict(
        new Network().Add(new Conv1DLayer(3, 4, 1)).Add(new Conv1DLayer(4, 2, 1, padding: Padding.Same, dilation: 3)),
        Draw.Matrix(5, 3, Draw.Seeded(1)));

    [Fact]
    public void RandomNetworksGiveWhatPredictGives() => Gen.Select(Gen.Int[1, 6], Gen.Int[1, 4], Gen.Int).Sample(
        (width, count, seed) =>
        {
            var random = Draw.Seeded(seed);
            var net = new Network();
            int columns = width;
            foreach (var layer in RandomLayers(ref columns, count, random, depth: 0))
            {
                net.Add(layer);
            }

            if (random.Next(3) > 0)
            {
                net.Add(random.Next(3) switch
                {
                    0 => new GlobalMaxPoolLayer(),
                    1 => new GlobalAveragePoolLayer(),
                    _ => new GruLayer(columns, columns, random: random),
                });
                net.Add(new FCLayer(columns, 4, random: random)).Add(new BatchNormLayer(4)).Add(new SoftmaxLayer());
            }

            ShouldBeNearPredict(net, Draw.Matrix(12, width, random));
        },
        iter: 200);

    [Fact]
    public void BehindOneRowOfAllStepsAnyLayerWorksAsInPredict()
    {
        var random = Draw.Seeded(1);
        var net = new Network()
            .Add(Recurrent.Drawn("lstm", 3, 6, sequences: false, random))
            .Add(Recurrent.Drawn("gru", 6, 4, sequences: true, random))
            .Add(new BidirectionalLayer(
                Recurrent.Drawn("rnn", 4, 3, sequences: true, random), Recurrent.Drawn("rnn", 4, 3, sequences: true, random)))
            .Add(new UserLayers.FC(Draw.Matrix(6, 5, random), Draw.Matrix(1, 5, random)))
            .Add(new Conv1DLayer(5, 8, 3, padding: Padding.Same, random: random))
            .Add(new FlattenLayer())
            .Add(new ResidualLayer([new FCLayer(8, 8, random: random)]))
            .Add(new SoftmaxLayer());

        ShouldHaveTheBitsOfPredict(net, Draw.Matrix(9, 3, random));
    }

    [Fact]
    public void BranchesAreJoinedWhereBothGiveARowForEachStepOrBothOneRow()
    {
        var random = Draw.Seeded(1);
        LstmLayer Lstm(bool sequences) => new(3, 3, sequences, random: random);
        ShouldHaveTheBitsOfPredict(new Network().Add(new ResidualLayer([Lstm(true)])), Draw.Matrix(6, 3, random));
        ShouldBeNearPredict(
            new Network().Add(new ConcatenateLayer([Lstm(false)], [new GlobalAveragePoolLayer()])), Draw.Matrix(6, 3, random));

        FluentActions.Invoking(() => new Network().Add(new ResidualLayer([Lstm(false)])).Stream())
            .Should().Throw<InvalidOperationException>()
            .WithMessage("ResidualLayer(1 layer) puts together a branch that gives a row for each step and one that gives one row*");
    }

    [Fact]
    public void StreamsOfOneNetworkDoNotDisturbOneAnother()
    {
        var net = StackedNetwork();
        var (x, other) = (Draw.Matrix(50, 3, Draw.Seeded(2)), Draw.Matrix(50, 3, Draw.Seeded(3)));
        var expected = Outputs(net.Stream(), x);
        var (first, second) = (net.Stream(), net.Stream());

        for (int step = 0; step < 50; step++)
        {
            first.Next(RowOf(x, step)).ShouldBeBitForBit(expected[step]);
            second.Next(RowOf(other, step));
            second.Next(RowOf(other, step));
            net.Predict(other);
        }
    }

    [Fact]
    public void StreamsOnSeveralThreadsHaveTheSameBits()
    {
        var net = StackedNetwork();
        var x = Draw.Matrix(50, 3, Draw.Seeded(2));
        var expected = Outputs(net.Stream(), x);

        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
            Outputs(net.Stream(), x).ShouldBeBitForBit(expected, "the outputs"));
    }

    [Fact]
    public void ResetBeginsAnotherSequence()
    {
        var net = StackedNetwork();
        var x = Draw.Matrix(20, 3, Draw.Seeded(2));
        var stream = net.Stream();
        var expected = Outputs(stream, x);
        stream.Next(RowOf(x, 3)).ToArray().Should().NotBeEquivalentTo(expected[0].ToArray(), "the state goes on");

        stream.Reset();

        Outputs(stream, x).ShouldBeBitForBit(expected, "the outputs");
    }

    [Fact]
    public void TheOutputIsTheStreamsOwnMatrixAndTheStepIsNotKept()
    {
        var stream = StackedNetwork().Stream();
        var x = Draw.Matrix(2, 3, Draw.Seeded(2));
        var step = RowOf(x, 0);

        var first = stream.Next(step);
        var kept = first.Clone();
        step.Clear();
        var second = stream.Next(RowOf(x, 1));

        second.Should().BeSameAs(first);
        second.Equals(kept).Should().BeFalse();
        StackedNetwork().Predict(x).ShouldBeNear(second, 1e-12);
        x.Should().Be(Draw.Matrix(2, 3, Draw.Seeded(2)));
    }

    [Fact]
    public void SpansAndMatricesOfAnyKindGiveTheSame()
    {
        var net = StackedNetwork();
        var x = Draw.Matrix(4, 3, Draw.Seeded(2));
        var (dense, sparse, spans) = (net.Stream(), net.Stream(), net.Stream());
        for (int step = 0; step < 4; step++)
        {
            var expected = dense.Next(RowOf(x, step));
            sparse.Next(Matrix<double>.Build.SparseOfMatrix(RowOf(x, step))).ShouldBeBitForBit(expected);
            spans.Next(RowOf(x, step).ToColumnMajorArray()).ToArray().Should().Equal(expected.ToColumnMajorArray());
        }
    }

    [Fact]
    public void WhatIsLearntInBetweenCountsFromTheNextStepOn()
    {
        var net = new Network().Add(new LstmLayer(2, 3, random: Draw.Seeded(1))).Add(new FCLayer(3, 1, random: Draw.Seeded(2)))
            .Use(Losses.Mse, Losses.MsePrime);
        var x = Draw.Matrices(5, 6, 2, Draw.Seeded(3));
        var y = Draw.Matrices(5, 1, 1, Draw.Seeded(4));
        var stream = net.Stream();
        Outputs(stream, x[0]);
        int reports = 0;

        net.Fit(x, y, 2, 0.1, new SynchronousProgress<EpochReport>(_ =>
        {
            stream.Next(RowOf(x[0], 0));
            reports++;
        }));
        stream.Reset();

        reports.Should().Be(2);
        Outputs(stream, x[0])[^1].ShouldBeBitForBit(net.Predict(x[0]));
    }

    [Fact]
    public void TheLayersAreThoseThatTheNetworkHadBefore()
    {
        var net = new Network().Add(new GruLayer(2, 3, random: Draw.Seeded(1)));
        var stream = net.Stream();
        net.Add(new FCLayer(3, 5));

        stream.Next(Draw.Row(1, 2)).ColumnCount.Should().Be(3);
    }

    [Fact]
    public void ANetworkWithoutLayersIsRefused() => FluentActions.Invoking(() => new Network().Stream())
        .Should().Throw<InvalidOperationException>().WithMessage("The network has no layers. Call Add before Stream.");

    [Fact]
    public void AUsersLayerOnTheArticlesMethodsIsRefusedOverSteps() =>
        FluentActions.Invoking(() => new Network().Add(new UserLayers.Scale(Draw.Row(1, 2))).Stream())
            .Should().Throw<InvalidOperationException>().WithMessage("Scale does not say*BatchLayer*NewStreamState*");

    [Fact]
    public void AUsersStateIsOneOfTheLibrarys()
    {
        var net = new Network().Add(new LstmLayer(2, 3, returnSequences: true, random: Draw.Seeded(1))).Add(new Total());

        ShouldBeNearPredict(net, Draw.Matrix(30, 2, Draw.Seeded(2)));
        ShouldBeNearPredict(new Network().Add(new ConcatenateLayer([new Total()], [])), Draw.Matrix(30, 2, Draw.Seeded(2)));
    }

    [Fact]
    public void WhatAUsersStateThrowsIsNamedAndTheStreamGoesOnAfterReset()
    {
        var net = new Network().Add(new LstmLayer(1, 3, returnSequences: true, random: Draw.Seeded(1))).Add(new Total { Fails = true });
        var stream = net.Stream();
        FluentActions.Invoking(() => stream.Next(Draw.Row(1))).Should().Throw<InvalidOperationException>()
            .WithMessage("Total's StreamState.TakeStep threw FormatException: on purpose").WithInnerException<FormatException>();
        net.Layers.OfType<Total>().Single().Fails = false;

        FluentActions.Invoking(() => stream.Next(Draw.Row(1))).Should().Throw<InvalidOperationException>().WithMessage("*Call Reset*");
        stream.Reset();

        stream.Next(Draw.Row(1)).ShouldBeBitForBit(net.Predict(Draw.Row(1)));
    }

    [Fact]
    public void WhatAUsersLayerGetsWrongIsTold()
    {
        FluentActions.Invoking(() => new Network().Add(new Wrong(() => null!)).Stream())
            .Should().Throw<InvalidOperationException>().WithMessage("Wrong's NewStreamState returned null*");
        FluentActions.Invoking(() => new Network().Add(new Wrong(() => throw new FormatException("on purpose"))).Stream())
            .Should().Throw<InvalidOperationException>().WithMessage("Wrong's NewStreamState threw FormatException: on purpose");
        FluentActions.Invoking(() => new Network().Add(new Wrong(() => throw new InvalidOperationException("Wrong needs all."))).Stream())
            .Should().Throw<InvalidOperationException>().WithMessage("Wrong needs all.");
        FluentActions.Invoking(() => new Network().Add(new Wrong(() => StreamState.RowByRow)).Stream().Next(Draw.Row(1, 2)))
            .Should().Throw<InvalidOperationException>().WithMessage("Wrong gives 3 x 2 of one step*");
    }

    [Fact]
    public void ABadStepLeavesTheStreamAsItWas()
    {
        var net = StackedNetwork();
        var (stream, other) = (net.Stream(), net.Stream());
        var x = Draw.Matrix(3, 3, Draw.Seeded(2));
        stream.Next(RowOf(x, 0));
        other.Next(RowOf(x, 0));

        FluentActions.Invoking(() => stream.Next(Draw.Row(1, double.NaN, 2))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => stream.Next(Draw.Row(1, 2))).Should().Throw<ArgumentException>();

        stream.Next(RowOf(x, 1)).ShouldBeBitForBit(other.Next(RowOf(x, 1)));
    }

    [Fact]
    public void AStepBehindAWideBatchNormAllocatesNothing()
    {
        var stream = new Network().Add(new LstmLayer(2, 300)).Add(new BatchNormLayer(300)).Stream();
        double[] step = [1, 2];
        stream.Next(step);
        Enumerable.Range(0, 5).Min(_ =>
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            stream.Next(step);
            return GC.GetAllocatedBytesForCurrentThread() - start;
        }).Should().Be(0);
    }

    private static Network StackedNetwork()
    {
        var random = Draw.Seeded(1);
        return new Network()
            .Add(new Conv1DLayer(3, 4, 3, padding: Padding.Causal, dilation: 2, random: random))
            .Add(new ResidualLayer([Recurrent.Drawn("gru", 4, 4, sequences: true, random), new DropoutLayer(0.3)]))
            .Add(new LayerNormLayer(4))
            .Add(Recurrent.Drawn("lstm", 4, 5, sequences: false, random))
            .Add(new FCLayer(5, 2, random: random))
            .Add(BuiltIn.Layer("Tanh"));
    }

    private static List<Layer> RandomLayers(ref int columns, int count, Random random, int depth)
    {
        var layers = new List<Layer>();
        for (int i = 0; i < count; i++)
        {
            int next = 1 + random.Next(6);
            switch (random.Next(depth < 2 ? 12 : 9))
            {
                case 0:
                    layers.Add(Recurrent.Drawn(random.Next(2) == 0 ? "rnn" : "gru", columns, next, sequences: true, random));
                    break;
                case 1:
                    layers.Add(Recurrent.Drawn("lstm", columns, next, sequences: true, random));
                    break;
                case 2:
                    layers.Add(new Conv1DLayer(
                        columns, next, 1 + random.Next(3), padding: Padding.Causal, dilation: 1 + random.Next(3), random: random));
                    break;
                case 3:
                    (next, var norm) = (columns, new NormalizationLayer(columns));
                    norm.Adapt(Draw.Matrices(3, 4, columns, random));
                    layers.Add(norm);
                    break;
                case 4:
                    next = columns;
                    layers.Add(new LayerNormLayer(columns));
                    break;
                case 5:
                    next = columns;
                    layers.Add(new DropoutLayer(0.5));
                    break;
                case 6:
                    next = columns;
                    layers.Add(BuiltIn.Layer(random.Next(2) == 0 ? "Tanh" : "Gelu"));
                    break;
                case 7:
                    layers.Add(new FCLayer(columns, next, random: random));
                    break;
                case 8:
                    next = columns;
                    layers.Add(new SoftmaxLayer());
                    break;
                case 9:
                    int same = columns;
                    next = columns;
                    layers.Add(new ResidualLayer(
                    [
                        .. RandomLayers(ref same, 1 + random.Next(2), random, depth + 1), new Conv1DLayer(same, columns, 1, random: random),
                    ]));
                    break;
                case 10:
                    var (left, right) = (columns, columns);
                    layers.Add(new ConcatenateLayer(
                        RandomLayers(ref left, random.Next(3), random, depth + 1), RandomLayers(ref right, 1, random, depth + 1)));
                    next = left + right;

                    // Branches of X itself side by side may be planes of an image, which some layers refuse; these are no more.
                    layers.Add(new LayerNormLayer(next));
                    break;
                default:
                    next = columns;
                    var inner = new Network();
                    RandomLayers(ref next, 1 + random.Next(2), random, depth + 1).ForEach(layer => inner.Add(layer));
                    layers.Add(new NetworkLayer(inner));
                    break;
            }

            columns = next;
        }

        return layers;
    }

    private static void ShouldHaveTheBitsOfPredict(Network net, Matrix<double> x)
    {
        var stream = net.Stream();
        for (int step = 0; step < x.RowCount; step++)
        {
            stream.Next(RowOf(x, step)).ShouldBeBitForBit(LastOfPredict(net, x, step), FormattableString.Invariant($"step {step}"));
        }
    }

    private static void ShouldBeNearPredict(Network net, Matrix<double> x)
    {
        var stream = net.Stream();
        for (int step = 0; step < x.RowCount; step++)
        {
            stream.Next(RowOf(x, step))
                .ShouldBeNear(LastOfPredict(net, x, step), 1e-12, 1e-13, FormattableString.Invariant($"step {step}"));
        }
    }

    private static Matrix<double> LastOfPredict(Network net, Matrix<double> x, int step)
    {
        var y = net.Predict(x.SubMatrix(0, step + 1, 0, x.ColumnCount));
        return RowOf(y, y.RowCount - 1);
    }

    private static Matrix<double>[] Outputs(SequenceStream stream, Matrix<double> x) =>
        [.. Enumerable.Range(0, x.RowCount).Select(step => stream.Next(RowOf(x, step)).Clone())];

    private static Matrix<double> RowOf(Matrix<double> x, int row) => x.SubMatrix(row, 1, 0, x.ColumnCount);

    private static SequenceStream StreamOf(Layer layer, int width)
    {
        var stream = new Network().Add(layer).Stream();
        stream.Next(new double[width]);
        return stream;
    }

    /// <summary>Y_t = X_0 + ... + X_t, as a user writes it.</summary>
    private sealed class Total : BatchLayer
    {
        public bool Fails { get; set; }

        protected internal override Shape GetOutputShape(Shape input) => input;

        protected internal override void Forward(ForwardPass pass)
        {
            int rows = pass.InputShape.Rows;
            for (int i = 0; i < pass.Input.Length; i++)
            {
                pass.Output[i] = pass.Input[i] + (i % rows == 0 ? 0 : pass.Output[i - 1]);
            }
        }

        protected internal override void Backward(BackwardPass pass) => throw new NotSupportedException();

        protected internal override StreamState NewStreamState() => new Sums(this);

        private sealed class Sums(Total layer) : StreamState
        {
            private double[] _sums = [];

            protected internal override void TakeStep(ReadOnlySpan<double> input, Span<double> output)
            {
                if (layer.Fails)
                {
                    throw new FormatException("on purpose");
                }

                Array.Resize(ref _sums, input.Length);
                for (int i = 0; i < input.Length; i++)
                {
                    output[i] = _sums[i] += input[i];
                }
            }

            protected internal override void Reset() => Array.Clear(_sums);
        }
    }

    /// <summary>Makes three rows of each.</summary>
    private sealed class Wrong(Func<StreamState> newState) : BatchLayer
    {
        protected internal override Shape GetOutputShape(Shape input) => new(3 * input.Rows, input.Columns);

        protected internal override void Forward(ForwardPass pass) => pass.Output.Clear();

        protected internal override void Backward(BackwardPass pass) => throw new NotSupportedException();

        protected internal override StreamState NewStreamState() => newState();
    }
}
