namespace NeuralNet.Kernels;

/// <summary>Four doubles side by side: what a kernel is written in, once for every kind of machine, and with the same bits on each.</summary>
internal interface ILanes<T>
    where T : struct, ILanes<T>
{
    static abstract T Load(ref readonly double source, int offset);

    static abstract T Broadcast(double value);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    void Store(ref double target, int offset);

    /// <summary>(0 + 2) + (1 + 3).</summary>
    double Sum();

    /// <summary>Whether all are 0 or -0.</summary>
    bool IsZero();
}
