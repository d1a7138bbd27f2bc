using System.Globalization;
using NeuralNet.Onnx.Messages;
using NeuralNet.Onnx.Operators;

namespace NeuralNet.Onnx;

/// <summary>
/// Makes the network of an ONNX model: follows the values that depend on the input from node to node, and branches to where they join.
/// </summary>
internal sealed class Importer
{
    /// <summary>The operators of these versions mean the same as long as what they are asked for is checked.</summary>
    private const long LeastOpset = 7;
    private const long GreatestOpset = 25;

    /// <summary>Layers and branches that are read at most: adding a layer takes time in the number of those before it.</summary>
    private const int MostLayers = 4096;

    /// <summary>Layers that hold one another at most: each takes its part of the stack.</summary>
    private const int MostNested = 64;

    /// <summary>Layers within layers, counted for each that holds them, at most: making a layer takes time in the number of those
    /// within.</summary>
    private const int MostHeld = 1 << 15;

    private readonly OnnxImportOptions _options;
    private readonly GraphProto _graph;
    private readonly Dictionary<string, FunctionProto> _functions = [];
    private readonly Dictionary<string, object?> _provenFunctions = [];
    private readonly Dictionary<string, List<Reading>> _readings = [];
    private readonly Dictionary<NodeProto, Join> _joins = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<NodeProto> _unread = new(ReferenceEqualityComparer.Instance);
    private readonly string _input;
    private readonly string _output;
    private readonly Form _form;
    private int _layers;
    private int _held;

    private Importer(ModelProto model, long fileSize, OnnxImportOptions options)
    {
        _options = options;
        _graph = model.Graph ?? throw new OnnxFormatException("The model has no graph. Is it an ONNX model?");
        Opset = OpsetOf(model);
        foreach (var function in model.Functions)
        {
            if (!_functions.TryAdd($"{function.Domain}:{function.Name}", function))
            {
                throw new OnnxFormatException($"The model has two functions named '{Refusal.Short(function.Name)}'.");
            }
        }

        Constants = new Constants(fileSize);
        foreach (var tensor in _graph.Initializer)
        {
            Constants.Add(tensor);
        }

        // Models of the first versions of the format list their weights as inputs too.
        ValueInfoProto[] inputs = [.. _graph.Input.Where(input => !Constants.Has(input.Name))];
        if (inputs.Length != 1 || _graph.Output.Count != 1)
        {
            throw new OnnxFormatException(FormattableString.Invariant(
                $"The model has {inputs.Length} inputs and {_graph.Output.Count} outputs; a network has one each."));
        }

        (_input, _output) = (inputs[0].Name, _graph.Output[0].Name);
        (_form, FixedBatch) = FormOf(inputs[0]);
        Index();
    }

    public long Opset { get; }

    /// <summary>The number of samples, where the model is for one number only.</summary>
    public long? FixedBatch { get; }

    public Constants Constants { get; }

    /// <exception cref="OnnxFormatException">The bytes are no model, or one of something else than layers.</exception>
    public static Network Import(byte[] file, OnnxImportOptions options) => new Importer(Wire.Model(file), file.Length, options).Import();

    /// <summary>The only node that reads a value, if it is of the operator.</summary>
    public NodeProto? Only(string value, string type) =>
        value != _output && Readings(value) is [{ Node: var node }] && node.OpType == type && IsStandard(node.Domain) ? node : null;

    /// <summary>The nodes that read a value, if all are of ONNX's own operators, and the model's output is another value.</summary>
    public NodeProto[] ReadersOf(string value) =>
        value != _output && Readings(value).TrueForAll(reading => IsStandard(reading.Node.Domain))
            ? [.. Readings(value).Select(reading => reading.Node)]
            : [];

    /// <summary>Counts a layer or a branch, made of a node.</summary>
    public void Count(NodeProto node)
    {
        if (++_layers > MostLayers)
        {
            throw Refusal.Of(node, FormattableString.Invariant($"comes after {MostLayers:N0} layers, the most that are read"));
        }
    }

    /// <summary>Whether a function was found to be the library's own for what the key says.</summary>
    public bool IsProven(string function, object? key) => _provenFunctions.TryGetValue(function, out object? proven) && Equals(proven, key);

    public void Prove(string function, object? key) => _provenFunctions[function] = key;

