namespace NeuralNet.Onnx;

/// <content>The nodes of each layer.</content>
internal sealed partial class Exporter
{
    private void Add(Layer layer)
    {
        if (FormOf(layer) is { } form)
        {
            Become(form, layer);
        }

        switch (layer)
        {
            case FCLayer fc:
                // transB, as PyTorch has it: W's column-major memory is W transposed, row by row.
                Node("Gemm", [_value, Weights(fc.Weights, [fc.OutputSize, fc.InputSize]), Tensor("Bias", fc.Bias)], Attributes.Of("transB", 1));
                _form = Form.Row(fc.OutputSize);
                break;
            case ConvLayer conv:
                Add(conv);
                break;
            case MaxPoolLayer pool:
                Pool("MaxPool", pool.PoolShape, pool.Stride);
                _form = new Form(pool.OutputShape);
                break;
            case AveragePoolLayer pool:
                Pool("AveragePool", pool.PoolShape, pool.Stride);
                if (_isDouble)
                {
                    Call(Float64Functions.AveragePool(Name("AveragePool"), new WindowShape(pool.InputShape, pool.PoolShape, pool.Stride, default), _options.Opset));
                }

                _form = new Form(pool.OutputShape);
                break;
            case BatchNormLayer norm:
                Add(norm);
                break;
            case FlattenLayer flatten:
                Add(flatten);
                break;
            case SoftmaxLayer:
                AddSoftmax();
                break;
            case ActivationLayer activation:
                AddActivation(BuiltInActivation.NameOf(activation));
                break;
            case DropoutLayer:
                break;
            default:
                throw NoOperator(layer);
        }
    }

    private void Add(ConvLayer conv)
    {
        var (input, kernel, output) = (conv.InputShape, conv.KernelShape, conv.OutputShape);
        var pads = PaddingOf(conv);
        Node(
            "Conv",
            [_value, Weights(conv.Weights, [output.Depth, input.Depth, kernel.Rows, kernel.Columns]), Tensor("Bias", conv.Bias)],
            Attributes.OfMany("kernel_shape", kernel.Rows, kernel.Columns),
            Attributes.OfMany("pads", pads.Top, pads.Left, pads.Bottom, pads.Right),
            Attributes.OfMany("strides", conv.Stride.Rows, conv.Stride.Columns));
        if (_isDouble)
        {
            Call(Float64Functions.Conv(Name("Conv"), new WindowShape(input, kernel, conv.Stride, pads), output.Depth, _options.Opset));
        }

        _form = new Form(output);
    }

    private static (long Top, long Left, long Bottom, long Right) PaddingOf(ConvLayer conv)
    {
        if (conv.Padding != Padding.Same)
        {
            return (conv.Padding.Rows, conv.Padding.Columns, conv.Padding.Rows, conv.Padding.Columns);
        }

        var (top, bottom) = SamePadding.Of(conv.InputShape.Height, conv.KernelShape.Rows, conv.Stride.Rows);
        var (left, right) = SamePadding.Of(conv.InputShape.Width, conv.KernelShape.Columns, conv.Stride.Columns);
        return (top, left, bottom, right);
    }

    private void Pool(string op, (int Rows, int Columns) pool, (int Rows, int Columns) stride) =>
        Node(op, [_value], Attributes.OfMany("kernel_shape", pool.Rows, pool.Columns), Attributes.OfMany("strides", stride.Rows, stride.Columns));

    private void Add(BatchNormLayer norm)
    {
        var (epsilon, variance) = FloatEpsilon.Split(norm.Epsilon, norm.RunningVariance.ToColumnMajorArray());
        if (!_isDouble && variance.Any(v => (float)v + epsilon == 0))
        {
            throw new NotSupportedException($"{norm} holds a variance whose sum with epsilon is 0 in float32, and would be divided by it. Take DataType = OnnxDataType.Float64.");
        }

        long[] dimensions = [variance.Length];
        Node(
            "BatchNormalization",
            [
                _value,
                Tensor("Gamma", norm.Gamma.ToColumnMajorArray(), dimensions),
                Tensor("Beta", norm.Beta.ToColumnMajorArray(), dimensions),
                Tensor("RunningMean", norm.RunningMean.ToColumnMajorArray(), dimensions),
                Tensor("RunningVariance", variance, dimensions),
            ],
            Attributes.Of("epsilon", epsilon),
            Attributes.Of("momentum", (float)(1 - norm.Momentum)));
    }

    private void Add(FlattenLayer flatten)
    {
        if (!_form.IsRow && _form.Depth != flatten.Depth)
        {
            Become(new Form((_form.Height, _form.Width * _form.Depth / flatten.Depth, flatten.Depth)), flatten);
        }

        Flatten();
    }

    private void Flatten()
    {
        Node("Flatten", [_value], Attributes.Of("axis", 1));
        _form = Form.Row(checked((int)_form.Size));
    }

    private void AddSoftmax()
    {
        var form = _form;
        if (!form.IsRow)
        {
            Flatten();
        }

        Node("Softmax", [_value], Attributes.Of("axis", 1));
        if (!form.IsRow)
        {
            Reshape(form);
        }
    }

    private void AddActivation(string name)
    {
        string x = _value;
        if (_isDouble && Float64Functions.Activation(name, _options.Opset) is { } function)
        {
            Node(name);
            Call(function);
            return;
        }

        switch (name)
        {
            case "LeakyRelu":
                Node("LeakyRelu", [x], Attributes.Of("alpha", 0.01f));
                break;
            case "Swish":
                Node("Sigmoid", [x]);
                Node("Mul", [x, _value]);
                break;
            case "Gelu" when _options.Opset >= 20:
                Node("Gelu");
                break;
            case "Gelu":
                Node("Div", [x, Scalar("SquareRootOf2", Math.Sqrt(2))]);
                Node("Erf");
                Node("Add", [_value, Scalar("One", 1)]);
                Node("Mul", [x, _value]);
                Node("Mul", [_value, Scalar("Half", 0.5)]);
                break;
            default:
                Node(name == "Linear" ? "Identity" : name);
                break;
        }
    }
}
