namespace NeuralNet.Onnx;

/// <summary>ONNX' numbers for the types of a tensor's values.</summary>
internal static class Tensors
{
    public const int Float = 1;
    public const int Int32 = 6;
    public const int Int64 = 7;
    public const int Double = 11;
}
