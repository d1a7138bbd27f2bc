using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>
/// Self-attention: a function of MatMul, Reshape, Transpose and Softmax, which takes [..., T, n] for any T; where it is causal, it makes
/// the mask of T.
/// </summary>
internal sealed class SelfAttention : LayerOperator<SelfAttentionLayer>
{
    private const string Type = "SelfAttention";
    private const string CausalType = "CausalSelfAttention";

    public override IReadOnlyList<string> Types => [Type, CausalType];

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    protected override Form? InputOf(SelfAttentionLayer layer, OperatorList operators) => Form.Sequence(layer.Size);

    protected override void Write(SelfAttentionLayer layer, OnnxGraph graph)
    {
        int size = layer.Size;
        int headSize = size / layer.Heads;
        List<string> inputs =
        [
            graph.Value,
            graph.AddConstant("InputWeights", layer.InputWeights),
            graph.AddColumns("InputBias", layer.InputBias, 3 * size),
            graph.AddConstant("OutputWeights", layer.OutputWeights),
            graph.AddColumns("OutputBias", layer.OutputBias, size),
            graph.AddConstant("Heads", [3, layer.Heads, headSize]),
            graph.AddColumns("Scale", ScaleOf(headSize), headSize),
        ];
        if (layer.Causal)
        {
            inputs.Add(graph.AddConstant("Unseen", graph.IsDouble ? double.MinValue : float.MinValue));
        }

        graph.Append(layer.Causal ? CausalType : Type, [.. inputs]);
        graph.Call(Formula(layer.Causal, graph.Opset));
    }

    public override void Read(NodeReader node)
    {
        if (!node.IsFunction)
        {
            throw node.Unknown();
        }

        bool causal = node.Type == CausalType;
        node.RequireFunction(null, 0, () => Formula(causal, node.Opset));
        node.RequireSteps();
        int size = node.Form.Width;
        if (node.Integers(5) is not [3, >= 1 and var heads, >= 1 and var headSize] || heads > size || heads * headSize != size)
        {
            throw node.Refuse(FormattableString.Invariant($"has heads that do not divide {size} values among them"));
        }

        if ((node.Vector(6, (int)headSize) - ScaleOf((int)headSize)).InfinityNorm() > 1e-6)
        {
            throw node.Refuse(FormattableString.Invariant($"has another scale than 1 / √{headSize}"));
        }

        if (causal && !(node.Number(7) <= float.MinValue))
        {
            throw node.Refuse("has a score for steps that are not seen which is not the least number");
        }

        // The numbers first: a layer takes memory as large as they are.
        var (inputWeights, inputBias) = (Weights(node, 1, size, 3L * size), node.Vector(2, 3 * size));
        var (outputWeights, outputBias) = (Weights(node, 3, size, size), node.Vector(4, size));
        var layer = new SelfAttentionLayer(size, (int)heads, causal, Initializer.Zeros)
        {
            InputWeights = inputWeights,
            InputBias = inputBias,
            OutputWeights = outputWeights,
            OutputBias = outputBias,
        };
        node.Pass(causal ? 8 : 7, causal ? 8 : 7);
        node.Add(layer);
    }

    /// <summary>1 / √d, once for each value of a head: ONNX Runtime makes a float32 of one number that a product is scaled by.</summary>
    private static Matrix<double> ScaleOf(int headSize) => Matrix<double>.Build.Dense(1, headSize, 1 / Math.Sqrt(headSize));

    private static Matrix<double> Weights(NodeReader node, int input, int rows, long columns)
    {
        long[] dimensions = node.Dimensions(input);
        return dimensions is [var height, var width] && height == rows && width == columns
            ? Matrix<double>.Build.DenseOfRowMajor(rows, (int)columns, node.Numbers(input))
            : throw node.Refuse(FormattableString.Invariant(
                $"expects {rows} x {columns} numbers as input {input + 1}, but has [{string.Join(", ", dimensions.Take(5))}]"));
    }

    /// <summary>
    /// softmax(Q Scale Kᵀ) V in each head, with [Q K V] = XW + B, then times V and plus C; the scores of steps after a step's own become
    /// Unseen, which is so little that their weight is 0.
    /// </summary>
    private static FunctionProto Formula(bool causal, long opset)
    {
        string[] inputs = ["X", "W", "B", "V", "C", "Heads", "Scale"];
        var f = new FunctionBuilder(causal ? CausalType : Type, opset, causal ? [.. inputs, "Unseen"] : inputs);
        string shape = f.Add("Shape", ["X"]);
        string steps = f.Add("Gather", [shape, f.Ints(-2)]);
        string projected = f.Add("Add", [f.Add("MatMul", ["X", "W"]), "B"]);
        string apart = f.Add("Reshape", [projected, f.Add("Concat", [f.Ints(-1), steps, "Heads"], Attributes.Of("axis", 0))]);
        string turned = f.Add("Transpose", [apart], Attributes.OfMany("perm", 2, 0, 3, 1, 4)); // [3, N, heads, T, d]
        string queries = f.Add("Mul", [Part(0), "Scale"]);
        string keys = f.Add("Transpose", [Part(1)], Attributes.OfMany("perm", 0, 1, 2, 4, 3));
        string scores = f.Add("MatMul", [queries, keys]);
        if (causal)
        {
            string place = f.Add("Range", [Scalar(0), f.Add("Squeeze", [steps]), Scalar(1)]);
            string seen = f.Add("LessOrEqual", [place, f.Add("Unsqueeze", [place, f.Ints(1)])]);
            scores = f.Add("Where", [seen, scores, "Unseen"]);
        }

        string weights = f.Add("Softmax", [scores], Attributes.Of("axis", -1));
        string attended = f.Add("Transpose", [f.Add("MatMul", [weights, Part(2)])], Attributes.OfMany("perm", 0, 1, 3, 2, 4));
        return f.Return("Add", f.Add("MatMul", [f.Add("Reshape", [attended, shape]), "V"]), "C");

        string Part(long part) => f.Add("Gather", [turned, f.Ints(part)], Attributes.Of("axis", 0));

        string Scalar(long value) => f.Add("Constant", [], Attributes.Of("value_int", value));
    }
}
