using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <content>Nodes on the shape of a sample: Flatten, Reshape, and Softmax, which is over all of it.</content>
internal sealed partial class Importer
{
    private void AddFlatten(NodeProto node, NodeAttributes attributes)
    {
        long axis = attributes.Int("axis", 1);
        int rank = _form.Dimensions.Length + 1;
        if (axis != 1 && axis != 1 - rank)
        {
            throw Refusal.Of(node, FormattableString.Invariant($"flattens from axis {axis} on; a layer keeps the samples apart (axis 1)"));
        }

        AddFlatten(node);
    }

    private void AddFlatten(NodeProto node)
    {
        if (_form.IsRow)
        {
            return;
        }

        // The softmax of an image: ONNX' is over one axis, the library's over the whole sample.
        Pass(node, InputsOf(node.OpType));
        if (Only(_value, "Softmax") is { Output.Count: 1 } softmax && Only(softmax.Output[0], "Reshape") is { } back && ShapeAfter(back, Form.Row(checked((int)_form.Size))) == _form)
        {
            var image = _form;
            _form = Form.Row(checked((int)image.Size));
            var attributes = new NodeAttributes(softmax);
            AddSoftmax(softmax, attributes);
            attributes.RequireNoMore();
            Pass(softmax, (1, 1));
            Pass(back, (2, 2));
            _form = image;
            return;
        }

        _network.Add(new FlattenLayer(_form.Depth));
        _form = Form.Row(checked((int)_form.Size));
    }

    private void AddReshape(NodeProto node, NodeAttributes attributes)
    {
        attributes.RequireInt("allowzero", 0, "shapes whose 0 is the size that was there", 0);
        var to = ShapeAfter(node, _form);
        if (to == _form)
        {
            return;
        }

        if (to is { IsRow: true } row && row.Width == _form.Size)
        {
            AddFlatten(node);
            return;
        }

        // Height 1: the same row, which the next layer takes for planes side by side.
        if (to is { IsRow: false, Height: 1 } planes && _form.Height == 1 && planes.Size == _form.Size)
        {
            _form = planes;
            return;
        }

        // One plane whose columns, in equal parts, become planes of their own: the same matrix.
        if (to is { } cut && !_form.IsRow && _form.Depth == 1 && cut.Depth == _form.Height && cut.Size == _form.Size && Only(node.Output.FirstOrDefault(""), "Transpose") is { } transpose)
        {
            Pass(node, (2, 2));
            var perm = new NodeAttributes(transpose);
            if (perm.Ints("perm") is not [0, 2, 1, 3])
            {
                throw Refusal.Of(transpose, "changes the order of values; the library has Flatten only");
            }

            perm.RequireNoMore();
            Pass(transpose, (1, 1));
            _form = new Form((cut.Depth, cut.Width, cut.Height));
            return;
        }

        throw Refusal.Of(node, $"makes [{string.Join(", ", _constants.Integers(node, 1))}] of {_form}; the library has Flatten only, [0, -1]");
    }

    /// <summary>What a Reshape makes of a form; null where that is no form, or the samples do not stay apart.</summary>
    private Form? ShapeAfter(NodeProto node, Form from)
    {
        if (node.Input.Count != 2 || !_constants.Has(node.Input[1]))
        {
            throw Refusal.Of(node, "has a shape that is no constant of the model");
        }

        long[] shape = _constants.Integers(node, 1);
        if (shape.Length is not (2 or 4) || shape.Count(size => size == -1) > 1)
        {
            return null;
        }

        long[] before = from.Dimensions;
        for (int i = 1; i < shape.Length; i++)
        {
            if (shape[i] == 0)
            {
                shape[i] = i <= before.Length ? before[i - 1] : -2;
            }
        }

        Int128 known = 1;
        foreach (long size in shape.Skip(1).Where(size => size != -1))
        {
            if (size < 1 || (known *= size) > from.Size)
            {
                return null;
            }
        }

        bool keepsSamples = shape[0] == 0 || shape[0] == _fixedBatch || (shape[0] == -1 && known == from.Size);
        if (!keepsSamples || from.Size % known != 0)
        {
            return null;
        }

        int[] sizes = [.. shape.Skip(1).Select(size => (int)(size == -1 ? from.Size / known : size))];
        return sizes.Aggregate(1L, (product, size) => product * size) != from.Size ? null
            : sizes.Length == 1 ? Form.Row(sizes[0]) : new Form((sizes[1], sizes[2], sizes[0]));
    }

    private void AddSoftmax(NodeProto node, NodeAttributes attributes)
    {
        // Before opset 13 everything from the axis on is one row.
        bool isWhole = _opset < 13;
        int rank = _form.Dimensions.Length + 1;
        long axis = attributes.Int("axis", isWhole ? 1 : -1);
        axis += axis < 0 ? rank : 0;
        if (axis != 1 || (rank > 2 && !isWhole))
        {
            throw Refusal.Of(node, FormattableString.Invariant($"goes along axis {axis} of {_form}; the library's is over a whole sample"));
        }

        _network.Add(new SoftmaxLayer());
    }
}
