namespace NeuralNet.Tests.Optimizers;

/// <summary>Every optimizer of the library, in every way it may work.</summary>
internal static class BuiltInOptimizers
{
    public static Dictionary<string, Func<Optimizer>> New { get; } = new Func<Optimizer>[]
    {
        () => new Sgd(0.1),
        () => new Sgd(0.1, weightDecay: 0.02),
        () => new Sgd(0.1, momentum: 0.9),
        () => new Sgd(0.1, momentum: 0.8, nesterov: true, weightDecay: 0.02),
        () => new Adagrad(),
        () => new Adagrad(0.1, epsilon: 1e-7, weightDecay: 0.02, initialAccumulator: 0.3),
        () => new RmsProp(),
        () => new RmsProp(0.02, decay: 0.9, epsilon: 1e-7, momentum: 0.8, weightDecay: 0.02),
        () => new RmsProp(0.02, centered: true),
        () => new RmsProp(0.02, momentum: 0.8, centered: true),
        () => new Adam(),
        () => new Adam(0.02, beta1: 0.8, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.02),
        () => new AdamW(),
        () => new AdamW(0.02, beta1: 0.8, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.02),
    }.ToDictionary(create => create().ToString());

    public static TheoryData<string> Names => [.. New.Keys];
}
