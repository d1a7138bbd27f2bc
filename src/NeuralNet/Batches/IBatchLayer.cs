namespace NeuralNet;

/// <summary>What the library's own layers do: the article's two methods on a batch, from buffers into buffers.</summary>
/// <remarks>
/// A range of samples, or of gradient columns, is done by one thread. What is computed for a sample does not depend on the samples around it, nor a gradient's column on the columns around
/// it: so the result has the same bits however the ranges are cut.
/// </remarks>
internal interface IBatchLayer
{
    /// <summary>How many columns the parameters' gradients have, to be shared among threads; 0 where the layer learns nothing.</summary>
    int GradientColumns => 0;

    /// <summary>Multiply-adds for one sample, forward: whether threads pay is judged by it.</summary>
    long Work => 0;

    /// <summary>Whether a user's code is called, which may be called on the training thread only.</summary>
    bool CallsUser => false;

    /// <summary>The shape of Y for a given shape of X, null where that is not known yet.</summary>
    /// <exception cref="ArgumentException">The layer cannot take an X of that shape; names the layer, both shapes and the way out.</exception>
    Shape? OutputShape(Shape? input);

    /// <summary>Before training or evaluation: refuses a Y from which nothing before the layer could ever learn.</summary>
    /// <param name="output">The shape of Y; null where that is not known.</param>
    /// <exception cref="InvalidOperationException">Nothing could be learnt; names the layer and the way out.</exception>
    void RequireLearnable(Shape? output)
    {
    }

    /// <summary>Fills the samples [from, to) of <see cref="LayerPass.Output"/> from <see cref="LayerPass.Input"/>.</summary>
    void Forward(LayerPass pass, int from, int to);

    /// <summary>Fills the samples [from, to) of <see cref="LayerPass.InputError"/>; not called where that is empty.</summary>
    void InputErrors(LayerPass pass, int from, int to);

    /// <summary>Adds the sums over all samples to the columns [from, to) of the parameters' gradients.</summary>
    void AddGradients(LayerPass pass, int from, int to)
    {
    }

    /// <summary>For a batch of one: <see cref="InputErrors"/>, where wanted, and <see cref="AddGradients"/> with W -= learningRate * dE/dW in place of the gradients.</summary>
    void BackwardAndUpdate(LayerPass pass, double learningRate)
    {
        if (!pass.InputError.IsEmpty)
        {
            InputErrors(pass, 0, 1);
        }
    }
}
