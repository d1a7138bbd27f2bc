using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <content>Nodes that are a layer each: Gemm, MatMul, Conv, pooling, BatchNormalization and Dropout.</content>
internal sealed partial class Importer
{
    private void AddGemm(NodeProto node, NodeAttributes attributes)
    {
        RequireRow(node);
        attributes.RequireInt("transA", 0, "samples as rows", 0);
        long transposed = attributes.Int("transB", 0);
        float alpha = attributes.Float("alpha", 1);
        float beta = attributes.Float("beta", 1);
        var weights = WeightsOf(node, transposed switch
        {
            0 => false,
            1 => true,
            _ => throw Refusal.Of(node, "has a transB that is neither 0 nor 1"),
        });
        AddFC(alpha == 1 ? weights : weights * alpha, HasInput(node, 2) ? RowOf(node, 2, weights.ColumnCount) * beta : null);
    }

    private void AddMatMul(NodeProto node)
    {
        RequireRow(node);
        var weights = WeightsOf(node, transposed: false);
        Pass(node, InputsOf(node.OpType));
        Matrix<double>? bias = null;
        if (Only(_value, "Add") is { Input.Count: 2 } add && _value != _output && !add.Input.All(name => name == _value))
        {
            bias = RowOf(add, 1 - add.Input.IndexOf(_value), weights.ColumnCount);
            PassOver(add);
        }

        AddFC(weights, bias);
    }

    private void AddFC(Matrix<double> weights, Matrix<double>? bias)
    {
        var layer = new FCLayer(weights.RowCount, weights.ColumnCount, Initializer.Zeros) { Weights = weights };
        if (bias is not null)
        {
            layer.Bias = bias;
        }

        _network.Add(layer);
        _form = Form.Row(layer.OutputSize);
    }

    /// <summary>W, inputs x outputs.</summary>
    private Matrix<double> WeightsOf(NodeProto node, bool transposed)
    {
        long[] dimensions = _constants.Dimensions(node, 1);
        if (dimensions.Length != 2 || dimensions[transposed ? 1 : 0] != _form.Width || dimensions[transposed ? 0 : 1] < 1)
        {
            throw Refusal.Of(node, $"has weights of [{string.Join(", ", dimensions.Take(5))}] where {_form} comes in");
        }

        int outputs = checked((int)Math.Min(dimensions[transposed ? 0 : 1], int.MaxValue));
        double[] values = _constants.Numbers(node, 1);
        return transposed ? Matrix<double>.Build.Dense(_form.Width, outputs, values) : Matrix<double>.Build.DenseOfRowMajor(_form.Width, outputs, values);
    }

    /// <summary>A constant that is added to rows of so many values: 1 x size.</summary>
    private Matrix<double> RowOf(NodeProto node, int input, int size)
    {
        long[] dimensions = _constants.Dimensions(node, input);
        bool isRow = dimensions.Length <= 2 && dimensions.SkipLast(1).All(dimension => dimension == 1) && (dimensions.Length == 0 || dimensions[^1] == 1 || dimensions[^1] == size);
        if (!isRow)
        {
            throw Refusal.Of(node, FormattableString.Invariant($"adds [{string.Join(", ", dimensions.Take(5))}] to rows of {size} values"));
        }

        double[] values = _constants.Numbers(node, input);
        return Matrix<double>.Build.Dense(1, size, (_, column) => values[values.Length == 1 ? 0 : column]);
    }

    /// <summary>A constant of one number for each of something: 1 x size.</summary>
    private Matrix<double> VectorOf(NodeProto node, int input, int size)
    {
        long[] dimensions = _constants.Dimensions(node, input);
        return dimensions is [var length] && length == size
            ? Matrix<double>.Build.Dense(1, size, _constants.Numbers(node, input))
            : throw Refusal.Of(node, FormattableString.Invariant($"expects {size} numbers as input {input + 1}, but has [{string.Join(", ", dimensions.Take(5))}]"));
    }

    private void AddConv(NodeProto node, NodeAttributes attributes)
    {
        RequireImage(node);
        attributes.RequireInt("group", 1, "planes in one group", 1);
        long[] dimensions = _constants.Dimensions(node, 1);
        if (dimensions.Length != 4 || dimensions[1] != _form.Depth || dimensions.Any(size => size is < 1 or > int.MaxValue))
        {
            throw Refusal.Of(node, $"has kernels of [{string.Join(", ", dimensions.Take(5))}] where {_form} comes in");
        }

        var shape = WindowsOf(node, attributes, ((int)dimensions[2], (int)dimensions[3]));
        if (shape.Kernel != ((int)dimensions[2], (int)dimensions[3]))
        {
            throw Refusal.Of(node, $"has kernels of [{string.Join(", ", dimensions)}] and another kernel_shape");
        }

        double[] weights = _constants.Numbers(node, 1);
        var layer = new ConvLayer(shape.Input, shape.Kernel, (int)dimensions[0], shape.Stride, PaddingOf(node, shape), Initializer.Zeros);
        layer.Weights = Matrix<double>.Build.Dense(layer.Weights.RowCount, layer.Weights.ColumnCount, weights);
        if (HasInput(node, 2))
        {
            layer.Bias = VectorOf(node, 2, layer.OutputShape.Depth);
        }

        _network.Add(layer);
        _form = new Form(layer.OutputShape);
    }

