using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;
using NeuralNet.Onnx.Operators;

namespace NeuralNet.Onnx;

/// <summary>The graph of an ONNX model while it is built, for the nodes of one layer after another.</summary>
/// <remarks>
/// <para>
/// A layer of your own adds its nodes in a function given to <see cref="OnnxExportOptions.Add{TLayer}"/>: the first node reads
/// <see cref="Value"/>, each node's output becomes the new <see cref="Value"/>, and the last node's is the layer's output. Where the
/// layer's
/// output has another shape than its input, <see cref="SetRow"/> or <see cref="SetImage"/> says so.
/// </para>
/// <para>
/// The library holds a sample as one matrix. In the model its value is a row, [N, n], an image, [N, depth, height, width], N being the
/// number of samples, or a sequence of T steps, [N, T, n]: <see cref="IsRow"/> and <see cref="IsSequence"/> tell which, and
/// <see cref="ToRow"/> and <see cref="ToImage"/> change it where the matrix is the same.
/// </para>
/// <example>
/// A layer of one's own that multiplies a row by its matrix M, 3 x 4, and adds 1:
/// <code>
/// var options = new OnnxExportOptions().Add&lt;MyLayer&gt;((layer, graph) =&gt;
/// {
///     graph.ToRow();
///     graph.AddNode("MatMul", [graph.Value, graph.AddConstant("M", layer.M)]);
///     graph.AddNode("Add", [graph.Value, graph.AddConstant("One", 1)]);
///     graph.SetRow(4);
/// });
/// network.ExportOnnx("network.onnx", options);
/// </code>
/// </example>
/// </remarks>
public sealed class OnnxGraph
{
    private readonly List<FunctionProto> _functions = [];
    private readonly HashSet<string> _names = [];
    private readonly string _input;
    private long _bytes;

    internal OnnxGraph(OnnxExportOptions options, OperatorList operators, Form input)
    {
        (Opset, DataType, Operators) = (options.Opset, options.DataType, operators);
        (_input, Value, Form) = (options.InputName, options.InputName, input);
    }

    /// <summary>Gets the name of the value that the next node reads: at first the layer's input, then the last node's output.</summary>
    public string Value { get; private set; }

    /// <summary>Gets the shape of a sample of <see cref="Value"/>; 0 rows where it is a sequence of any number of steps.</summary>
    public Shape Shape => Form.Shape;

    /// <summary>
    /// Gets a value that indicates whether <see cref="Value"/> is a row, [N, n]; otherwise it is a sequence or [N, depth, height, width].
    /// </summary>
    public bool IsRow => Form.IsRow;

    /// <summary>Gets a value that indicates whether <see cref="Value"/> is a sequence of T steps, [N, T, n].</summary>
    public bool IsSequence => Form.IsSequence;

    /// <summary>Gets the version of ONNX's operators that the model keeps to.</summary>
    public int Opset { get; }

    /// <summary>Gets the type of the model's weights, input and output.</summary>
    public OnnxDataType DataType { get; }

    internal OperatorList Operators { get; }

    internal GraphProto Graph { get; } = new() { Name = "NeuralNet" };

    internal IReadOnlyList<FunctionProto> Functions => _functions;

    internal Form Form { get; set; }

    internal bool IsDouble => DataType == OnnxDataType.Float64;

    /// <summary>The layer that nodes are added for, and how the names of its nodes and tensors begin.</summary>
    private (Layer? Layer, string Path) Current { get; set; } = (null, "layer0");

    /// <summary>Adds a node that reads <see cref="Value"/> alone and has no attributes.</summary>
    /// <param name="type">The operator, such as <c>Relu</c>, one of ONNX's own in <see cref="Opset"/>.</param>
    /// <returns>The name of the node's output, which is <see cref="Value"/> now.</returns>
    /// <exception cref="ArgumentException"><paramref name="type"/> is empty.</exception>
    public string AddNode(string type) => AddNode(type, [Value]);

