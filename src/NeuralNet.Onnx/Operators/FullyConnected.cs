using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx.Operators;

/// <summary>A fully connected layer: Gemm; of several rows, and from elsewhere, MatMul along the last axis with an Add behind it.</summary>
internal sealed class FullyConnected : LayerOperator<FCLayer>
{
    public override IReadOnlyList<string> Types => ["Gemm", "MatMul"];

    public override bool TakesRows => true;

    protected override Form? InputOf(FCLayer layer, OperatorList operators) => Form.Row(layer.InputSize);

    protected override void Write(FCLayer layer, OnnxGraph graph)
    {
        if (!graph.IsRow)
        {
            graph.Become(Form.Sequence(layer.InputSize));
            graph.Append("MatMul", [graph.Value, graph.AddConstant("Weights", layer.Weights)]);
            graph.Append("Add", [graph.Value, graph.AddColumns("Bias", layer.Bias, layer.OutputSize)]);
            graph.SetSequence(layer.OutputSize);
            return;
        }

        // transB, as PyTorch has it: W's column-major memory is W transposed, row by row.
        string weights = graph.AddColumns("Weights", layer.Weights, layer.OutputSize, layer.InputSize);
        graph.Append("Gemm", [graph.Value, weights, graph.AddColumns("Bias", layer.Bias, layer.OutputSize)], Attributes.Of("transB", 1));
        graph.SetRow(layer.OutputSize);
    }

    public override void Read(NodeReader node)
    {
        if (node.Type == "Gemm")
        {
            node.RequireRow();
            ReadGemm(node);
        }
        else
        {
            ReadMatMul(node);
        }
    }

    private static void ReadGemm(NodeReader node)
    {
        node.Attributes.RequireInt("transA", 0, "samples as rows", 0);
        long transposed = node.Attributes.Int("transB", 0);
        float alpha = node.Attributes.Float("alpha", 1);
        float beta = node.Attributes.Float("beta", 1);
        var weights = WeightsOf(node, transposed switch
        {
            0 => false,
            1 => true,
            _ => throw node.Refuse("has a transB that is neither 0 nor 1"),
        });
        var layer = Make(alpha == 1 ? weights : weights * alpha, node.HasInput(2) ? RowOf(node, 2, weights.ColumnCount) * beta : null);
        node.Pass(2, 3);
        node.Add(layer, Form.Row(layer.OutputSize));
    }

    private static void ReadMatMul(NodeReader node)
    {
        var form = node.Form;
        if (form.Depth > 1 || form.Kind is FormKind.Channels or FormKind.Numbers)
        {
            throw node.Refuse($"is given {form}; the library's is over rows, steps or those of one plane");
        }

        var weights = WeightsOf(node, transposed: false);
        node.Pass(2, 2);
        Matrix<double>? bias = null;
        if (node.Next("Add") is { } add && add.OtherConstant() is { } other)
        {
            bias = RowOf(add, other, weights.ColumnCount);
            add.PassAnywhere();
        }

        var layer = Make(weights, bias);
        node.Add(layer, new Form(form.Kind, new Shape(form.Height, layer.OutputSize)));
    }

    private static FCLayer Make(Matrix<double> weights, Matrix<double>? bias)
    {
        var layer = new FCLayer(weights.RowCount, weights.ColumnCount, Initializer.Zeros) { Weights = weights };
        if (bias is not null)
        {
            layer.Bias = bias;
        }

        return layer;
    }

    /// <summary>W, inputs x outputs.</summary>
    private static Matrix<double> WeightsOf(NodeReader node, bool transposed)
    {
        long[] dimensions = node.Dimensions(1);
        if (dimensions.Length != 2 || dimensions[transposed ? 1 : 0] != node.Form.Width || dimensions[transposed ? 0 : 1] < 1)
        {
            throw node.Refuse($"has weights of [{string.Join(", ", dimensions.Take(5))}] where {node.Form} comes in");
        }

        int inputs = node.Form.Width;
        int outputs = checked((int)Math.Min(dimensions[transposed ? 0 : 1], int.MaxValue));
        double[] values = node.Numbers(1);
        return transposed
            ? Matrix<double>.Build.Dense(inputs, outputs, values)
            : Matrix<double>.Build.DenseOfRowMajor(inputs, outputs, values);
    }

    /// <summary>A constant that is added to rows of so many values: 1 x size.</summary>
    private static Matrix<double> RowOf(NodeReader node, int input, int size)
    {
        long[] dimensions = node.Dimensions(input);
        bool isRow = dimensions.Length <= 2 && dimensions.SkipLast(1).All(dimension => dimension == 1)
            && (dimensions.Length == 0 || dimensions[^1] == 1 || dimensions[^1] == size);
        if (!isRow)
        {
            throw node.Refuse(FormattableString.Invariant($"adds [{string.Join(", ", dimensions.Take(5))}] to rows of {size} values"));
        }

        double[] values = node.Numbers(input);
        return Matrix<double>.Build.Dense(1, size, (_, column) => values[values.Length == 1 ? 0 : column]);
    }
}