    /// <summary>How a node's windows lie over the image that comes in.</summary>
    private WindowShape WindowsOf(NodeProto node, NodeAttributes attributes, (int Rows, int Columns)? kernelOfWeights)
    {
        long[] Sizes(string name, long[] fallback) => attributes.Ints(name, 2) is not { } sizes ? fallback
            : Array.TrueForAll(sizes, size => size is >= 1 and <= int.MaxValue) ? sizes
            : throw Refusal.Of(node, $"has a size in {name} that is not 1 or more");

        long[] kernel = Sizes("kernel_shape", kernelOfWeights is var (rows, columns) ? [rows, columns] : []);
        if (kernel.Length == 0)
        {
            throw Refusal.Of(node, "has no kernel_shape");
        }

        long[] strides = Sizes("strides", [1, 1]);
        if (Sizes("dilations", [1, 1]) is not [1, 1])
        {
            throw Refusal.Of(node, "has dilations; the library's windows have no gaps (dilations = 1, 1)");
        }

        long[]? pads = attributes.Ints("pads", 4);
        string auto = attributes.Text("auto_pad", "NOTSET");
        var (top, bottom) = SamePadding.Of(_form.Height, kernel[0], strides[0]);
        var (left, right) = SamePadding.Of(_form.Width, kernel[1], strides[1]);
        (long Top, long Left, long Bottom, long Right) zeros = auto switch
        {
            "NOTSET" when pads is not null => (pads[0], pads[1], pads[2], pads[3]),
            "NOTSET" or "VALID" => default,
            "SAME_UPPER" => (top, left, bottom, right),
            "SAME_LOWER" => (bottom, right, top, left),
            _ => throw Refusal.Of(node, $"has the unknown auto_pad '{Refusal.Short(auto)}'"),
        };
        if (zeros.Top is < 0 or > int.MaxValue || zeros.Left is < 0 or > int.MaxValue || zeros.Bottom is < 0 or > int.MaxValue || zeros.Right is < 0 or > int.MaxValue)
        {
            throw Refusal.Of(node, "has pads that are not 0 or more");
        }

        return new WindowShape(_form.Image, ((int)kernel[0], (int)kernel[1]), ((int)strides[0], (int)strides[1]), zeros);
    }

    private static Padding PaddingOf(NodeProto node, WindowShape shape)
    {
        var pads = shape.Pads;
        var (top, bottom) = SamePadding.Of(shape.Input.Height, shape.Kernel.Rows, shape.Stride.Rows);
        var (left, right) = SamePadding.Of(shape.Input.Width, shape.Kernel.Columns, shape.Stride.Columns);
        return pads.Top == pads.Bottom && pads.Left == pads.Right ? new Padding((int)pads.Top, (int)pads.Left)
            : pads == (top, left, bottom, right) ? Padding.Same
            : throw Refusal.Of(node, FormattableString.Invariant(
                $"has pads of {pads.Top} and {pads.Bottom} rows, {pads.Left} and {pads.Right} columns; the library pads both sides alike, or as SAME_UPPER"));
    }

    private void AddPool(NodeProto node, NodeAttributes attributes)
    {
        RequireImage(node);
        bool isMax = node.OpType == "MaxPool";
        var shape = WindowsOf(node, attributes, null);
        if (shape.Pads != default)
        {
            throw Refusal.Of(node, "has pads; the library's pooling has none");
        }

        bool isExact = (shape.Input.Height - shape.Kernel.Rows) % shape.Stride.Rows == 0 && (shape.Input.Width - shape.Kernel.Columns) % shape.Stride.Columns == 0;
        if (attributes.Int("ceil_mode", 0) != 0 && !isExact)
        {
            throw Refusal.Of(node, "has ceil_mode, and windows that reach beyond the image; the library leaves those out");
        }

        if (isMax)
        {
            attributes.Int("storage_order", 0);
        }
        else
        {
            // Says which zeros count, and there are none.
            attributes.Int("count_include_pad", 0);
        }

        AddPool(isMax, shape.Kernel, shape.Stride);
    }

    private void AddPool(bool isMax, (int Rows, int Columns) pool, (int Rows, int Columns) stride)
    {
        if (isMax)
        {
            var layer = new MaxPoolLayer(_form.Image, pool, stride);
            _network.Add(layer);
            _form = new Form(layer.OutputShape);
        }
        else
        {
            var layer = new AveragePoolLayer(_form.Image, pool, stride);
            _network.Add(layer);
            _form = new Form(layer.OutputShape);
        }
    }

    private void AddBatchNorm(NodeProto node, NodeAttributes attributes)
    {
        attributes.RequireInt("training_mode", 0, "running statistics", 0);
        attributes.RequireInt("spatial", 1, "one mean for each plane", 1);
        double epsilon = attributes.Float("epsilon", 1e-5f);
        // ONNX weighs the old mean; and where nothing may be learnt, predictions are the same whatever the weight.
        double momentum = 1 - (double)attributes.Float("momentum", 0.9f);
        momentum = momentum is > 0 and <= 1 ? momentum : 0.1;
        int size = _form.IsRow ? _form.Width : _form.Depth;
        var (gamma, beta, mean, variance) = (VectorOf(node, 1, size), VectorOf(node, 2, size), VectorOf(node, 3, size), VectorOf(node, 4, size));
        var layer = _form.IsRow ? new BatchNormLayer(size, momentum, epsilon) : new BatchNormLayer(_form.Image, momentum, epsilon);
        (layer.Gamma, layer.Beta, layer.RunningMean, layer.RunningVariance) = (gamma, beta, mean, variance);
        _network.Add(layer);
    }

    private void AddDropout(NodeProto node, NodeAttributes attributes)
    {
        double rate = attributes.Float("ratio", 0.5f);
        attributes.Int("seed", 0);
        if (_opset >= 12)
        {
            rate = HasInput(node, 1) ? _constants.Number(node, node.Input[1]) ?? throw Refusal.Of(node, "has a ratio that is no constant number") : rate;
            if (HasInput(node, 2))
            {
                throw Refusal.Of(node, "has an input training_mode. Export the model for inference");
            }
        }

        _network.Add(new DropoutLayer(rate));
    }
}
