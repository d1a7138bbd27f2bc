using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>A function of one value, of four at once.</summary>
internal interface IVectorFunction
{
    /// <summary>f(x), each value for itself.</summary>
    Vector256<double> Of(Vector256<double> x);
}
