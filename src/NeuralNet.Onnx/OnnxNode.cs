using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx;

/// <summary>A node of a model that is read, for a layer of your own: see <see cref="OnnxImportOptions.Add"/>.</summary>
/// <remarks>
/// A node has to be understood as a whole: one with an attribute that nothing asked for is refused by its name. What the file says is
/// checked by the types and sizes that are asked for, and refused as an <see cref="OnnxFormatException"/>.
/// </remarks>
public sealed class OnnxNode
{
    private readonly NodeReader _node;

    internal OnnxNode(NodeReader node)
    {
        _node = node;
        Output = node.Form;
    }

    /// <summary>Gets the node's name in the model, which may be empty.</summary>
    public string Name => _node.Node.Name;

    /// <summary>Gets the operator.</summary>
    public string Type => _node.Node.OpType;

    /// <summary>Gets the shape of a sample of the value that the node reads; 0 rows where it is a sequence of any number of
    /// steps.</summary>
    public Shape Shape => _node.Form.Shape;

    /// <summary>
    /// Gets a value that indicates whether that value is a row, [N, n]; otherwise it is a sequence or [N, depth, height, width].
    /// </summary>
    public bool IsRow => _node.Form.IsRow;

    /// <summary>Gets a value that indicates whether that value is a sequence of T steps, [N, T, n].</summary>
    public bool IsSequence => _node.Form.IsSequence;

    /// <summary>Gets the number of inputs.</summary>
    public int InputCount => _node.Node.Input.Count;

    internal Form Output { get; private set; }

    /// <summary>Returns whether an input is a constant of the model.</summary>
    /// <param name="input">The input's place, 0 or more; one that the node has not is none.</param>
    public bool IsConstant(int input) => input >= 0 && _node.HasInput(input) && _node.IsConstant(input);

    /// <summary>Returns the dimensions of a constant input.</summary>
    /// <param name="input">The input's place.</param>
    /// <exception cref="OnnxFormatException">The input is no constant.</exception>
    public IReadOnlyList<long> Dimensions(int input) => _node.Dimensions(input);

    /// <summary>
    /// Returns the numbers of a constant input: its last dimension as columns, all others as rows; 1 x n where it has one dimension.
    /// </summary>
    /// <param name="input">The input's place.</param>
    /// <exception cref="OnnxFormatException">The input is no constant, or one of other types than float32 and float64.</exception>
    public Matrix<double> Constant(int input)
    {
        var (dimensions, values) = (_node.Dimensions(input), _node.Numbers(input));
        int columns = dimensions.Length == 0 ? 1 : (int)dimensions[^1];
        return values.Length > 0
            ? Matrix<double>.Build.DenseOfRowMajor(values.Length / columns, columns, values)
            : throw _node.Refuse(FormattableString.Invariant($"has no numbers as input {input + 1}"));
    }

    /// <summary>Returns the integers of a constant input, such as a shape.</summary>
    /// <param name="input">The input's place.</param>
    /// <exception cref="OnnxFormatException">The input is no constant of a few int64.</exception>
    public IReadOnlyList<long> Integers(int input) => _node.Integers(input);

    /// <summary>Returns an attribute that is an integer.</summary>
    /// <param name="name">The attribute's name.</param>
    /// <param name="fallback">What it is where the node has none.</param>
    /// <exception cref="OnnxFormatException">It is of another type.</exception>
    public long Attribute(string name, long fallback) => _node.Attributes.Int(Checked(name), fallback);

    /// <summary>Returns an attribute that is a number.</summary>
    /// <param name="name">The attribute's name.</param>
    /// <param name="fallback">What it is where the node has none.</param>
    /// <exception cref="OnnxFormatException">It is of another type.</exception>
    public float Attribute(string name, float fallback) => _node.Attributes.Float(Checked(name), fallback);

    /// <summary>Returns an attribute that is a text.</summary>
    /// <param name="name">The attribute's name.</param>
    /// <param name="fallback">What it is where the node has none.</param>
    /// <exception cref="OnnxFormatException">It is of another type.</exception>
    public string Attribute(string name, string fallback) => _node.Attributes.Text(Checked(name), fallback);

    /// <summary>Returns an attribute that is a list of integers.</summary>
    /// <param name="name">The attribute's name.</param>
    /// <param name="fallback">What it is where the node has none.</param>
    /// <exception cref="OnnxFormatException">It is of another type.</exception>
    public IReadOnlyList<long> Attribute(string name, IReadOnlyList<long> fallback) => _node.Attributes.Ints(Checked(name)) ?? fallback;

    /// <summary>States that the layer gives a row, [N, size]; where nothing is stated, it gives the shape that it takes.</summary>
    /// <param name="size">The number of values of a sample, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than 1.</exception>
    public void SetRow(int size) => Output = Form.CheckedRow(size);

    /// <summary>States that the layer gives an image, [N, depth, height, width].</summary>
    /// <param name="shape">The image's shape, each size 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public void SetImage(Shape shape) => Output = Form.CheckedImage(shape);

    /// <summary>States that the layer gives a sequence of as many steps as it takes, [N, T, size].</summary>
    /// <param name="size">The number of values of a step, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than 1.</exception>
    public void SetSequence(int size) => Output = Form.CheckedSequence(size, _node.Form.Height);

    private static string Checked(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name;
    }
}
