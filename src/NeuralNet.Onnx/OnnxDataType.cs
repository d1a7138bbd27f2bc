namespace NeuralNet.Onnx;

/// <summary>The type of the numbers in an ONNX model.</summary>
public enum OnnxDataType
{
    /// <summary>32-bit floating point, which every ONNX runtime has for every operator. Weights are rounded to it.</summary>
    Float32,

    /// <summary>64-bit floating point, as in the network: nothing is rounded.</summary>
    /// <remarks>
    /// ONNX Runtime's CPU has no Conv, AveragePool, Elu, Softplus and Erf in float64, and LeakyRelu's slope is a float32 in ONNX. Such a
    /// layer is a node of the domain <c>NeuralNet</c> here, which calls a function that the model brings along, made of operators that
    /// the runtime has: any runtime that knows functions (format version 8, of 2021) takes it. Gelu's is an integral by 64 places, exact
    /// to 1e-15 of x, but slow.
    /// </remarks>
    Float64,
}
