using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>A node that reads a value, and as which of its inputs.</summary>
internal sealed record Reading(NodeProto Node, List<int> Inputs);