    /// <summary>Takes a node out of those that are still to be read.</summary>
    /// <returns>The one value that it makes.</returns>
    public string Take(NodeProto node)
    {
        string[] made = [.. node.Output.Where(output => output.Length > 0)];
        if (made.Length == 0 || made.Skip(1).Any(name => name == _output || _readings.ContainsKey(name)))
        {
            throw Refusal.Of(node, FormattableString.Invariant($"makes {made.Length} values; a layer has one output"));
        }

        return _unread.Remove(node) ? made[0] : throw Refusal.Of(node, "is in a circle");
    }

    /// <summary>Takes a node of several values out of those that are still to be read.</summary>
    /// <returns>Which of them, the only one that is read, and its name.</returns>
    public (int Output, string Value) TakeOneOf(NodeProto node)
    {
        bool IsRead(string value) => value.Length > 0 && (value == _output || _readings.ContainsKey(value));
        int[] read = [.. Enumerable.Range(0, node.Output.Count).Where(i => IsRead(node.Output[i]))];
        return read is not [var output]
            ? throw Refusal.Of(node, FormattableString.Invariant($"makes {read.Length} values that are read; a layer has one output"))
            : _unread.Remove(node) ? (output, node.Output[output])
            : throw Refusal.Of(node, "is in a circle");
    }

    private Network Import()
    {
        var chain = new Branch(_input, _form);
        if (Follow(chain, 0) is { } end)
        {
            throw Refusal.Of(end.Join.Node, $"joins '{Refusal.Short(chain.Value)}' with a value that is no branch of the same one");
        }

        if (_unread.Count > 0)
        {
            throw Refusal.Of(_unread.First(), "is no part of the network from the model's input to its output");
        }

        var network = new Network();
        for (int i = 0; i < chain.Layers.Count; i++)
        {
            Make(chain.NodeOf(i), () => network.Add(chain.Layers[i]));
        }

        return network.Layers.Count > 0 ? network : network.Add(ActivationFunctions.MakeLinear());
    }

