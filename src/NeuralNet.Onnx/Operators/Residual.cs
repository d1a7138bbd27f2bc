namespace NeuralNet.Onnx.Operators;

/// <summary>A residual layer: Add; Sum of any number of branches from elsewhere.</summary>
internal sealed class Residual : Joining
{
    public override bool TakesRows => true;

    public override IReadOnlyList<string> Types => ["Add", "Sum"];

    public override bool Writes(Layer layer) => layer is ResidualLayer;

    public override bool KeepsShape(Layer layer, OperatorList operators) => operators.KeepShape(((ResidualLayer)layer).Layers);

    public override IEnumerable<Layer> Within(Layer layer) => ((ResidualLayer)layer).Layers.Concat(((ResidualLayer)layer).Shortcut);

    public override Form? InputOf(Layer layer, OperatorList operators) =>
        operators.InputOf([((ResidualLayer)layer).Layers, ((ResidualLayer)layer).Shortcut]);

    public override void Write(Layer layer, OnnxGraph graph)
    {
        var residual = (ResidualLayer)layer;
        var ends = graph.WriteBranches((residual.Layers, "body."), (residual.Shortcut, "shortcut."));

        // Where the same matrix is two tensors, planes say more than one plane does.
        var form = ends[1].Form.Depth > ends[0].Form.Depth ? ends[1].Form : ends[0].Form;
        graph.Append("Add", graph.Become(ends, _ => form));
    }

    /// <summary>A sum of many is a residual layer of a residual layer, and so on.</summary>
    public override int Nesting(int branches) => branches - 1;

    public override (Layer Layer, Form Form) Join(NodeReader node, IReadOnlyList<Branch> branches)
    {
        var form = branches[0].Form;
        if (branches.FirstOrDefault(branch => branch.Form != form) is { } other)
        {
            throw node.Refuse($"adds {other.Form} to {form}; the library adds values of one shape");
        }

        Layer sum = Add(branches[0].Layers, branches[1].Layers);
        foreach (var branch in branches.Skip(2))
        {
            sum = Add([sum], branch.Layers);
        }

        return (sum, form);
    }

    private static ResidualLayer Add(IReadOnlyList<Layer> layers, IReadOnlyList<Layer> others) =>
        layers.Count > 0 ? new ResidualLayer(layers, others)
        : others.Count > 0 ? new ResidualLayer(others)
        : new ResidualLayer([ActivationFunctions.MakeLinear()]);
}