    /// <summary>Adds a node.</summary>
    /// <param name="type">The operator, such as <c>Gemm</c>, one of ONNX's own in <see cref="Opset"/>.</param>
    /// <param name="inputs">
    /// The names of the values that it reads, in the operator's order; the empty text for one that is left out.
    /// </param>
    /// <param name="attributes">The operator's attributes, where the defaults are not meant.</param>
    /// <returns>The name of the node's first output, which is <see cref="Value"/> now.</returns>
    /// <exception cref="ArgumentException"><paramref name="type"/> is empty, or there is no value of the name of an input.</exception>
    public string AddNode(string type, IReadOnlyList<string> inputs, params IReadOnlyList<OnnxAttribute> attributes)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(attributes);
        for (int i = 0; i < attributes.Count; i++)
        {
            if (attributes[i] is null)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"AddNode expects attributes, but got null as attributes[{i}]."), nameof(attributes));
            }
        }

        foreach (string input in inputs)
        {
            if (input is null || (input != "" && input != _input && !_names.Contains(input)))
            {
                throw new ArgumentException(
                    $"AddNode expects the names of values that are there, but got '{input}'. " +
                    "Take Value, or what AddNode or AddConstant returned.",
                    nameof(inputs));
            }
        }

        return Append(type, [.. inputs], [.. attributes.Select(attribute => attribute.Message)]);
    }

    /// <summary>Adds a matrix of numbers.</summary>
    /// <param name="name">What to call it within the layer, such as <c>Weights</c>.</param>
    /// <param name="values">The numbers, finite; in <see cref="DataType"/> in the model.</param>
    /// <param name="dimensions">The tensor's dimensions, filled row by row; the matrix's own two where none are given.</param>
    /// <returns>The name of the constant, for a node to read.</returns>
    /// <exception cref="ArgumentException">The name is empty, or the dimensions are for another number of values.</exception>
    /// <exception cref="InvalidOperationException">A number is NaN or infinite.</exception>
    /// <exception cref="NotSupportedException">A number does not fit into float32, or the model would be larger than 2 GB.</exception>
    public string AddConstant(string name, Matrix<double> values, params IReadOnlyList<long> dimensions)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(dimensions);
        long count = (long)values.RowCount * values.ColumnCount;
        if (dimensions.Any(size => size < 1 || size > count) || (dimensions.Count > 0 && Product(dimensions) != count))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"AddConstant expects dimensions for {values.RowCount} x {values.ColumnCount} values, ") +
                $"but got [{string.Join(", ", dimensions)}].",
                nameof(dimensions));
        }

        return AddTensor(name, values.ToRowMajorArray(), dimensions.Count > 0 ? [.. dimensions] : [values.RowCount, values.ColumnCount]);
    }

    /// <summary>Adds a number, a tensor without dimensions.</summary>
    /// <param name="name">What to call it within the layer, such as <c>Slope</c>.</param>
    /// <param name="value">The number, finite; in <see cref="DataType"/> in the model.</param>
    /// <returns>The name of the constant, for a node to read.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="InvalidOperationException">The number is NaN or infinite.</exception>
    /// <exception cref="NotSupportedException">The number does not fit into float32.</exception>
    public string AddConstant(string name, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return AddTensor(name, [value], []);
    }

    /// <summary>Adds a list of integers, such as the shape that a Reshape makes.</summary>
    /// <param name="name">What to call it within the layer, such as <c>Shape</c>.</param>
    /// <param name="values">The integers; int64 in the model.</param>
    /// <returns>The name of the constant, for a node to read.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string AddConstant(string name, IReadOnlyList<long> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        byte[] raw = new byte[values.Count * sizeof(long)];
        for (int i = 0; i < values.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(i * sizeof(long)), values[i]);
        }

        return Add(
            name, new TensorProto { DataType = Tensors.Int64, Dims = { values.Count }, RawData = UnsafeByteOperations.UnsafeWrap(raw) });
    }

    /// <summary>Makes <see cref="Value"/> a row, [N, n], where it is an image of one row.</summary>
    /// <exception cref="InvalidOperationException">
    /// Its samples have more than one row: the library flattens them in a layer of its own.
    /// </exception>
    public void ToRow() => Become(Form.Row(checked((int)Form.Columns)));

    /// <summary>Makes <see cref="Value"/> an image, [N, depth, height, width], of the same matrix of height x (width * depth).</summary>
    /// <param name="shape">The image's shape.</param>
    /// <exception cref="InvalidOperationException">Its samples are other matrices.</exception>
    public void ToImage(Shape shape) => Become(new Form(FormKind.Image, shape));

    /// <summary>States that the last node's output is a row, [N, size].</summary>
    /// <param name="size">The number of values of a sample, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than 1.</exception>
    public void SetRow(int size) => Form = Form.CheckedRow(size);

    /// <summary>States that the last node's output is an image, [N, depth, height, width].</summary>
    /// <param name="shape">The image's shape, each size 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public void SetImage(Shape shape) => Form = Form.CheckedImage(shape);

    /// <summary>States that the last node's output is a sequence of as many steps as before, [N, T, size].</summary>
    /// <param name="size">The number of values of a step, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than 1.</exception>
    public void SetSequence(int size) => Form = Form.CheckedSequence(size, Form.Height);

    /// <summary>Adds the nodes of layers that follow one another.</summary>
    internal void Write(IReadOnlyList<Layer> layers, string name)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var outer = Current;
        for (int i = 0; i < layers.Count; i++)
        {
            Current = (layers[i], FormattableString.Invariant($"{(outer.Layer is null ? "" : outer.Path + ".")}{name}{i}"));
            var its = Operators.Of(layers[i]);
            if (its.InputOf(layers[i], Operators) is { } form && !(its.TakesRows && AreRowsOf(form)))
            {
                Become(form);
            }

            its.Write(layers[i], this);
        }

        Current = outer;
    }

    /// <summary>Whether the value is several rows or steps, where a layer tells that it takes one of them.</summary>
    private bool AreRowsOf(Form row) => row.IsRow && Form is { IsRow: false, Height: not 1 };

    /// <summary>Adds the nodes of branches that all read the value, which stays the graph's.</summary>
    /// <returns>What each of them gives.</returns>
    internal (string Value, Form Form)[] WriteBranches(params IEnumerable<(IReadOnlyList<Layer> Layers, string Name)> branches)
    {
        var (value, form) = (Value, Form);
        var ends = new List<(string, Form)>();
        foreach (var (layers, name) in branches)
        {
            Write(layers, name);
            ends.Add((Value, Form));
            (Value, Form) = (value, form);
        }

        return [.. ends];
    }

    /// <summary>Gives each of several values a form of the same matrix; the graph's value is the last of them then.</summary>
    /// <returns>Their names.</returns>
    internal string[] Become((string Value, Form Form)[] values, Func<Form, Form> formOf) =>
    [
        .. values.Select(value =>
        {
            (Value, Form) = value;
            Become(formOf(Form));
            return Value;
        }),
    ];

    internal string Append(string type, string[] inputs, params AttributeProto[] attributes)
    {
        string name = NewName(type);
        Graph.Node.Add(new NodeProto { OpType = type, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes } });
        return Value = name;
    }

    /// <summary>Makes the value the second output of the last node, whose first one nobody reads.</summary>
    internal void TakeSecondOutput() => Graph.Node[^1].Output.Insert(0, "");

    /// <summary>Makes the last node a call of a function that the model brings along.</summary>
    internal void Call(FunctionProto function)
    {
        var node = Graph.Node[^1];
        (node.Domain, node.OpType) = (function.Domain, function.Name);
        if (!_functions.Exists(other => other.Name == function.Name))
        {
            _functions.Add(function);
        }
    }

    /// <summary>The layer's own name for one of its functions.</summary>
    internal string FunctionName(string type) => $"{Current.Path}.{type}";

    /// <summary>Adds the columns of a matrix one after another, as MathNet stores them.</summary>
    internal string AddColumns(string name, Matrix<double> values, params long[] dimensions) =>
        AddTensor(name, values.ToColumnMajorArray(), dimensions);

    internal string AddTensor(string name, double[] values, params long[] dimensions)
    {
        int size = IsDouble ? sizeof(double) : sizeof(float);
        _bytes += (long)values.Length * size;
        if (_bytes > int.MaxValue - (1 << 24))
        {
            throw new NotSupportedException(
                "The model would be larger than 2 GB, the most that an ONNX file holds." +
                (IsDouble ? " Take DataType = OnnxDataType.Float32." : ""));
        }

        byte[] raw = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"{Current.Layer} holds {values[i]} in its {name}, which predicts nothing. Train again from what was finite."));
            }

            var to = raw.AsSpan(i * size);
            if (IsDouble)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(to, values[i]);
                continue;
            }

            float value = (float)values[i];
            if (!float.IsFinite(value))
            {
                throw new NotSupportedException(FormattableString.Invariant(
                    $"{Current.Layer} holds {values[i]} in its {name}, which no float32 holds. Take DataType = OnnxDataType.Float64."));
            }

            BinaryPrimitives.WriteSingleLittleEndian(to, value);
        }

        var type = IsDouble ? Tensors.Double : Tensors.Float;
        return Add(name, new TensorProto { DataType = type, Dims = { dimensions }, RawData = UnsafeByteOperations.UnsafeWrap(raw) });
    }

    /// <summary>
    /// Gives the value the form that a layer reads the same matrix in: what the library takes for height x (width * depth) either way may
    /// be two tensors.
    /// </summary>
    internal void Become(Form form)
    {
        // What takes any number of steps takes those that are there.
        form = form.IsFree ? form with { Shape = form.Shape with { Height = Form.Height } } : form;
        if (Form == form)
        {
            return;
        }

        if (Form.IsFree)
        {
            throw new NotSupportedException(
                $"{Current.Layer} takes {form}, but is given {Form}, a sequence of any number of steps. Give their number: " +
                FormattableString.Invariant($"new OnnxExportOptions {{ InputShape = (steps, features, 1) }}."));
        }

        if (!Form.SameMatrix(form))
        {
            throw new InvalidOperationException($"{Current.Layer} takes {form}, but is given {Form}.");
        }

        if (Form.IsSequence && !form.IsRow)
        {
            // The same matrix as one plane.
            Reshape(new Form((Form.Height, Form.Width, 1)));
            Become(form);
        }
        else if (form.IsSequence)
        {
            if (Form.Depth > 1 && Form.Height > 1)
            {
                SwapPlanesAndRows();
            }

            Reshape(form);
        }
        else if (form.IsRow)
        {
            Append("Flatten", [Value], Attributes.Of("axis", 1));
        }
        else if (form.Height == 1)
        {
            Reshape(form);
        }
        else
        {
            // Planes side by side in one matrix: [N, depth, height, width] to [N, height, depth * width], in other parts, and back.
            if (Form.Depth > 1)
            {
                SwapPlanesAndRows();
            }

            if (form.Depth == 1)
            {
                Reshape(form);
            }
            else
            {
                Reshape(new Form((form.Depth, form.Width, form.Height)));
                SwapPlanesAndRows();
            }
        }

        Form = form;
    }

    internal void Reshape(Form form)
    {
        // The batch is the one dimension that is found out.
        Append("Reshape", [Value, AddConstant("Shape", (long[])[-1, .. form.Dimensions])]);
        Form = form;
    }

    internal bool HasName(string name) => _names.Contains(name);

    private void SwapPlanesAndRows() => Append("Transpose", [Value], Attributes.OfMany("perm", 0, 2, 1, 3));

    private static Int128 Product(IReadOnlyList<long> sizes) =>
        sizes.Aggregate((Int128)1, (product, size) => product > int.MaxValue ? product : product * size);

    private string Add(string name, TensorProto tensor)
    {
        tensor.Name = NewName(name);
        Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>The layer's name for a part, with a number where it has several.</summary>
    private string NewName(string part)
    {
        string name = $"{Current.Path}.{part}";
        for (int i = 2; !_names.Add(name); i++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{Current.Path}.{part}{i}");
        }

        return name;
    }
}
