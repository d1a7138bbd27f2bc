using System.ComponentModel;
using System.Diagnostics;
using NeuralNet.Tests.Data;
using Xunit.Abstractions;

namespace NeuralNet.Tests.Models;

/// <summary>The other side of the format, in as few lines of Python's standard library as it takes.</summary>
public class PythonTests(ITestOutputHelper output)
{
    private const string Reader = """
        import json, struct, sys
        data = open(sys.argv[1], 'rb').read()
        length = struct.unpack('<Q', data[:8])[0]
        header = json.loads(data[8:8 + length])
        print(json.dumps(header.pop('__metadata__')['format']))
        for name, entry in header.items():
            begin, end = entry['data_offsets']
            values = struct.unpack('<%dd' % ((end - begin) // 8), data[8 + length + begin:8 + length + end])
            print(name, entry['dtype'], *entry['shape'], *(value.hex() for value in values))
        """;

    private const string Writer = """
        import json, struct, sys
        weight = struct.pack('<6f', 1, 2, 3, 4, 5, 6)
        bias = struct.pack('<2e', 0.5, -0.25)
        header = json.dumps({'__metadata__': {'format': 'pt'},
            'fc1.weight': {'dtype': 'F32', 'shape': [2, 3], 'data_offsets': [0, 24]},
            'fc1.bias': {'dtype': 'F16', 'shape': [2], 'data_offsets': [24, 28]}}).encode()
        header += b' ' * (-len(header) % 8)
        open(sys.argv[1], 'wb').write(struct.pack('<Q', len(header)) + header + weight + bias)
        """;

    [Fact]
    public void PythonReadsOurFile()
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        var network = new Network().Add(new FCLayer(2, 3));
        double[] values = [1, -2, 0.5, 3, 1.0 / 3, -0.0];
        ((FCLayer)network.Layers[0]).Weights.SetSubMatrix(
            0, 0, MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfRowMajor(2, 3, values));
        ((FCLayer)network.Layers[0]).Bias = Draw.Row(0, 1, 2);
        network.Save(path);

        if (Run(Reader, path) is { } printed)
        {
            printed.Should().Equal(
                "\"NeuralNet\"",
                "layers.0.Weights F64 2 3 0x1.0000000000000p+0 -0x1.0000000000000p+1 0x1.0000000000000p-1 0x1.8000000000000p+1 "
                + "0x1.5555555555555p-2 -0x0.0p+0",
                "layers.0.Bias F64 1 3 0x0.0p+0 0x1.0000000000000p+0 0x1.0000000000000p+1");
        }
    }

    [Fact]
    public void WeReadPythonsFile()
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        var network = new Network().Add(new FCLayer(3, 2));

        if (Run(Writer, path) is not null)
        {
            network.LoadWeights(path);
            network.Predict(Draw.Row(1, 10, 100)).Should().BeEquivalentTo(Draw.Row(321.5, 653.75));
        }
    }

    /// <summary>What a script prints; null, and a line that says why, where there is no Python 3.</summary>
    private string[]? Run(string script, string argument)
    {
        try
        {
            using var python = Process.Start(
                new ProcessStartInfo("python3", ["-c", script, argument]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = python.StandardError.ReadToEndAsync();
            string printed = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            python.ExitCode.Should().Be(0, errors.Result);
            return printed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        catch (Win32Exception e)
        {
            output.WriteLine($"Not compared with Python, which this machine does not start: {e.Message}");
            return null;
        }
    }
}
