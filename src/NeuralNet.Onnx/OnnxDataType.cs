namespace NeuralNet.Onnx;

/// <summary>The type of the numbers in an ONNX model.</summary>
public enum OnnxDataType
{
    /// <summary>32-bit floating point, which every ONNX runtime has for every operator. Weights are rounded to it.</summary>
    Float32,

    /// <summary>64-bit floating point, as in the network: nothing is rounded, but runtimes lack some operators in it (ONNX Runtime's CPU has no Conv, AveragePool and others).</summary>
    Float64,
}
