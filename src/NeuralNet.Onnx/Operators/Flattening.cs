namespace NeuralNet.Onnx.Operators;

/// <summary>A flatten layer: Flatten; and Reshape, Transpose and Squeeze, which change the tensor that a sample's matrix is.</summary>
internal sealed class Flattening : LayerOperator<FlattenLayer>
{
    public const string MeaningOfZero = "shapes whose 0 is the size that was there";

    public override IReadOnlyList<string> Types => ["Flatten", "Reshape", "Transpose", "Squeeze"];

    protected override void Write(FlattenLayer layer, OnnxGraph graph)
    {
        RequireSteps(layer, graph);
        if (!graph.Form.IsRow && graph.Form.Depth != layer.Depth)
        {
            graph.Become(new Form((graph.Form.Height, (int)(graph.Form.Columns / layer.Depth), layer.Depth)));
        }

        Flatten(graph);
    }

    /// <exception cref="NotSupportedException">The value is a sequence of any number of steps.</exception>
    private static void RequireSteps(Layer layer, OnnxGraph graph)
    {
        if (graph.Form.IsFree)
        {
            throw new NotSupportedException(
                $"{layer} takes all steps of a sequence as one row, and ONNX needs to know their number. Give it: " +
                "new OnnxExportOptions { InputShape = (steps, features, 1) }.");
        }
    }

    public static void Flatten(OnnxGraph graph)
    {
        graph.Append("Flatten", [graph.Value], Attributes.Of("axis", 1));
        graph.SetRow(checked((int)graph.Form.Size));
    }

    public override void Read(NodeReader node)
    {
        switch (node.Type)
        {
            case "Flatten":
                ReadFlatten(node);
                break;
            case "Reshape":
                ReadReshape(node);
                break;
            case "Squeeze":
                ReadSqueeze(node);
                break;
            default:
                ReadTranspose(node);
                break;
        }
    }

    private static void ReadFlatten(NodeReader node)
    {
        long axis = node.Attributes.Int("axis", 1);
        int rank = node.Form.Dimensions.Length + 1;
        if (axis != 1 && axis != 1 - rank)
        {
            throw node.Refuse(FormattableString.Invariant($"flattens from axis {axis} on; a layer keeps the samples apart (axis 1)"));
        }

        if (node.Form.IsFree || node.Form.Kind == FormKind.Numbers)
        {
            throw node.Refuse($"flattens {node.Form}; the library flattens as many values as it knows");
        }

        node.Pass(1, 1);
        AddFlatten(node);
    }

    private static void AddFlatten(NodeReader node)
    {
        var form = node.Form;
        if (form is { Height: 1, Kind: FormKind.Sequence or FormKind.Channels })
        {
            // One step is a row already.
            node.Form = Form.Row(form.Width);
        }
        else if (!form.IsRow)
        {
            // Of a sequence with a step a column, each feature is a plane of its own.
            int depth = form.Kind == FormKind.Channels ? form.Width : form.Depth;
            node.Add(new FlattenLayer(depth), Form.Row(checked((int)form.Size)));
        }
    }

    private static void ReadReshape(NodeReader node)
    {
        node.Attributes.RequireInt("allowzero", 0, MeaningOfZero, 0);
        var form = node.Form;
        var to = FormAfter(node, form);
        if (to == form)
        {
            node.Pass(2, 2);
        }
        else if (to is { IsRow: true } row && row.Width == form.Size)
        {
            node.Pass(2, 2);
            AddFlatten(node);
        }
        else if (to is { IsSequence: true } steps && steps.SameMatrix(form) && (form.IsRow || form is { IsImage: true, Depth: 1 }))
        {
            // A row, or one plane, whose rows are steps.
            node.Pass(2, 2);
            node.Form = steps;
        }
        else if (form.IsSequence && to is { IsImage: true, Depth: 1 } plane && plane.SameMatrix(form))
        {
            node.Pass(2, 2);
            node.Form = plane;
        }
        else if (to is { IsImage: true, Height: 1 } planes && (form.IsRow || form.IsImage) && form.Height == 1 && planes.Size == form.Size)
        {
            // Height 1: the same row, which the next layer takes for planes side by side.
            node.Pass(2, 2);
            node.Form = planes;
        }
        else if (to is { IsImage: true } cut && form.IsImage && form.Depth == 1 && cut.Depth == form.Height && cut.Size == form.Size)
        {
            // One plane whose columns, in equal parts, become planes of their own: the same matrix.
            node.Pass(2, 2);
            var swap = node.Next("Transpose") ?? throw NoFlatten(node, form);
            RequireSwap(swap);
            swap.Pass(1, 1);
            node.Form = new Form((cut.Depth, cut.Width, cut.Height));
        }
        else
        {
            throw NoFlatten(node, form);
        }
    }

