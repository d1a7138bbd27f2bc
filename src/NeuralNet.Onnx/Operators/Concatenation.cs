namespace NeuralNet.Onnx.Operators;

/// <summary>A concatenate layer: Concat, of columns or of planes.</summary>
internal sealed class Concatenation : Joining
{
    public override bool TakesRows => true;

    public override IReadOnlyList<string> Types => ["Concat"];

    public override bool Writes(Layer layer) => layer is ConcatenateLayer;

    public override IEnumerable<Layer> Within(Layer layer) => ((ConcatenateLayer)layer).Layers.SelectMany(branch => branch);

    public override Form? InputOf(Layer layer, OperatorList operators) =>
        operators.InputOf(((ConcatenateLayer)layer).Layers);

    public override void Write(Layer layer, OnnxGraph graph)
    {
        var ends = graph.WriteBranches(
            ((ConcatenateLayer)layer).Layers.Select((branch, i) => (branch, FormattableString.Invariant($"branches.{i}."))));
        var forms = ends.Select(end => end.Form).ToArray();
        long columns = forms.Sum(form => form.Columns);
        if (forms.Any(form => form.IsSequence))
        {
            graph.Append("Concat", graph.Become(ends, form => Form.Sequence((int)form.Columns)), Attributes.Of("axis", 2));
            graph.Form = Form.Sequence((int)columns, forms[0].Height);
            return;
        }

        if (forms[0].Height == 1 && forms.Any(form => form.IsRow || form.Width != forms[0].Width))
        {
            graph.Append("Concat", graph.Become(ends, form => Form.Row((int)form.Columns)), Attributes.Of("axis", 1));
            graph.Form = Form.Row((int)columns);
            return;
        }

        // Planes of one width, which one plane may hold several of; or else the columns of one plane.
        int width = forms.Where(form => form.Depth > 1).Select(form => form.Width).FirstOrDefault(forms[0].Width);
        bool arePlanes = forms.All(form => form.Columns % width == 0 && (form.Depth == 1 || form.Width == width))
            && (forms.Any(form => form.Depth > 1) || forms.All(form => form.Width == width));
        Form Of(Form form) => new((form.Height, arePlanes ? width : (int)form.Columns, arePlanes ? (int)(form.Columns / width) : 1));
        graph.Append("Concat", graph.Become(ends, Of), Attributes.Of("axis", arePlanes ? 1 : 3));
        graph.Form = arePlanes ? new Form((forms[0].Height, width, (int)(columns / width))) : new Form((forms[0].Height, (int)columns, 1));
    }

    public override (Layer Layer, Form Form) Join(NodeReader node, IReadOnlyList<Branch> branches)
    {
        var first = branches[0].Form;
        int rank = first.Dimensions.Length + 1;
        long axis = node.Attributes.Int("axis", 1);
        axis += axis < 0 ? rank : 0;
        bool isWidth = first.IsImage && axis == 3 && branches.All(branch => branch.Form.Depth == 1);
        bool areFeatures = (first.IsSequence && axis == 2) || (first.Kind == FormKind.Channels && axis == 1);
        if (!areFeatures && !isWidth && (axis != 1 || !(first.IsRow || first.IsImage)))
        {
            throw node.Refuse(FormattableString.Invariant($"joins along axis {axis} of {first}; the library joins columns of rows ") +
                "and planes of images (axis 1), the columns of one plane (axis 3), or the features of sequences");
        }

        var other = branches.FirstOrDefault(branch => branch.Form.Kind != first.Kind || branch.Form.Height != first.Height
            || (first.IsImage && !isWidth && branch.Form.Width != first.Width));
        if (other is not null)
        {
            throw node.Refuse($"joins {other.Form} and {first}, which do not fit side by side");
        }

        long columns = branches.Sum(branch => branch.Form.Columns);
        if (columns * first.Height > Array.MaxLength)
        {
            throw node.Refuse("joins more values than a matrix holds");
        }

        var form = areFeatures ? first with { Shape = new Shape(first.Height, (int)columns) }
            : first.IsRow ? Form.Row((int)columns)
            : isWidth ? new Form((first.Height, (int)columns, 1))
            : new Form((first.Height, first.Width, (int)(columns / first.Width)));
        return (new ConcatenateLayer([.. branches.Select(branch => branch.Layers)]), form);
    }
}
