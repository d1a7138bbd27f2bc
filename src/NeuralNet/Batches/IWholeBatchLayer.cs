namespace NeuralNet;

/// <summary>A layer that has to see all samples of a mini-batch in training before it can do one of them.</summary>
internal interface IWholeBatchLayer : IBatchLayer
{
    /// <summary>Refuses a batch too small to train on.</summary>
    /// <exception cref="InvalidOperationException">The layer needs more samples; names it and the way out.</exception>
    void RequireBatch(int count);

    /// <summary>Gathers what <see cref="IBatchLayer.Forward"/> needs from all of <see cref="LayerPass.Input"/>.</summary>
    void BeforeForward(LayerPass pass);

    /// <summary>Gathers what <see cref="IBatchLayer.InputErrors"/> needs from all of <see cref="LayerPass.OutputError"/>.</summary>
    void BeforeInputErrors(LayerPass pass);
}
