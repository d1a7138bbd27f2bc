using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx.Tests;

/// <summary>Layers and activations of a user's own, written by functions of the user's.</summary>
public class OwnLayerTests
{
    public static TheoryData<string, OnnxDataType> Names
    {
        get
        {
            var data = new TheoryData<string, OnnxDataType>();
            foreach (string name in s_networks.Keys)
            {
                data.Add(name, OnnxDataType.Float32);
                data.Add(name, OnnxDataType.Float64);
            }

            return data;
        }
    }

    private static readonly Dictionary<string, (Func<Network> Make, (int Height, int Width, int Depth) Input)> s_networks = new()
    {
        ["in a chain"] = (() => new Network().Add(new FCLayer(5, 4)).Add(new ScaleLayer(4)).Add(new FCLayer(4, 3)), (1, 5, 1)),
        ["at the beginning"] = (() => new Network().Add(new ScaleLayer(4)).Add(new FCLayer(4, 3)), (1, 4, 1)),
        ["at the end"] = (() => new Network().Add(new FCLayer(5, 4)).Add(new ScaleLayer(4)), (1, 5, 1)),
        ["twice"] = (() => new Network().Add(new FCLayer(5, 4)).Add(new ScaleLayer(4)).Add(new ScaleLayer(4)), (1, 5, 1)),
        ["within branches"] = (
            () => new Network().Add(new ResidualLayer(
                [new ConcatenateLayer([new FCLayer(4, 2)], [new ScaleLayer(4), new FCLayer(4, 2)])], [new ScaleLayer(4)])),
            (1, 4, 1)),
        ["behind an image of one row"] = (
            () => new Network().Add(new MaxPoolLayer((1, 3, 2), (1, 2), (1, 1))).Add(new ScaleLayer(4)), (1, 3, 2)),
        ["that changes the shape"] = (
            () => new Network().Add(new MaxPoolLayer((3, 3, 2), (2, 2), (1, 1))).Add(new MeanOfRows()).Add(new FCLayer(4, 2)), (3, 3, 2)),
        ["that gives an image"] = (
            () => new Network().Add(new FCLayer(5, 4)).Add(new AsTable()).Add(new MaxPoolLayer((2, 2, 1), (1, 2), (1, 1))), (1, 5, 1)),
        ["before layers that take its planes for others"] = (
            () => new Network().Add(new Doubled()).Add(new MaxPoolLayer((4, 2, 3), (2, 1), (1, 1)))
                .Add(new Doubled()).Add(new MaxPoolLayer((3, 6, 1), (2, 2))),
            (4, 3, 2)),
        ["an activation"] = (
            () => new Network().Add(new FCLayer(5, 4)).Add(new ActivationLayer(Cube, CubePrime)).Add(new FCLayer(4, 2)), (1, 5, 1)),
        ["an activation at the beginning, of images"] = (
            () => new Network().Add(new ActivationLayer(Cube, CubePrime)).Add(new ConvLayer((3, 3, 2), (2, 2), 2)), (3, 3, 2)),
        ["an activation in place of the library's"] = (
            () => new Network().Add(new FCLayer(5, 4)).Add(new ActivationLayer(Activations.Elu, Activations.EluPrime)), (1, 5, 1)),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void TheRuntimePredictsTheSame(string name, OnnxDataType type)
    {
        var (make, input) = s_networks[name];
        var network = make();
        var samples = Case.Draw(input, 7, 4);

        using var runtime = new Runtime(Runtime.Export(network, Options(type, input)));

        runtime.Run(samples).ShouldBeNear(network.Predict(samples), type == OnnxDataType.Float32 ? 1e-5 : 1e-12);
    }

    [Fact]
    public void WhatIsMadeOfKnownOperatorsComesBackAsTheLibrarysLayers()
    {
        var network = new Network().Add(new FCLayer(5, 4)).Add(new Rotated(4));
        var samples = Case.Draw((1, 5, 1), 3, 4);

        var again = Roundtrip.Of(network, Options(OnnxDataType.Float64, (1, 5, 1)));

        again.Predict(samples).ShouldBeNear(network.Predict(samples), 1e-12);
        again.Layers.Should().AllBeOfType<FCLayer>().And.HaveCount(2);
    }

    [Fact]
    public void NodesComeBackAsLayersOfTheUsersWhereTheOptionsSaySo()
    {
        var network = new Network().Add(new FCLayer(5, 4)).Add(new ResidualLayer([new ScaleLayer(4)])).Add(new ScaleLayer(4))
            .Add(new FCLayer(4, 2));
        var samples = Case.Draw((1, 5, 1), 3, 4);
        byte[] model = Runtime.Export(network, Options(OnnxDataType.Float64, (1, 5, 1)));
        var seen = new List<(string, string, Shape, bool, int, bool, bool)>();

        var again = Roundtrip.Import(model, new OnnxImportOptions().Add("Mul", node =>
        {
            seen.Add((node.Name, node.Type, node.Shape, node.IsRow, node.InputCount, node.IsConstant(1), node.IsConstant(0)));
            node.Constant(1).Should().Be(((ScaleLayer)network.Layers[2]).Factors);
            return new ScaleLayer(node.Constant(1).ColumnCount);
        }));

        again.Predict(samples).ShouldBeTheSameBitsAs(network.Predict(samples));
        again.Layers.Select(layer => layer.GetType()).Should().Equal(network.Layers.Select(layer => layer.GetType()));
        seen.Should().Equal(
            ("layer1.body.0.Mul", "Mul", Shape.Row(4), true, 2, true, false), ("layer2.Mul", "Mul", Shape.Row(4), true, 2, true, false));
    }

    [Fact]
    public void ALayerOfTheUsersMayGiveAnotherShapeAndLeaveNodesToTheLibrary()
    {
        var m = new ModelBuilder(2, 3, 3);
        m.Node("ReduceMean", null, Attributes.OfMany("axes", 2), Attributes.Of("keepdims", 1)).Node("Relu");
        m.Node("Flatten").Node("MatMul", [m.Weights(true, 6, 2)]);
        var options = new OnnxImportOptions()
            .Add("ReduceMean", node =>
            {
                (node.Attribute("axes", []), node.Attribute("keepdims", 0L)).Should().BeEquivalentTo(((long[])[2], 1L));
                node.SetImage(new Shape(1, node.Shape.Width, node.Shape.Depth));
                return new MeanOfRows();
            })
            .Add("Relu", _ => null);
        var samples = Case.Draw((3, 3, 2), 3, 4);
        using var runtime = new Runtime(m.Bytes());

        Roundtrip.Import(m.Bytes(), options).Predict(samples).ShouldBeNear(runtime.Run(samples), 1e-5);
    }

    [Fact]
    public void ANodeOfAnotherDomainComesBack()
    {
        var m = new ModelBuilder(4).Node("Scale", null, Attributes.Of("size", 4));
        m.Model.Graph.Node[0].Domain = "com.me";

        var options = new OnnxImportOptions().Add("com.me:Scale", node => new ScaleLayer((int)node.Attribute("size", 1L)));

        var network = Roundtrip.Import(m.Bytes(), options);

        network.Layers.Should().ContainSingle().Which.Should().BeOfType<ScaleLayer>();
    }

    [Fact]
    public void ANodeThatTheUsersFunctionDoesNotUnderstandIsRefusedByName()
    {
        OnnxImportOptions Reads(Func<OnnxNode, Layer> read) => new OnnxImportOptions().Add("Mul", read);
        var m = new ModelBuilder(4);
        m.Node("Mul", [m.Weights(true, 4)], Attributes.Of("speed", 1));
        var product = new ModelBuilder(4).Node("Relu").Node("Mul", ["x"]);
        var constant = new ModelBuilder(4).Node("Mul", ["x"]);
        var thrown = new ModelBuilder(4);
        thrown.Node("Mul", [thrown.Weights(true, 4)]);

        void Refused(ModelBuilder model, Func<OnnxNode, Layer> read, string says) =>
            FluentActions.Invoking(() => Roundtrip.Import(model.Bytes(), Reads(read)))
                .Should().Throw<OnnxFormatException>().WithMessage(says);

        Refused(m, _ => new ScaleLayer(4), "*/Mul_v0*speed*");
        Refused(product, _ => new ScaleLayer(4), "*/Mul_v1*another value*");
        Refused(constant, node => new ScaleLayer(node.Constant(1).ColumnCount), "*/Mul_v0*no constant*");
        Refused(thrown, _ => new FCLayer(0, 1), "*/Mul_v0*makes no layer*FCLayer*");
    }

    [Fact]
    public void AnActivationOverSpansIsWrittenAsItsNodes()
    {
        var sine = ActivationFunction.Create("Sine", TensorPrimitives.Sin, (x, _, derivative) => TensorPrimitives.Cos(x, derivative));
        var network = new Network().Add(new FCLayer(5, 4)).Add(new ActivationLayer(sine));
        var samples = Case.Draw((1, 5, 1), 3, 4);

        using var runtime = new Runtime(
            Runtime.Export(network, new OnnxExportOptions().AddActivation(sine, graph => graph.AddNode("Sin"))));

        network.Predict(samples).ShouldBeNear(runtime.Run(samples), 1e-5);
    }

    [Fact]
    public void WhatTheLibraryHasNoLayerForIsRefusedByTheNodesName() =>
        FluentActions.Invoking(() => Roundtrip.Of(s_networks["in a chain"].Make(), Options(OnnxDataType.Float32, (1, 5, 1))))
            .Should().Throw<OnnxFormatException>().WithMessage("*'layer1.Mul'*(Mul)*");

    [Fact]
    public void AnExceptionOfTheUsersPassesThrough()
    {
        var options = new OnnxExportOptions().Add<ScaleLayer>((_, _) => throw new FormatException("mine"));

        FluentActions.Invoking(() => Runtime.Export(s_networks["in a chain"].Make(), options))
            .Should().Throw<FormatException>().WithMessage("mine");
    }

    [Fact]
    public void TheGraphSaysWhatComesIn()
    {
        var seen = new List<(string, Shape, bool, int, OnnxDataType)>();
        var options = new OnnxExportOptions { Opset = 15 }.Add<Doubled>((_, graph) =>
            seen.Add((graph.Value, graph.Shape, graph.IsRow, graph.Opset, graph.DataType)));
        var network = new Network().Add(new MaxPoolLayer((3, 3, 2), (2, 2), (1, 1))).Add(new Doubled()).Add(new FlattenLayer(2))
            .Add(new Doubled());

        Runtime.Export(network, options);

        seen.Should().Equal(
            ("layer0.MaxPool", new Shape(2, 2, 2), false, 15, OnnxDataType.Float32),
            ("layer2.Flatten", new Shape(1, 8), true, 15, OnnxDataType.Float32));
    }

    [Fact]
    public void AMatrixIsWrittenRowByRowAndAttributesAsTheyAre()
    {
        var options = new OnnxExportOptions().Add<ScaleLayer>((_, graph) => graph.AddNode(
            "Anything",
            [
                graph.Value,
                "",
                graph.AddConstant("M", Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 2 }, { 3, 4 } }), 4),
                graph.AddConstant("S", (long[])[7, 8]),
            ],
            new OnnxAttribute("f", 0.5f),
            new OnnxAttribute("i", 3),
            new OnnxAttribute("s", "text"),
            new OnnxAttribute("list", [1, 2])));

        var graph = Wire.Model(Runtime.Export(s_networks["in a chain"].Make(), options)).Graph;

        var node = graph.Node.Single(node => node.OpType == "Anything");
        node.Input.Should().Equal("layer0.Gemm", "", "layer1.M", "layer1.S");
        node.Attribute.Select(attribute => attribute.Name).Should().Equal("f", "i", "s", "list");
        (node.Attribute[0].F, node.Attribute[1].I, node.Attribute[2].S.ToStringUtf8()).Should().Be((0.5f, 3, "text"));
        node.Attribute[3].Ints.Should().Equal(1, 2);
        node.Attribute.Select(attribute => attribute.Type).Should().Equal(1, 2, 3, 7);
        var m = graph.Initializer.Single(tensor => tensor.Name == "layer1.M");
        m.Dims.Should().Equal(4);
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(m.RawData.Span).ToArray().Should().Equal(1, 2, 3, 4);
    }

    private static OnnxExportOptions Options(OnnxDataType type, (int Height, int Width, int Depth) input) =>
        new OnnxExportOptions { DataType = type, InputShape = input }
            .Add<ScaleLayer>((layer, graph) =>
            {
                graph.ToRow();
                graph.AddNode("Mul", [graph.Value, graph.AddConstant("Factors", layer.Factors)]);
            })
            .Add<Rotated>((layer, graph) => graph.AddNode("MatMul", [graph.Value, graph.AddConstant("Matrix", layer.Matrix)]))
            .Add<MeanOfRows>((_, graph) =>
            {
                graph.AddNode("ReduceMean", [graph.Value], new OnnxAttribute("axes", [2]), new OnnxAttribute("keepdims", 1));
                graph.SetImage(new Shape(1, graph.Shape.Width, graph.Shape.Depth));
            })
            .Add<AsTable>((_, graph) =>
            {
                graph.AddNode("Reshape", [graph.Value, graph.AddConstant("Shape", (long[])[-1, 1, 2, 2])]);
                graph.AddNode("Transpose", [graph.Value], new OnnxAttribute("perm", [0, 1, 3, 2]));
                graph.SetImage(new Shape(2, 2));
            })
            .Add<Doubled>((_, graph) => graph.AddNode("Mul", [graph.Value, graph.AddConstant("Two", 2)]))
            .AddActivation(Cube, graph =>
            {
                string x = graph.Value;
                graph.AddNode("Mul", [graph.AddNode("Mul", [x, x]), x]);
            })
            .AddActivation(Activations.Elu, graph =>
            {
                // max(x, 0) + (exp(min(x, 0)) - 1)
                string x = graph.Value;
                string zero = graph.AddConstant("Zero", 0);
                string exponential = graph.AddNode("Exp", [graph.AddNode("Min", [x, zero])]);
                string below = graph.AddNode("Sub", [exponential, graph.AddConstant("One", 1)]);
                graph.AddNode("Add", [graph.AddNode("Max", [x, zero]), below]);
            });

    private static Matrix<double> Cube(Matrix<double> x) => x.Map(value => value * value * value);

    private static Matrix<double> CubePrime(Matrix<double> x) => x.Map(value => 3 * value * value);

    private sealed class Rotated(int size) : Own(x => x * Turn(size))
    {
        public Matrix<double> Matrix => Turn(size);

        private static Matrix<double> Turn(int size) => Matrix<double>.Build.Dense(size, size, (row, column) => row + (2 * column) - 3);
    }

    private sealed class MeanOfRows() : Own(x => (x.ColumnSums() / x.RowCount).ToRowMatrix());

    private sealed class AsTable() : Own(x => Matrix<double>.Build.Dense(2, 2, x.ToColumnMajorArray()));

    private sealed class Doubled() : Own(x => x * 2);

    /// <summary>A layer with the article's two methods.</summary>
    private abstract class Own(Func<Matrix<double>, Matrix<double>> function) : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => function(input);

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) =>
            throw new NotSupportedException();
    }

    /// <summary>A layer on the open contract: each value times a factor of its own.</summary>
    private sealed class ScaleLayer(int size) : BatchLayer
    {
        public Matrix<double> Factors { get; } = Matrix<double>.Build.Dense(1, size, (_, column) => 0.5 + column);

        protected override Shape? ExpectedInput => Shape.Row(size);

        protected override Shape GetOutputShape(Shape input) => Shape.Row(size);

        protected override void Forward(ForwardPass pass)
        {
            for (int i = 0; i < pass.Input.Length; i++)
            {
                pass.Output[i] = pass.Input[i] * Factors[0, i % size];
            }
        }

        protected override void Backward(BackwardPass pass)
        {
            for (int i = 0; i < pass.OutputError.Length; i++)
            {
                pass.InputError[i] = pass.OutputError[i] * Factors[0, i % size];
            }
        }
    }
}
