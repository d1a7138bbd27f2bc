using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;
using NeuralNet.Onnx.Operators;

namespace NeuralNet.Onnx;

/// <summary>A node that an operator makes a layer of, at the end of a branch.</summary>
internal sealed class NodeReader(Importer importer, Branch branch, NodeProto node, string type, FunctionProto? function = null)
{
    private NodeAttributes? _attributes;
    private bool _isProven;

    public NodeProto Node => node;

    /// <summary>The operator, or the one that the node's function stands for.</summary>
    public string Type => type;

    /// <summary>Whether the node calls a function of the model's in the operator's place.</summary>
    public bool IsFunction => function is not null;

    public string FunctionName => node.OpType;

    public NodeAttributes Attributes => _attributes ??= new NodeAttributes(node);

    /// <summary>The form of the value that the next node reads.</summary>
    public Form Form
    {
        get => branch.Form;
        set => branch.Form = value;
    }

    public long Opset => importer.Opset;

    public long? FixedBatch => importer.FixedBatch;

    public OnnxFormatException Refuse(string why) => Refusal.Of(node, why);

    public OnnxFormatException Unknown() => Refuse("is of an operator that the library has no layer for");

    public void RequireRow()
    {
        if (!Form.IsRow)
        {
            throw Refuse($"expects rows [N, n], but is given {Form}");
        }
    }

    public void RequireImage()
    {
        if (!Form.IsImage)
        {
            throw Refuse($"expects images [N, planes, rows, columns], but is given {Form}");
        }
    }

    /// <summary>Refuses all but sequences, which may be the one plane of an image.</summary>
    public void RequireSteps()
    {
        if (!Form.IsSequence && !(Form.IsImage && Form.Depth == 1))
        {
            throw Refuse($"expects sequences [N, T, n], but is given {Form}");
        }
    }

    public bool HasInput(int input) => node.Input.Count > input && node.Input[input].Length > 0;

    public bool IsConstant(int input) => importer.Constants.Has(node.Input[input]);

    /// <summary>The dimensions of a constant input.</summary>
    public long[] Dimensions(int input) => importer.Constants.Dimensions(node, input);

    /// <summary>The type of a constant input's values.</summary>
    public int TypeOf(int input) => importer.Constants.TypeOf(node, input);

    /// <summary>The numbers of a constant input, the last dimension's side by side.</summary>
    public double[] Numbers(int input) => importer.Constants.Numbers(node, input);

    /// <summary>A constant input of one number; null where it is something else.</summary>
    public double? Number(int input) => NumberOf(node, input);

    /// <summary>A constant input of another node, of one number; null where it is something else.</summary>
    public double? NumberOf(NodeProto other, int input) => importer.Constants.Number(other, input);

    /// <summary>The integers of a constant input such as a shape.</summary>
    public long[] Integers(int input) => importer.Constants.Integers(node, input);

    /// <summary>The axes that a node names, counted from the first; null where it names none.</summary>
    /// <param name="asInput">Whether its second input has them, as in later opsets, and not an attribute.</param>
    public long[]? AxesOf(bool asInput)
    {
        long[]? axes = asInput ? HasInput(1) ? Integers(1) : null : Attributes.Ints("axes");
        int rank = Form.Dimensions.Length + 1;
        return axes is null ? null : [.. axes.Select(axis => axis < 0 ? axis + rank : axis)];
    }

    /// <summary>A constant of one number for each of something: 1 x size.</summary>
    public Matrix<double> Vector(int input, int size)
    {
        long[] dimensions = Dimensions(input);
        return dimensions is [var length] && length == size
            ? Matrix<double>.Build.Dense(1, size, Numbers(input))
            : throw Refuse(
                FormattableString.Invariant(
                    $"expects {size} numbers as input {input + 1}, but has [{string.Join(", ", dimensions.Take(5))}]"));
    }

    /// <summary>
    /// Refuses a function that is not the one which the library writes. The number of nodes is looked at before a function is made to
    /// compare with: its size is the file's to say. And it is made once for all the nodes that call it alike: their number is the file's
    /// to say too.
    /// </summary>
    public void RequireFunction(object? key, long leastNodes, Func<FunctionProto> expected)
    {
        if (!importer.IsProven(node.OpType, key) && (function!.Node.Count < leastNodes || !function.Equals(expected())))
        {
            throw Refuse("calls a function that is not the one this library writes under its name");
        }

        importer.Prove(node.OpType, key);
        _isProven = true;
    }