    /// <summary>Planes that come to stand side by side in one, and may be cut in other parts: the same matrix.</summary>
    private static void ReadTranspose(NodeReader node)
    {
        var form = node.Form;
        if (form.Kind is FormKind.Sequence or FormKind.Channels or FormKind.StepsFirst)
        {
            // The same steps, one a row, one a column, or of all samples together.
            node.Form = (form.Kind, node.Attributes.Ints("perm")) switch
            {
                (FormKind.Sequence, [0, 2, 1]) => form.As(FormKind.Channels),
                (FormKind.Sequence, [1, 0, 2]) => form.As(FormKind.StepsFirst),
                (FormKind.Channels, [0, 2, 1]) or (FormKind.StepsFirst, [1, 0, 2]) => form.As(FormKind.Sequence),
                _ => throw node.Refuse(WrongOrder),
            };
            node.Pass(1, 1);
            return;
        }

        RequireSwap(node);
        if (!form.IsImage)
        {
            throw node.Refuse(WrongOrder);
        }

        node.Pass(1, 1);
        var swapped = new Form((form.Depth, form.Width, form.Height));
        if (node.Next("Reshape") is not { } back || FormAfter(back, swapped) is not { IsRow: false } to || to.Size != form.Size
            || (to.IsSequence && to.Height != form.Height))
        {
            throw node.Refuse(WrongOrder);
        }

        back.Attributes.RequireInt("allowzero", 0, MeaningOfZero, 0);
        if (to.IsSequence || (to.Height == form.Height && to.Depth == 1))
        {
            back.Pass(2, 2);
            node.Form = to;
        }
        else if (to.Depth == form.Height)
        {
            back.Pass(2, 2);
            var swap = node.Next("Transpose") ?? throw NoFlatten(back, swapped);
            RequireSwap(swap);
            swap.Pass(1, 1);
            node.Form = new Form((to.Depth, to.Width, to.Height));
        }
        else
        {
            throw NoFlatten(back, swapped);
        }
    }

    /// <summary>Leaves out dimensions of 1: those of one step, of one number a step, or of an image of one place.</summary>
    private static void ReadSqueeze(NodeReader node)
    {
        // From opset 13 on the axes are an input.
        long[] axes = node.AxesOf(node.Opset >= 13) ?? throw node.Refuse("does not say which dimensions of 1 it leaves out");
        var form = node.Form;
        node.Pass(1, 2);
        node.Form = (form.Kind, axes) switch
        {
            (FormKind.Sequence, [2]) when form.Width == 1 => form.As(FormKind.Numbers),
            (FormKind.Sequence, [1]) or (FormKind.Channels, [2]) when form.Height == 1 => Form.Row(form.Width),
            (FormKind.Image, [2, 3] or [3, 2]) when form is { Height: 1, Width: 1 } => Form.Row(form.Depth),
            _ => throw node.Refuse($"leaves out the dimensions {string.Join(", ", axes.Take(5))} of {form}, which the library cannot"),
        };
    }

    private const string WrongOrder = "changes the order of values; the library has Flatten only";

    private static void RequireSwap(NodeReader node)
    {
        if (node.Attributes.Ints("perm") is not [0, 2, 1, 3])
        {
            throw node.Refuse(WrongOrder);
        }
    }

    private static OnnxFormatException NoFlatten(NodeReader node, Form form) =>
        node.Refuse($"makes [{string.Join(", ", node.Integers(1))}] of {form}; the library has Flatten only, [0, -1]");

    /// <summary>What a Reshape makes of a form; null where that is no form, or the samples do not stay apart.</summary>
    public static Form? FormAfter(NodeReader node, Form from)
    {
        if (!node.HasInput(1) || !node.IsConstant(1))
        {
            throw node.Refuse("has a shape that is no constant of the model");
        }

        long[] shape = node.Integers(1);
        if (shape.Length is not (>= 2 and <= 4) || from.IsFree || shape.Count(size => size == -1) > 1)
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

        bool keepsSamples = shape[0] == 0 || shape[0] == node.FixedBatch || (shape[0] == -1 && known == from.Size);
        if (!keepsSamples || from.Size % known != 0)
        {
            return null;
        }

        int[] sizes = [.. shape.Skip(1).Select(size => (int)(size == -1 ? from.Size / known : size))];
        return sizes.Aggregate(1L, (product, size) => product * size) != from.Size ? null
            : sizes.Length == 1 ? Form.Row(sizes[0])
            : sizes.Length == 2 ? Form.Sequence(sizes[1], sizes[0])
            : new Form((sizes[1], sizes[2], sizes[0]));
    }
}
