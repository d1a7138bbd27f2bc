using System.Reflection;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx.Tests;

public class BadInputTests
{
    private static readonly Dictionary<string, (Action Call, Type Exception, string[] Says)> s_rows = new()
    {
        ["ExportOnnx(network)"] = (() => OnnxExtensions.ExportOnnx(null!, new MemoryStream()), typeof(ArgumentNullException), ["network"]),
        ["ExportOnnx(network) to a path"] = (() => OnnxExtensions.ExportOnnx(null!, "never"), typeof(ArgumentNullException), ["network"]),
        ["ExportOnnx(network) without layers"] = (() => Runtime.Export(new Network()), typeof(InvalidOperationException), ["no layers", "Add"]),
        ["ExportOnnx(network) with a layer of a user"] = (() => Runtime.Export(Fc().Add(new OwnLayer())), typeof(NotSupportedException), ["OwnLayer", "layers"]),
        ["ExportOnnx(network) that begins with a layer of a user"] = (() => Runtime.Export(new Network().Add(new OwnLayer()), Sized(1, 2, 1)), typeof(NotSupportedException), ["OwnLayer"]),
        ["ExportOnnx(network) with an activation of a user"] = (() => Runtime.Export(Fc().Add(new ActivationLayer(x => x + 1, x => x))), typeof(NotSupportedException), ["ActivationLayer(custom)", "Activations"]),
        ["ExportOnnx(network) with a weight beyond float32"] = (() => Runtime.Export(new Network().Add(new FCLayer(2, 1, Initializer.Constant(1e300)))), typeof(NotSupportedException), ["FCLayer(2 -> 1)", "Weights", "Float64"]),
        ["ExportOnnx(network) with a weight of NaN"] = (() => Runtime.Export(Nan()), typeof(InvalidOperationException), ["FCLayer(2 -> 1)", "NaN", "Weights"]),
        ["ExportOnnx(network) with a weight of NaN, in float64"] = (() => Runtime.Export(Nan(), new OnnxExportOptions { DataType = OnnxDataType.Float64 }), typeof(InvalidOperationException), ["FCLayer(2 -> 1)", "NaN", "Weights"]),
        ["ExportOnnx(network) with a variance that is 0 in float32"] = (() => Runtime.Export(Flat()), typeof(NotSupportedException), ["BatchNormLayer(2)", "float32", "Float64"]),
        ["ExportOnnx(network) of an unknown shape"] = (() => Runtime.Export(new Network().Add(new FlattenLayer())), typeof(ArgumentException), ["FlattenLayer", "InputShape"]),
        ["ExportOnnx(path) null"] = (() => Fc().ExportOnnx((string)null!), typeof(ArgumentNullException), ["path"]),
        ["ExportOnnx(path)"] = (() => Fc().ExportOnnx(""), typeof(ArgumentException), ["path"]),
        ["ExportOnnx(path) in no folder"] = (() => Fc().ExportOnnx(Path.Combine(Path.GetTempPath(), "NeuralNet.no.such.folder", "model.onnx")), typeof(DirectoryNotFoundException), ["no.such.folder"]),
        ["ExportOnnx(stream)"] = (() => Fc().ExportOnnx((Stream)null!), typeof(ArgumentNullException), ["stream"]),
        ["ExportOnnx(stream) to read"] = (() => Fc().ExportOnnx(new MemoryStream([], writable: false)), typeof(ArgumentException), ["stream", "written"]),
        ["Opset(value) low"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { Opset = 12 }), typeof(ArgumentException), ["Opset", "13 to 22", "12"]),
        ["Opset(value)"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { Opset = 23 }), typeof(ArgumentException), ["Opset", "13 to 22", "23"]),
        ["DataType(value)"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { DataType = (OnnxDataType)7 }), typeof(ArgumentException), ["Float32", "Float64", "7"]),
        ["InputName(value) null"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { InputName = null! }), typeof(ArgumentException), ["names"]),
        ["InputName(value)"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { InputName = "" }), typeof(ArgumentException), ["names"]),
        ["InputName(value) taken"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { InputName = "layer0.Weights" }), typeof(ArgumentException), ["layer0.Weights", "another name"]),
        ["OutputName(value)"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { OutputName = "input" }), typeof(ArgumentException), ["different", "input"]),
        ["OutputName(value) taken"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { OutputName = "layer0.Bias" }), typeof(ArgumentException), ["layer0.Bias", "another name"]),
        ["ProducerName(value)"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { ProducerName = null! }), typeof(ArgumentException), ["ProducerName"]),
        ["ProducerVersion(value)"] = (() => Runtime.Export(Fc(), new OnnxExportOptions { ProducerVersion = null! }), typeof(ArgumentException), ["ProducerVersion"]),
        ["InputShape(value)"] = (() => Runtime.Export(new Network().Add(new FlattenLayer()), Sized(0, 2, 1)), typeof(ArgumentException), ["InputShape", "0 x 2 x 1"]),
        ["InputShape(value) of another size"] = (() => Runtime.Export(Fc(), Sized(1, 3, 1)), typeof(ArgumentException), ["InputShape", "1 x 2 x 1", "1 x 3 x 1"]),
        ["InputShape(value) that no matrix holds"] = (() => Runtime.Export(new Network().Add(new FlattenLayer()), Sized(50_000, 50_000, 50_000)), typeof(ArgumentException), ["InputShape", "larger"]),
        ["InputShape(value) that does not fit"] = (() => Runtime.Export(new Network().Add(new FlattenLayer()).Add(new FCLayer(4, 1)), Sized(3, 3, 1)), typeof(ArgumentException), ["FCLayer(4 -> 1)"]),
        ["ImportOnnx(path) null"] = (() => Network.ImportOnnx((string)null!), typeof(ArgumentNullException), ["path"]),
        ["ImportOnnx(path)"] = (() => Network.ImportOnnx(""), typeof(ArgumentException), ["path"]),
        ["ImportOnnx(path) that is not there"] = (() => Network.ImportOnnx(Path.Combine(Path.GetTempPath(), "NeuralNet.no.such.model.onnx")), typeof(FileNotFoundException), ["no.such.model"]),
        ["ImportOnnx(stream)"] = (() => Network.ImportOnnx((Stream)null!), typeof(ArgumentNullException), ["stream"]),
        ["ImportOnnx(stream) to write"] = (() => Network.ImportOnnx(new WriteOnlyStream()), typeof(ArgumentException), ["stream", "read"]),
        ["Import(path)"] = (() => OnnxModel.Import(""), typeof(ArgumentException), ["path"]),
        ["Import(stream)"] = (() => OnnxModel.Import((Stream)null!), typeof(ArgumentNullException), ["stream"]),
        ["Export(network)"] = (() => OnnxModel.Export(null!, new MemoryStream()), typeof(ArgumentNullException), ["network"]),
        ["Export(path)"] = (() => OnnxModel.Export(Fc(), ""), typeof(ArgumentException), ["path"]),
        ["Export(stream)"] = (() => OnnxModel.Export(Fc(), (Stream)null!), typeof(ArgumentNullException), ["stream"]),
        ["ImportOnnx(stream) without a model"] = (() => Network.ImportOnnx(new MemoryStream()), typeof(OnnxFormatException), ["no graph"]),
    };

    /// <summary>Every value is taken: texts of any kind, and no options at all.</summary>
    private static readonly string[] s_accepted =
    [
        "ExportOnnx(options)", "Export(options)", "DocString(value)", "OnnxFormatException(message)",
        "OnnxFormatException(innerException)",
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
        var covered = s_rows.Keys.Select(key => key[..(key.IndexOf(')') + 1)]).Concat(s_accepted);
        var parameters = from type in typeof(OnnxExtensions).Assembly.GetExportedTypes().Where(type => !type.IsNested)
                         from method in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).OfType<MethodBase>()
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

        Record.Exception(() => Fc().ExportOnnx(path)).Should().Match<Exception>(exception => exception is IOException || exception is UnauthorizedAccessException);

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
    public void AFileKeepsItsPermissionsAndALinkIsReplaced()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        Fc().ExportOnnx(path);
        byte[] before = File.ReadAllBytes(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(folder.File("link.onnx"), path);

        Fc().ExportOnnx(folder.File("link.onnx"));

        File.ReadAllBytes(path).Should().Equal(before);
        Fc().ExportOnnx(path);
        File.GetUnixFileMode(path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        folder.Names.Should().BeEquivalentTo("model.onnx", "link.onnx");
    }

    private static Network Nan()
    {
        var layer = new FCLayer(2, 1);
        layer.Weights[1, 0] = double.NaN;
        return new Network().Add(layer);
    }

    private static Network Flat() => new Network().Add(new BatchNormLayer(2, epsilon: 1e-50) { RunningVariance = Matrix<double>.Build.Dense(1, 2) });

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