    /// <summary>Adds a layer behind those that were read before.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="form">The form of what it gives; that of what it reads where none is given.</param>
    public void Add(Layer layer, Form? form = null)
    {
        importer.Count(node);
        branch.Add(layer, node);
        Form = form ?? Form;
        if (Form.Size > Array.MaxLength)
        {
            throw Refuse($"makes {Form}, more values than a matrix holds");
        }
    }

    /// <summary>Goes on from the value that the node reads to the one that it makes; all its attributes have been read.</summary>
    /// <param name="least">The number of inputs at least.</param>
    /// <param name="most">The number of inputs at most.</param>
    /// <param name="place">Which input the value is, from 0.</param>
    public void Pass(int least, int most, int place = 0)
    {
        if (node.Input.Count < least || node.Input.Count > most || node.Input[place] != branch.Value)
        {
            string which = place == 0 ? "the first" : FormattableString.Invariant($"input {place + 1}");
            throw Refuse(FormattableString.Invariant(
                $"expects the value '{Refusal.Short(branch.Value)}' as {which} of {(least == most ? "" : $"{least} to ")}{most} inputs, ")
                + FormattableString.Invariant($"but got {node.Input.Count}"));
        }

        Attributes.RequireNoMore();
        if (IsFunction && !_isProven)
        {
            throw Refuse("calls a function that is not the one this library writes under its name");
        }

        branch.Value = importer.Take(node);
    }

    /// <summary>As <see cref="Pass"/>, for a node of several values of which one is read.</summary>
    /// <returns>Which one.</returns>
    public int PassToOne(int least, int most)
    {
        if (node.Input.Count < least || node.Input.Count > most || node.Input[0] != branch.Value)
        {
            throw Refuse(FormattableString.Invariant(
                $"expects the value '{Refusal.Short(branch.Value)}' as the first of {least} to {most} inputs, but got {node.Input.Count}"));
        }

        Attributes.RequireNoMore();
        (int output, branch.Value) = importer.TakeOneOf(node);
        return output;
    }

    /// <summary>Goes on over the node, which reads the value as any of its inputs.</summary>
    public void PassAnywhere() => PassOver(node);

    /// <summary>Goes on over another node, which reads the value as any of its inputs.</summary>
    public void PassOver(NodeProto other)
    {
        if (other.Output.Count != 1 || other.Attribute.Count > 0)
        {
            throw Refusal.Of(other, "is of an operator that the library has no layer for");
        }

        branch.Value = importer.Take(other);
    }

    /// <summary>The value that the next node reads.</summary>
    public string Value => branch.Value;

    /// <summary>The nodes of ONNX's own that read a value; none where others read it, too.</summary>
    public NodeProto[] ReadersOf(string value) => importer.ReadersOf(value);

    /// <summary>The only node that reads the branch's value, if it is of a type.</summary>
    public NodeReader? Next(string nextType) =>
        importer.Only(branch.Value, nextType) is { } next ? new(importer, branch, next, nextType) : null;

    /// <summary>The only node that reads this one's output, if it is of a type.</summary>
    public NodeReader? NextOf(string nextType) => Follow(nextType) is [var next] ? new(importer, branch, next, nextType) : null;

    /// <summary>
    /// Nodes of some types, each the only one that reads the output of the one before it, this one the first; null where they are others.
    /// </summary>
    public List<NodeProto>? Follow(params ReadOnlySpan<string> types)
    {
        var (nodes, last) = (new List<NodeProto>(), node);
        foreach (string one in types)
        {
            if (last.Output is not [var output] || importer.Only(output, one) is not { } next)
            {
                return null;
            }

            nodes.Add(next);
            last = next;
        }

        return nodes;
    }

    /// <summary>Whether another node is a product of two values one of which is this one's input.</summary>
    public bool IsProductWithInput(NodeProto product) =>
        product.Input.Count == 2 && node.Input.Count > 0 && product.Input.Contains(node.Input[0]);

    /// <summary>Which input of a node of two is not the branch's value.</summary>
    public int OtherInput(NodeProto other) => other.Input[0] == branch.Value ? 1 : 0;

    /// <summary>Which input of a node of two is a constant that the branch's value is joined with; null where neither is.</summary>
    public int? OtherConstant() =>
        node.Input.Count == 2 && OtherInput(node) is var other && IsConstant(other) && !IsConstant(1 - other) ? other : null;

    /// <summary>Lets an operator read the node.</summary>
    public void ReadBy(Operator its) => its.Read(this);
}