    private static T Make<T>(NodeProto node, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException exception)
        {
            throw new OnnxFormatException($"{Refusal.NameOf(node)} makes no layer: {exception.Message}", exception);
        }
    }

    private static long OpsetOf(ModelProto model)
    {
        long[] versions = [.. model.OpsetImport.Where(opset => IsStandard(opset.Domain)).Select(opset => opset.Version)];
        if (versions is not [>= LeastOpset and <= GreatestOpset])
        {
            string has = versions.Length == 0 ? "none" : string.Join(", ", versions.Take(5));
            throw new OnnxFormatException(FormattableString.Invariant(
                $"The model needs to state one version of ONNX's operators from {LeastOpset} to {GreatestOpset}, but has {has}. ") +
                "Export it with such an opset.");
        }

        return versions[0];
    }

    private static bool IsStandard(string domain) => domain is "" or "ai.onnx";

    private static (Form Form, long? Batch) FormOf(ValueInfoProto input)
    {
        string name = $"The model's input '{Refusal.Short(input.Name)}'";
        var type = input.Type?.TensorType;
        bool areNumbers = type?.ElemType is Tensors.Int32 or Tensors.Int64 && type.Shape is { Dim.Count: 2 };
        if (!areNumbers && type?.ElemType is not (Tensors.Float or Tensors.Double))
        {
            throw new OnnxFormatException(FormattableString.Invariant(
                $"{name} needs to be a tensor of float32 (type 1) or float64 (11), or of whole numbers [samples, steps], int32 (6) or ")
                + FormattableString.Invariant($"int64 (7), but has the type {type?.ElemType ?? 0}."));
        }

        if (type!.Shape is not { Dim: { Count: >= 2 and <= 4 } dimensions })
        {
            string has = type.Shape?.Dim.Count.ToString(CultureInfo.InvariantCulture) ?? "an unknown number";
            throw new OnnxFormatException(
                $"{name} needs two dimensions, samples and values, three, samples, steps and values, or four, samples, planes, rows and "
                + $"columns, but has {has}.");
        }

        long size = 1;
        bool isSequence = areNumbers || dimensions.Count == 3;
        foreach (var dimension in dimensions.Skip(isSequence && dimensions[1].DimValue == 0 ? 2 : 1))
        {
            if (dimension.DimValue < 1 || (size *= Math.Min(dimension.DimValue, int.MaxValue)) > Array.MaxLength)
            {
                throw new OnnxFormatException(
                    $"{name} needs a known shape that fits into a matrix, from its second dimension on. " +
                    "Export it with only the first dimension dynamic, and the steps of a sequence.");
            }
        }

        int Size(int dimension) => (int)dimensions[dimension].DimValue;
        long? batch = dimensions[0].DimValue > 0 ? dimensions[0].DimValue : null;
        var form = areNumbers ? Form.Sequence(1, Size(1)).As(FormKind.Numbers)
            : isSequence ? Form.Sequence(Size(2), Size(1))
            : dimensions.Count == 2 ? Form.Row(Size(1))
            : new Form((Size(2), Size(3), Size(1)));
        return (form, batch);
    }

    /// <summary>Who reads each value, what joins several, and that nobody makes one twice.</summary>
    private void Index()
    {
        HashSet<string> made = [_input];
        foreach (var node in _graph.Node)
        {
            foreach (string output in node.Output.Where(output => output.Length > 0))
            {
                if (Constants.Has(output) || !made.Add(output))
                {
                    throw Refusal.Of(node, $"makes the value '{Refusal.Short(output)}', which is made elsewhere too");
                }
            }

            if (node.OpType == "Constant" && IsStandard(node.Domain))
            {
                Constants.Add(node);
                continue;
            }

            _unread.Add(node);
            for (int input = 0; input < node.Input.Count; input++)
            {
                if (!_readings.TryGetValue(node.Input[input], out var readings))
                {
                    _readings[node.Input[input]] = readings = [];
                }

                if (readings.Count == 0 || readings[^1].Node != node)
                {
                    readings.Add(new Reading(node, []));
                }

                readings[^1].Inputs.Add(input);
            }
        }

        // Constant nodes may stand behind those that read them.
        foreach (var node in _unread)
        {
            if (IsStandard(node.Domain) && OperatorList.OfType(node.OpType) is Joining joining
                && node.Input.Count(input => !Constants.Has(input)) > 1)
            {
                _joins[node] = new Join(node, joining, node.Input.Count);
            }
        }
    }

    private List<Reading> Readings(string value) => _readings.GetValueOrDefault(value, []);

    /// <summary>Refuses steps before samples as the model's output: a network gives a sequence for each sample.</summary>
    private void RequireSamplesFirst(Branch branch)
    {
        if (branch.Form.Kind == FormKind.StepsFirst)
        {
            var last = _graph.Node.First(node => node.Output.Contains(branch.Value));
            throw Refusal.Of(last, $"gives {branch.Form}, the steps before the samples; a network gives [N, T, n]");
        }
    }

    /// <summary>Reads the nodes behind a branch's value, up to the model's output or to a node that joins it with other values.</summary>
    /// <returns>That node, and which of its inputs the value is; null at the model's output.</returns>
    private (Join Join, int Input)? Follow(Branch branch, int depth)
    {
        while (true)
        {
            var readings = Readings(branch.Value);
            if (readings.Count == 0)
            {
                RequireSamplesFirst(branch);
                return branch.Value == _output ? null : throw new OnnxFormatException(
                    $"The chain of nodes ends at '{Refusal.Short(branch.Value)}', not at the model's output '{Refusal.Short(_output)}'.");
            }

            if (branch.Value == _output)
            {
                throw Refusal.Of(
                    readings[0].Node,
                    $"reads '{Refusal.Short(_output)}', which is the model's output; a network gives only what comes last");
            }

            var heads = Heads(branch, readings);
            if (heads is not [var head] || (_joins.ContainsKey(head.Node) && head.Inputs.Count > 1))
            {
                ReadFork(branch, heads, depth);
            }
            else if (_joins.TryGetValue(head.Node, out var join))
            {
                return (join, head.Inputs[0]);
            }
            else
            {
                Read(branch, head.Node);
            }
        }
    }

    /// <summary>The first nodes of the branches that read a value: those of one layer count once.</summary>
    private List<Reading> Heads(Branch branch, List<Reading> readings)
    {
        if (readings.Count == 1)
        {
            return readings;
        }

        HashSet<NodeProto> partners = new(ReferenceEqualityComparer.Instance);
        foreach (var reading in readings)
        {
            var its = IsStandard(reading.Node.Domain) ? OperatorList.OfType(reading.Node.OpType) : null;
            if (its?.Partner(ReaderOf(branch, reading.Node)) is { } partner)
            {
                partners.Add(partner);
            }
        }

        return partners.Count == 0 ? readings : [.. readings.Where(reading => !partners.Contains(reading.Node))];
    }

    /// <summary>Reads a node as a layer of a user's own.</summary>
    /// <returns>Whether it is one.</returns>
    private bool ReadOwn(Branch branch, NodeProto node)
    {
        if (_options.Of(node.Domain, node.OpType) is not { } read)
        {
            return false;
        }

        var reader = ReaderOf(branch, node);
        var its = new OnnxNode(reader);
        if (Make(node, () => read(its)) is not { } layer)
        {
            return false;
        }

        if (node.Input.Any(input => input.Length > 0 && input != branch.Value && !Constants.Has(input)))
        {
            throw reader.Refuse($"reads another value than '{Refusal.Short(branch.Value)}'; a layer has one input");
        }

        reader.Attributes.RequireNoMore();
        branch.Value = Take(node);
        reader.Add(layer, its.Output);
        return true;
    }

    private NodeReader ReaderOf(Branch branch, NodeProto node) => new(this, branch, node, node.OpType);

    /// <summary>Reads branches from the value that all of them read to where they have come together, as one layer.</summary>
    private void ReadFork(Branch branch, List<Reading> heads, int depth)
    {
        if (heads.Count == 0)
        {
            throw Refusal.Of(Readings(branch.Value)[0].Node, "is in a circle");
        }

        if (depth == MostNested)
        {
            throw TooDeep(heads[0].Node);
        }

        var fork = new Fork();
        foreach (var head in heads)
        {
            if (_joins.TryGetValue(head.Node, out var join))
            {
                foreach (int input in head.Inputs)
                {
                    Count(head.Node);
                    fork.Arrive((join, input), new Branch(branch.Value, branch.Form));
                }
            }
            else
            {
                Count(head.Node);
                var its = new Branch(branch.Value, branch.Form);
                Read(its, head.Node);
                fork.Arrive(EndOf(its, depth), its);
            }
        }

        while (true)
        {
            var (join, branches) = fork.Take();
            var joined = fork.Open == 0 ? branch : new Branch("", default);
            JoinInto(joined, join, branches);
            if (fork.Open == 0)
            {
                return;
            }

            fork.Arrive(EndOf(joined, depth), joined);
        }
    }

    private (Join Join, int Input) EndOf(Branch branch, int depth) => Follow(branch, depth + 1) ?? throw new OnnxFormatException(
        $"The model's output '{Refusal.Short(_output)}' is made by one branch of several, which do not come together before it.");

    private void JoinInto(Branch target, Join join, Branch[] branches)
    {
        Count(join.Node);
        int nesting = branches.Max(branch => branch.Nesting) + join.Operator.Nesting(branches.Length);
        int within = branches.Sum(branch => branch.Size);
        _held += within * join.Operator.Nesting(branches.Length);
        if (nesting > MostNested || _held > MostHeld)
        {
            throw TooDeep(join.Node);
        }

        var node = ReaderOf(target, join.Node);
        var (layer, form) = Make(join.Node, () => join.Operator.Join(node, branches));
        node.Attributes.RequireNoMore();
        target.Add(layer, join.Node, nesting, within);
        (target.Value, target.Form) = (Take(join.Node), form);
    }

    private static OnnxFormatException TooDeep(NodeProto node) => Refusal.Of(node, FormattableString.Invariant(
        $"is in branches within branches, more than {MostNested} deep or of more than {MostHeld:N0} layers in all, more than are read"));

    private void Read(Branch branch, NodeProto node)
    {
        if (ReadOwn(branch, node))
        {
            return;
        }

        string type = node.OpType;
        FunctionProto? function = null;
        if (node.Domain == FunctionBuilder.Domain)
        {
            function = _functions.GetValueOrDefault($"{node.Domain}:{node.OpType}");
            type = type[(type.LastIndexOf('.') + 1)..];
        }

        var reader = new NodeReader(this, branch, node, type, function);
        if ((function is null && !IsStandard(node.Domain)) || OperatorList.OfType(type) is not { } its)
        {
            throw reader.Unknown();
        }

        string before = branch.Value;
        Make(node, () =>
        {
            its.Read(reader);
            return branch;
        });
        if (branch.Value == before)
        {
            throw reader.Unknown();
        }
    }
}
