using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;
using NeuralNet.Onnx.Operators;

namespace NeuralNet.Onnx;

/// <summary>Makes the ONNX model of a network: one or a few nodes for each layer.</summary>
internal static class Exporter
{
    private const long FirstIrVersionOfFunctions = 8;

    /// <exception cref="NotSupportedException">ONNX has no operator for a layer.</exception>
    public static ModelProto Model(Network network, OnnxExportOptions options)
    {
        Check(network, options);
        var operators = new OperatorList(options.Own);
        var input = InputForm(network, options, operators);
        var graph = new OnnxGraph(options, operators, input);
        graph.Write(network.Layers, "layer");
        if (graph.Value == options.InputName)
        {
            graph.AddNode("Identity");
        }

        RefuseTakenNames(graph, options);
        graph.Graph.Node[^1].Output[0] = options.OutputName;
        graph.Graph.Input.Add(Info(options.InputName, input, options));
        graph.Graph.Output.Add(Info(options.OutputName, graph.Form, options));
        var model = new ModelProto
        {
            IrVersion = IrVersion(options.Opset),
            ProducerName = options.ProducerName,
            ProducerVersion = options.ProducerVersion,
            DocString = options.DocString ?? network.ToString(),
            OpsetImport = { new OperatorSetIdProto { Version = options.Opset } },
            Graph = graph.Graph,
            Functions = { graph.Functions },
        };
        if (graph.Functions.Count > 0)
        {
            model.IrVersion = Math.Max(model.IrVersion, FirstIrVersionOfFunctions);
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = FunctionBuilder.Domain, Version = FunctionBuilder.DomainVersion });
        }

        return model;
    }

    /// <summary>The version of the file format that came with an opset.</summary>
    private static long IrVersion(int opset) => opset switch
    {
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        _ => 10,
    };

    private static void Check(Network network, OnnxExportOptions options)
    {
        if (options.Opset is < OnnxExportOptions.LeastOpset or > OnnxExportOptions.GreatestOpset)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"ExportOnnx expects an Opset from {OnnxExportOptions.LeastOpset} to ") +
                FormattableString.Invariant($"{OnnxExportOptions.GreatestOpset}, but got {options.Opset}."),
                nameof(options));
        }

        if (!Enum.IsDefined(options.DataType))
        {
            throw new ArgumentException(
                $"ExportOnnx expects the DataType Float32 or Float64, but got {options.DataType}.", nameof(options));
        }

        if (string.IsNullOrEmpty(options.InputName) || string.IsNullOrEmpty(options.OutputName) || options.InputName == options.OutputName)
        {
            throw new ArgumentException(
                $"ExportOnnx expects two different names for input and output, but got '{options.InputName}' and '{options.OutputName}'.",
                nameof(options));
        }

        if (options.ProducerName is null || options.ProducerVersion is null)
        {
            throw new ArgumentException(
                "ExportOnnx expects a ProducerName and a ProducerVersion, but got null. Leave them out or give an empty text.",
                nameof(options));
        }

        if (options.InputShape is var (height, width, depth) && (height < 1 || width < 1 || depth < 1))
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"ExportOnnx expects an InputShape of 1 or more in each direction, but got {height} x {width} x {depth}."),
                nameof(options));
        }

        if (network.Layers.Count == 0)
        {
            throw new InvalidOperationException("The network has no layers. Call Add before ExportOnnx.");
        }
    }

    private static void RefuseTakenNames(OnnxGraph graph, OnnxExportOptions options)
    {
        foreach (string name in (string[])[options.InputName, options.OutputName])
        {
            if (graph.HasName(name))
            {
                throw new ArgumentException(
                    $"ExportOnnx names a value inside the model '{name}' already. Take another name for input or output.", nameof(options));
            }
        }
    }

    /// <summary>The form of a sample, which the layers tell or the options.</summary>
    private static Form InputForm(Network network, OnnxExportOptions options, OperatorList operators)
    {
        operators.Require(network.Layers);
        var given = options.InputShape is not { } shape ? (Form?)null : shape is (1, var size, 1) ? Form.Row(size) : new Form(shape);
        if (operators.InputOf(network.Layers) is { } told)
        {
            if (told.IsFree && given is { Depth: 1 } steps && steps.Width == told.Width)
            {
                return told with { Shape = told.Shape with { Height = steps.Height } };
            }

            // A table of rows that the layers may take as well as one.
            if (told.IsRow && given is { Height: > 1, Depth: 1 } table && table.Width == told.Width && operators.TakeRows(network.Layers))
            {
                Require(table);
                return Form.Sequence(table.Width, table.Height);
            }

            if (given is { } other && other.Image != told.Image)
            {
                string rows = told.IsFree ? "T" : FormattableString.Invariant($"{told.Height}");
                throw new ArgumentException(
                    FormattableString.Invariant($"The network takes {rows} x {told.Width} x {told.Depth}, ") +
                    FormattableString.Invariant($"but the InputShape is {other.Height} x {other.Width} x {other.Depth}. Leave it out."),
                    nameof(options));
            }

            return told;
        }

        var form = given ?? throw new ArgumentException(
            $"{network.Layers[0]} takes more than one shape, and ONNX needs to know it. " +
            "Give it: new OnnxExportOptions { InputShape = (height, width, depth) }, (1, n, 1) for a row.",
            nameof(options));
        if (form.Size > Array.MaxLength || form.Columns > Array.MaxLength)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"The InputShape {form.Height} x {form.Width} x {form.Depth} is larger than any matrix."),
                nameof(options));
        }

        Require(form);
        return form;

        // The layers themselves tell what does not fit.
        void Require(Form one) => network.Predict(Matrix<double>.Build.Dense(one.Height, (int)one.Columns));
    }

    private static ValueInfoProto Info(string name, Form form, OnnxExportOptions options)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } } };
        shape.Dim.AddRange(form.Dimensions.Select(size => size > 0
            ? new TensorShapeProto.Types.Dimension { DimValue = size }
            : new TensorShapeProto.Types.Dimension { DimParam = "T" }));
        int type = options.DataType == OnnxDataType.Float64 ? Tensors.Double : Tensors.Float;
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = shape } },
        };
    }
}
