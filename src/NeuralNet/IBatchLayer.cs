namespace NeuralNet;

/// <summary>What the library's own layers do: the article's two methods on a batch, from buffers into buffers.</summary>
internal interface IBatchLayer
{
    /// <summary>The shape of Y for a given shape of X, null where that is not known yet.</summary>
    /// <exception cref="ArgumentException">The layer cannot take an X of that shape; names the layer, both shapes and the way out.</exception>
    Shape? OutputShape(Shape? input);

    /// <summary>Fills <see cref="LayerPass.Output"/> from <see cref="LayerPass.Input"/>.</summary>
    void Forward(LayerPass pass);

    /// <summary>Fills <see cref="LayerPass.InputError"/>, where wanted, and adds up the parameters' gradients over the samples.</summary>
    void Backward(LayerPass pass);

    /// <summary>As <see cref="Backward"/>, with W -= learningRate * dE/dW in place of the gradients.</summary>
    void BackwardAndUpdate(LayerPass pass, double learningRate) => Backward(pass);
}
