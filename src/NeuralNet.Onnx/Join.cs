using NeuralNet.Onnx.Messages;
using NeuralNet.Onnx.Operators;

namespace NeuralNet.Onnx;

/// <summary>A node that joins several values, and how many.</summary>
internal sealed record Join(NodeProto Node, Joining Operator, int Values);
