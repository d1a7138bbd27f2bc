using System.Reflection;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx.Tests;

public class BadInputTests
{
    private static readonly Dictionary<string, (Action Call, Type Exception, string[] Says)> s_rows = new()
    {
        ["ExportOnnx(network)"] = (() => OnnxExtensions.ExportOnnx(null!, new MemoryStream()), typeof(ArgumentNullException), ["network"]),
        ["ExportOnnx(network) to a path"] = (() => OnnxExtensions.ExportOnnx(null!, "never"), typeof(ArgumentNullException), ["network"]),
        ["ExportOnnx(network) without layers"] = (
            () => Runtime.Export(new Network()), typeof(InvalidOperationException), ["no layers", "Add"]),
        ["ExportOnnx(network) with a layer of a user"] = (
            () => Runtime.Export(Fc().Add(new OwnLayer())), typeof(NotSupportedException), ["OwnLayer", "layers"]),
        ["ExportOnnx(network) that begins with a layer of a user"] = (
            () => Runtime.Export(new Network().Add(new OwnLayer()), Sized(1, 2, 1)), typeof(NotSupportedException), ["OwnLayer"]),
        ["ExportOnnx(network) with an activation of a user"] = (
            () => Runtime.Export(Fc().Add(new ActivationLayer(x => x + 1, x => x))),
            typeof(NotSupportedException),
            ["ActivationLayer(custom)", "Activations"]),
        ["ExportOnnx(network) with a weight beyond float32"] = (
            () => Runtime.Export(new Network().Add(new FCLayer(2, 1, Initializer.Constant(1e300)))),
            typeof(NotSupportedException),
            ["FCLayer(2 -> 1)", "Weights", "Float64"]),
        ["ExportOnnx(network) with a weight of NaN"] = (
            () => Runtime.Export(Nan()), typeof(InvalidOperationException), ["FCLayer(2 -> 1)", "NaN", "Weights"]),
        ["ExportOnnx(network) with a weight of NaN, in float64"] = (
            () => Runtime.Export(Nan(), new OnnxExportOptions { DataType = OnnxDataType.Float64 }),
            typeof(InvalidOperationException),
            ["FCLayer(2 -> 1)", "NaN", "Weights"]),
        ["ExportOnnx(network) with a variance that is 0 in float32"] = (
            () => Runtime.Export(Flat()), typeof(NotSupportedException), ["BatchNormLayer(2)", "float32", "Float64"]),
        ["ExportOnnx(network) of an unknown shape"] = (
            () => Runtime.Export(new Network().Add(new FlattenLayer())), typeof(ArgumentException), ["FlattenLayer", "InputShape"]),
        ["ExportOnnx(path) null"] = (() => Fc().ExportOnnx((string)null!), typeof(ArgumentNullException), ["path"]),
        ["ExportOnnx(path)"] = (() => Fc().ExportOnnx(""), typeof(ArgumentException), ["path"]),
        ["ExportOnnx(path) in no folder"] = (
            () => Fc().ExportOnnx(Path.Combine(Path.GetTempPath(), "NeuralNet.no.such.folder", "model.onnx")),
            typeof(DirectoryNotFoundException),
            ["no.such.folder"]),
        ["ExportOnnx(stream)"] = (() => Fc().ExportOnnx((Stream)null!), typeof(ArgumentNullException), ["stream"]),
        ["ExportOnnx(stream) to read"] = (
            () => Fc().ExportOnnx(new MemoryStream([], writable: false)), typeof(ArgumentException), ["stream", "written"]),
        ["Opset(value) low"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { Opset = 12 }), typeof(ArgumentException), ["Opset", "13 to 22", "12"]),
        ["Opset(value)"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { Opset = 23 }), typeof(ArgumentException), ["Opset", "13 to 22", "23"]),
        ["DataType(value)"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { DataType = (OnnxDataType)7 }),
            typeof(ArgumentException),
            ["Float32", "Float64", "7"]),
        ["InputName(value) null"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { InputName = null! }), typeof(ArgumentException), ["names"]),
        ["InputName(value)"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { InputName = "" }), typeof(ArgumentException), ["names"]),
        ["InputName(value) taken"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { InputName = "layer0.Weights" }),
            typeof(ArgumentException),
            ["layer0.Weights", "another name"]),
        ["OutputName(value)"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { OutputName = "input" }), typeof(ArgumentException), ["different", "input"]),
        ["OutputName(value) taken"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { OutputName = "layer0.Bias" }),
            typeof(ArgumentException),
            ["layer0.Bias", "another name"]),
        ["ProducerName(value)"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { ProducerName = null! }), typeof(ArgumentException), ["ProducerName"]),
        ["ProducerVersion(value)"] = (
            () => Runtime.Export(Fc(), new OnnxExportOptions { ProducerVersion = null! }), typeof(ArgumentException), ["ProducerVersion"]),
        ["InputShape(value)"] = (
            () => Runtime.Export(new Network().Add(new FlattenLayer()), Sized(0, 2, 1)),
            typeof(ArgumentException),
            ["InputShape", "0 x 2 x 1"]),
        ["InputShape(value) of another size"] = (
            () => Runtime.Export(Fc(), Sized(1, 3, 1)), typeof(ArgumentException), ["InputShape", "1 x 2 x 1", "1 x 3 x 1"]),
        ["InputShape(value) that no matrix holds"] = (
            () => Runtime.Export(new Network().Add(new FlattenLayer()), Sized(50_000, 50_000, 50_000)),
            typeof(ArgumentException),
            ["InputShape", "larger"]),
        ["InputShape(value) that does not fit"] = (
            () => Runtime.Export(new Network().Add(new FlattenLayer()).Add(new FCLayer(4, 1)), Sized(3, 3, 1)),
            typeof(ArgumentException),
            ["FCLayer(4 -> 1)"]),
        ["Add(write)"] = (() => new OnnxExportOptions().Add<OwnLayer>(null!), typeof(ArgumentNullException), ["write"]),
        ["AddActivation(activation)"] = (
            () => new OnnxExportOptions().AddActivation((ActivationFunction)null!, _ => { }),
            typeof(ArgumentNullException),
            ["activation"]),
        ["AddActivation(write)"] = (
            () => new OnnxExportOptions().AddActivation(Activations.Tanh, null!), typeof(ArgumentNullException), ["write"]),
        ["AddNode(type)"] = (() => InGraph(graph => graph.AddNode("")), typeof(ArgumentException), ["type"]),
        ["AddNode(inputs) null"] = (() => InGraph(graph => graph.AddNode("Relu", null!)), typeof(ArgumentNullException), ["inputs"]),
        ["AddNode(inputs)"] = (
            () => InGraph(graph => graph.AddNode("Relu", ["nowhere"])), typeof(ArgumentException), ["AddNode", "'nowhere'", "Value"]),
        ["AddNode(attributes)"] = (
            () => InGraph(graph => graph.AddNode("Relu", ["input"], null!)), typeof(ArgumentNullException), ["attributes"]),
        ["AddNode(attributes) with null"] = (
            () => InGraph(graph => graph.AddNode("Relu", ["input"], [null!])), typeof(ArgumentException),
            ["AddNode", "attributes[0]", "null"]),
        ["AddConstant(name)"] = (() => InGraph(graph => graph.AddConstant("", 1)), typeof(ArgumentException), ["name"]),
        ["AddConstant(value)"] = (
            () =>
                InGraph(graph => graph.AddConstant("Slope", double.NaN)), typeof(InvalidOperationException), ["OwnLayer", "Slope", "NaN"]),
        ["AddConstant(value) beyond float32"] = (
            () => InGraph(graph => graph.AddConstant("Slope", 1e300)), typeof(NotSupportedException), ["OwnLayer", "Slope", "Float64"]),
        ["AddConstant(values) null"] = (
            () => InGraph(graph => graph.AddConstant("Slope", (Matrix<double>)null!)), typeof(ArgumentNullException), ["values"]),
        ["AddConstant(values)"] = (
            () => InGraph(graph => graph.AddConstant("Slope", (IReadOnlyList<long>)null!)), typeof(ArgumentNullException), ["values"]),
        ["AddConstant(dimensions) null"] = (
            () => InGraph(graph => graph.AddConstant("Slope", Matrix<double>.Build.Dense(2, 3), null!)), typeof(ArgumentNullException),
            ["dimensions"]),
        ["AddConstant(dimensions)"] = (
            () => InGraph(graph => graph.AddConstant("Slope", Matrix<double>.Build.Dense(2, 3), 2, 2)), typeof(ArgumentException),
            ["2 x 3", "[2, 2]"]),
        ["AddConstant(dimensions) negative"] = (
            () => InGraph(graph => graph.AddConstant("Slope", Matrix<double>.Build.Dense(2, 3), -2, -3)), typeof(ArgumentException),
            ["2 x 3", "[-2, -3]"]),
        ["ToImage(shape)"] = (
            () => InGraph(graph => graph.ToImage(new Shape(2, 2))), typeof(InvalidOperationException),
            ["OwnLayer", "[N, 1, 2, 2]", "[N, 2]"]),
        ["SetRow(size)"] = (() => InGraph(graph => graph.SetRow(0)), typeof(ArgumentOutOfRangeException), ["size"]),
        ["SetSequence(size)"] = (
            () => InGraph(graph => graph.SetSequence(0)), typeof(ArgumentOutOfRangeException), ["SetSequence", "0"]),
        ["SetImage(shape)"] = (
            () => InGraph(graph => graph.SetImage(new Shape(2, 0))), typeof(ArgumentOutOfRangeException), ["SetImage", "2 x 0"]),
        ["OnnxAttribute(name)"] = (() => new OnnxAttribute("", 1), typeof(ArgumentException), ["name"]),
        ["OnnxAttribute(value)"] = (() => new OnnxAttribute("mode", (string)null!), typeof(ArgumentNullException), ["value"]),
        ["OnnxAttribute(values)"] = (() => new OnnxAttribute("axes", (long[])null!), typeof(ArgumentNullException), ["values"]),
        ["Add(type)"] = (() => new OnnxImportOptions().Add("", _ => null), typeof(ArgumentException), ["type"]),
        ["Add(type) twice"] = (
            () => new OnnxImportOptions().Add("Mul", _ => null).Add("Mul", _ => null), typeof(ArgumentException), ["Mul", "before"]),
        ["Add(read)"] = (() => new OnnxImportOptions().Add("Mul", null!), typeof(ArgumentNullException), ["read"]),
        ["Dimensions(input)"] = (() => Reading(node => node.Dimensions(3)), typeof(OnnxFormatException), ["/Mul_v0", "inputs"]),
        ["Dimensions(input) negative"] = (() => Reading(node => node.Dimensions(-1)), typeof(OnnxFormatException), ["/Mul_v0", "inputs"]),
        ["Constant(input)"] = (() => Reading(node => node.Constant(0)), typeof(OnnxFormatException), ["/Mul_v0", "no constant"]),
        ["Integers(input)"] = (() => Reading(node => node.Integers(1)), typeof(OnnxFormatException), ["/Mul_v0", "int64"]),
        ["IsConstant(input)"] = (
            () => Reading(node => node.IsConstant(-1).Should().BeFalse()), typeof(OnnxFormatException), ["/Mul_v0", "no layer"]),
        ["Attribute(name)"] = (() => Reading(node => node.Attribute(null!, 1L)), typeof(OnnxFormatException), ["/Mul_v0", "name"]),
        ["Attribute(fallback)"] = (
            () => Reading(node => node.Attribute("size", "")), typeof(OnnxFormatException), ["/Mul_v0", "'size'", "type"]),
        ["SetRow(size) of a node"] = (() => Reading(node => node.SetRow(0)), typeof(OnnxFormatException), ["/Mul_v0", "SetRow", "0"]),
        ["SetSequence(size) of a node"] = (
            () => Reading(node => node.SetSequence(0)), typeof(OnnxFormatException), ["/Mul_v0", "SetSequence", "0"]),
        ["SetImage(shape) of a node"] = (
            () => Reading(node => node.SetImage(new Shape(50_000, 50_000))),
            typeof(OnnxFormatException),
            ["/Mul_v0", "SetImage", "50000 x 50000"]),
        ["a hook that states another shape"] = (
            () => InGraph(graph => graph.SetRow(3)), typeof(InvalidOperationException), ["OwnLayer gives 1 x 2", "[N, 3]", "SetRow"]),
        ["ImportOnnx(path) null"] = (() => Network.ImportOnnx((string)null!), typeof(ArgumentNullException), ["path"]),
        ["ImportOnnx(path)"] = (() => Network.ImportOnnx(""), typeof(ArgumentException), ["path"]),
        ["ImportOnnx(path) that is not there"] = (
            () => Network.ImportOnnx(Path.Combine(Path.GetTempPath(), "NeuralNet.no.such.model.onnx")),
            typeof(FileNotFoundException),
            ["no.such.model"]),
        ["ImportOnnx(stream)"] = (() => Network.ImportOnnx((Stream)null!), typeof(ArgumentNullException), ["stream"]),
        ["ImportOnnx(stream) to write"] = (() => Network.ImportOnnx(new WriteOnlyStream()), typeof(ArgumentException), ["stream", "read"]),
        ["Import(path)"] = (() => OnnxModel.Import(""), typeof(ArgumentException), ["path"]),
        ["Import(stream)"] = (() => OnnxModel.Import((Stream)null!), typeof(ArgumentNullException), ["stream"]),
        ["Export(network)"] = (() => OnnxModel.Export(null!, new MemoryStream()), typeof(ArgumentNullException), ["network"]),
        ["Export(path)"] = (() => OnnxModel.Export(Fc(), ""), typeof(ArgumentException), ["path"]),
        ["Export(stream)"] = (() => OnnxModel.Export(Fc(), (Stream)null!), typeof(ArgumentNullException), ["stream"]),
        ["ImportOnnx(stream) without a model"] =
            (() => Network.ImportOnnx(new MemoryStream()), typeof(OnnxFormatException), ["no ONNX model, but empty"]),
    };

    /// <summary>Every value is taken: texts of any kind, and no options at all.</summary>
    private static readonly string[] s_accepted =
    [
        "ExportOnnx(options)", "Export(options)", "ImportOnnx(options)", "Import(options)", "DocString(value)",
        "OnnxFormatException(message)", "OnnxFormatException(innerException)",
    ];

    public static TheoryData<string> Names => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void BadInputIsRefusedInWords(string name)
    {
        var (call, type, says) = s_rows[name];

        var exception = Record.Exception(call);

        exception.Should().BeOfType(type);
        exception!.Message.Should().ContainAll(says);
    }

    [Fact]
    public void EveryOtherValueIsTaken()
    {
        Runtime.Export(Fc(), null).Should().NotBeEmpty();
        Runtime.Export(Fc(), new OnnxExportOptions { DocString = null }).Should().NotBeEmpty();
        Runtime.Export(Fc(), new OnnxExportOptions { DocString = "", ProducerName = "", ProducerVersion = "" }).Should().NotBeEmpty();
        new OnnxFormatException().Message.Should().NotBeEmpty();
        new OnnxFormatException(null).Message.Should().NotBeEmpty();
        new OnnxFormatException("why", null).Message.Should().Be("why");
    }

    [Fact]
    public void EveryPublicParameterHasARow()
    {
        var covered = s_rows.Keys.Where(key => key.Contains(')')).Select(key => key[..(key.IndexOf(')') + 1)]).Concat(s_accepted);
        var parameters = from type in typeof(OnnxExtensions).Assembly.GetExportedTypes().Where(type => !type.IsNested)
                         from method in type
                             .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                             .OfType<MethodBase>()
                         from parameter in method.GetParameters()
                         select $"{(method.IsConstructor ? type.Name : method.Name.Replace("set_", ""))}({parameter.Name})";

        covered.Distinct().Should().BeEquivalentTo(parameters.Distinct());
    }

    [Fact]
    public void AFileStaysWholeWhereItsSuccessorCannotBeMade()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        Fc().ExportOnnx(path);
        byte[] before = File.ReadAllBytes(path);

        FluentActions.Invoking(() => Fc().Add(new OwnLayer()).ExportOnnx(path)).Should().Throw<NotSupportedException>();

        File.ReadAllBytes(path).Should().Equal(before);
        folder.Names.Should().Equal("model.onnx");
    }

    [Fact]
    public void NothingIsLeftBehindWhereAFileCannotTakeItsPlace()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        Directory.CreateDirectory(path);

        Record.Exception(() => Fc().ExportOnnx(path)).Should().Match<Exception>(
            exception => exception is IOException || exception is UnauthorizedAccessException);

        folder.Names.Should().Equal("model.onnx");
    }

    [Fact]
    public void AFileThatIsThereIsReplaced()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        File.WriteAllBytes(path, new byte[100_000]);

        Fc().ExportOnnx(path);

        Network.ImportOnnx(path).Layers.Should().ContainSingle();
    }

    [Fact]
    public void AFileKeepsItsPermissionsAndALinkStaysAndLeadsToTheNewModel()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        File.WriteAllBytes(path, [1]);
        File.SetUnixFileMode(path, Mode);
        File.CreateSymbolicLink(folder.File("link.onnx"), "model.onnx");

        Fc().ExportOnnx(folder.File("link.onnx"));

        Network.ImportOnnx(path).Layers.Should().ContainSingle();
        File.GetUnixFileMode(path).Should().Be(Mode);
        new FileInfo(folder.File("link.onnx")).LinkTarget.Should().Be("model.onnx");
        File.SetAttributes(path, FileAttributes.ReadOnly);
        FluentActions.Invoking(() => Fc().ExportOnnx(path)).Should().Throw<UnauthorizedAccessException>();
        folder.Names.Should().BeEquivalentTo("model.onnx", "link.onnx");
        File.SetAttributes(path, FileAttributes.Normal);
    }

    private static Network Nan()
    {
        var layer = new FCLayer(2, 1);
        layer.Weights[1, 0] = double.NaN;
        return new Network().Add(layer);
    }

    private static Network Flat() =>
        new Network().Add(new BatchNormLayer(2, epsilon: 1e-50) { RunningVariance = Matrix<double>.Build.Dense(1, 2) });

    private static void Reading(Action<OnnxNode> read)
    {
        var m = new ModelBuilder(4);
        m.Node("Mul", [m.Weights(true, 4)], Attributes.Of("size", 4));
        Roundtrip.Import(m.Bytes(), new OnnxImportOptions().Add("Mul", node =>
        {
            read(node);
            return null;
        }));
    }

    private static void InGraph(Action<OnnxGraph> write) =>
        Runtime.Export(Fc().Add(new FCLayer(1, 2)).Add(new OwnLayer()), new OnnxExportOptions().Add<OwnLayer>((_, graph) => write(graph)));

    private static Network Fc() => new Network().Add(new FCLayer(2, 1));

    private static OnnxExportOptions Sized(int height, int width, int depth) => new() { InputShape = (height, width, depth) };

    private sealed class OwnLayer : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input * 2;

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => outputError * 2;
    }

    private sealed class WriteOnlyStream : MemoryStream
    {
        public override bool CanRead => false;
    }
}
