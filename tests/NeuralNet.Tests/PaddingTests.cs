namespace NeuralNet.Tests;

public class PaddingTests
{
    /// <summary>Outputs by stride and size: the size over the stride, rounded up.</summary>
    public static TheoryData<int, int[]> SameOutputs => new()
    {
        { 1, [1, 2, 3, 4, 5, 6, 7, 8, 9] },
        { 2, [1, 1, 2, 2, 3, 3, 4, 4, 5] },
        { 3, [1, 1, 1, 2, 2, 2, 3, 3, 3] },
    };

    [Theory]
    [MemberData(nameof(SameOutputs))]
    public void SameGivesTheSizeOverTheStrideRoundedUp(int stride, int[] outputs)
    {
        for (int size = 1; size <= outputs.Length; size++)
        {
            for (int kernel = 1; kernel <= 5; kernel++)
            {
                // Rows in one layer, columns in the other, with a plain axis beside them.
                new ConvLayer((size, 2, 1), (kernel, 1), 1, (stride, 1), Padding.Same).OutputShape
                    .Should().Be((outputs[size - 1], 2, 1), "that is {0} rows with stride {1}, kernel {2}", size, stride, kernel);
                new ConvLayer((2, size, 1), (1, kernel), 1, (1, stride), Padding.Same).OutputShape
                    .Should().Be((2, outputs[size - 1], 1), "that is {0} columns with stride {1}, kernel {2}", size, stride, kernel);
            }
        }
    }

    /// <summary>
    /// TensorFlow words its rule otherwise: kernel - stride zeros where the stride divides the size, else kernel - (size mod stride), none
    /// below 0; the half rounded down comes first.
    /// </summary>
    [Fact]
    public void SamePutsTensorFlowsZerosAroundTheInput()
    {
        for (int size = 1; size <= 9; size++)
        {
            for (int kernel = 1; kernel <= 5; kernel++)
            {
                for (int stride = 1; stride <= 3; stride++)
                {
                    int zeros = Math.Max(size % stride == 0 ? kernel - stride : kernel - (size % stride), 0);
                    double[] padded =
                        [.. new double[zeros / 2], .. Enumerable.Range(1, size).Select(i => (double)i), .. new double[zeros - (zeros / 2)]];
                    double[] weights = [.. Enumerable.Range(0, kernel).Select(i => Math.Pow(10, i))];
                    double[] expected = [.. Enumerable.Range(0, (size + stride - 1) / stride)
                        .Select(at => weights.Select((w, i) => w * padded[(at * stride) + i]).Sum())];

                    var down = new ConvLayer((size, 1, 1), (kernel, 1), 1, (stride, 1), Padding.Same)
                    {
                        Weights = Matrices.Of(weights).Transpose(),
                        Bias = Matrices.Of([0])
                    };
                    var across = new ConvLayer((1, size, 1), (1, kernel), 1, (1, stride), Padding.Same)
                    {
                        Weights = Matrices.Of(weights).Transpose(),
                        Bias = Matrices.Of([0])
                    };
                    var x = Draw.Row([.. Enumerable.Range(1, size).Select(i => (double)i)]);

                    across.Predict(x).ShouldBeBitForBit(Draw.Row(expected), $"size {size}, kernel {kernel}, stride {stride}");
                    down.Predict(x.Transpose())
                        .ShouldBeBitForBit(Draw.Row(expected).Transpose(), $"size {size}, kernel {kernel}, stride {stride}");
                }
            }
        }
    }

    [Fact]
    public void AnOddZeroComesBelowAndOnTheRight()
    {
        var layer = new ConvLayer((2, 3, 1), (2, 2), 1, (1, 1), Padding.Same)
        {
            Weights = Matrices.Of([1, 10, 100, 1000]).Transpose(),
            Bias = Matrices.Of([0])
        };

        layer.Predict(Matrices.Of([1, 2, 3], [4, 5, 6])).ShouldBeBitForBit(Matrices.Of([5421, 6532, 603], [54, 65, 6]));
    }

    [Fact]
    public void NumbersAreZerosOnBothSides()
    {
        var layer = new ConvLayer((1, 2, 1), (1, 2), 1, (1, 1), new Padding(1, 2))
        {
            Weights = Matrices.Of([1, 10]).Transpose(),
            Bias = Matrices.Of([0.5])
        };

        layer.OutputShape.Should().Be((3, 5, 1));
        layer.Predict(Matrices.Of([3, 4]))
            .ShouldBeBitForBit(Matrices.Of([0.5, 0.5, 0.5, 0.5, 0.5], [0.5, 30.5, 43.5, 4.5, 0.5], [0.5, 0.5, 0.5, 0.5, 0.5]));
    }

    [Fact]
    public void ZerosAndTheShapeOfTheOutputAreThereForOnesOwnLayers()
    {
        var input = new Shape(5, 6, 2);

        Padding.Same.GetZeros(input, (4, 3), (1, 2)).Should().Be((1, 2, 0, 1), "an odd zero comes below and on the right");
        Padding.Same.GetOutputShape(input, (4, 3), (1, 2)).Should().Be(new Shape(5, 3, 2));
        new Padding(1, 3).GetZeros(input, (4, 3), (1, 2)).Should().Be((1, 1, 3, 3));
        new Padding(1, 3).GetOutputShape(input, (4, 3), (1, 2)).Should().Be(new Shape(4, 5, 2));
        Padding.Valid.GetZeros(input, (5, 6), (7, 7)).Should().Be((0, 0, 0, 0));
        Padding.Valid.GetOutputShape(input, (5, 6), (7, 7)).Should().Be(new Shape(1, 1, 2));
    }

    [Fact]
    public void ANumberIsAPaddingOnAllSidesAndZeroIsValid()
    {
        Padding three = 3;

        (three.Rows, three.Columns).Should().Be((3, 3));
        three.Should().Be(new Padding(3)).And.Be(new Padding(3, 3)).And.NotBe(new Padding(3, 2));
        new Padding(0).Should().Be(Padding.Valid).And.Be(default(Padding)).And.NotBe(Padding.Same);
        (Padding.Same.Rows, Padding.Same.Columns).Should().Be((0, 0));
    }

    [Fact]
    public void PaddingsPrintTheirKindOrNumbers()
    {
        Padding.Same.ToString().Should().Be("same");
        Padding.Valid.ToString().Should().Be("valid");
        new Padding(2).ToString().Should().Be("2 x 2");
        new Padding(0, 3).ToString().Should().Be("0 x 3");
    }
}
