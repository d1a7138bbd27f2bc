using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx.Operators;

/// <summary>
/// An embedding: Squeeze and Cast, which make whole numbers of the steps, and Gather; Gather alone of whole numbers from elsewhere.
/// </summary>
internal sealed class Embedding : LayerOperator<EmbeddingLayer>
{
    public override IReadOnlyList<string> Types => ["Gather", "Cast"];

    protected override Form? InputOf(EmbeddingLayer layer, OperatorList operators) => Form.Sequence(1);

    protected override void Write(EmbeddingLayer layer, OnnxGraph graph)
    {
        int steps = graph.Form.Height;
        string weights = graph.AddTensor("Weights", layer.Weights.ToRowMajorArray(), layer.VocabularySize, layer.OutputSize);
        graph.Append("Squeeze", [graph.Value, graph.AddConstant("Axes", [2])]);
        graph.Append("Cast", [graph.Value], Attributes.Of("to", Tensors.Int64));
        graph.Append("Gather", [weights, graph.Value], Attributes.Of("axis", 0));
        graph.Form = Form.Sequence(layer.OutputSize, steps);
    }

    public override void Read(NodeReader node)
    {
        if (node.Form.Kind != FormKind.Numbers)
        {
            throw node.Refuse($"is given {node.Form}; the library looks up whole numbers, [N, T]");
        }

        if (node.Type == "Cast")
        {
            long type = node.Attributes.Int("to", 0);
            node.Attributes.Int("saturate", 1);
            if (type is not (Tensors.Int32 or Tensors.Int64))
            {
                throw node.Refuse(FormattableString.Invariant($"makes values of type {type}; a lookup takes int32 (6) or int64 (7)"));
            }

            node.Pass(1, 1);
            return;
        }

        node.Attributes.RequireInt("axis", 0, "rows of a table", 0);
        long[] dimensions = node.Dimensions(0);
        if (dimensions is not [>= 1 and <= int.MaxValue and var vocabulary, >= 1 and <= int.MaxValue and var size])
        {
            throw node.Refuse($"has a table of [{string.Join(", ", dimensions.Take(5))}]; the library's has a row for each number");
        }

        var layer = new EmbeddingLayer((int)vocabulary, (int)size, Initializer.Zeros)
        {
            Weights = Matrix<double>.Build.DenseOfRowMajor((int)vocabulary, (int)size, node.Numbers(0)),
        };
        node.Pass(2, 2, place: 1);
        node.Add(layer, Form.Sequence((int)size, node.Form.Height));
    }
}
