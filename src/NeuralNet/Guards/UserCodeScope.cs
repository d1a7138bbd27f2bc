namespace NeuralNet.Guards;

/// <summary>
/// A layer of a user's is called by a network: until it returns, the library's layers know on this thread that whatever calls
/// them is not the network itself.
/// </summary>
/// <remarks>
/// A layer that gathers statistics or draws random numbers does so where no network sees it: nothing saves, copies or takes back the one,
/// and nothing seeds the other. So it refuses to be trained there. Its Predict, which changes nothing, is allowed, and so are layers that
/// have parameters only.
/// </remarks>
internal readonly ref struct UserCodeScope : IDisposable
{
    [ThreadStatic]
    private static (Layer Layer, UserCodePurpose Purpose)? s_present;

    private readonly (Layer, UserCodePurpose)? _before;

    public UserCodeScope(Layer layer, UserCodePurpose purpose)
    {
        _before = s_present;
        s_present = (layer, purpose);
    }

    public void Dispose() => s_present = _before;

    /// <summary>One of the library's layers is asked, by itself, for a forward propagation as in training.</summary>
    /// <exception cref="InvalidOperationException">The layer would gather or draw what the network that is running cannot see.</exception>
    public static void RequireVisible(BatchLayer inner)
    {
        if (s_present is not var (outer, purpose))
        {
            return;
        }

        if (purpose == UserCodePurpose.Predict && (inner.Buffers.Count > 0 || inner.IsRandom))
        {
            throw UserCode.Refusal(
                $"{outer.Name} calls {inner.Name}'s ForwardPropagation for a prediction, which is what it does in training. "
                + $"Override Predict in {outer.Name}, and call {inner.Name}'s Predict there.");
        }

        if (inner.Buffers.Count > 0)
        {
            throw InnerLayers.HiddenState(outer.Name, inner);
        }

        if (inner is { IsRandom: true, Random: null })
        {
            throw UserCode.Refusal(
                $"{outer.Name} has a {inner.Name} inside, which FitOptions.Seed does not reach. "
                + $"Add the {inner.GetType().Name} to the network as a layer of its own, or give it a Random.");
        }

        if (inner.IsRandom && purpose == UserCodePurpose.TrainAgain)
        {
            throw UserCode.Refusal(
                $"{outer.Name} has a {inner.Name} inside, whose generator the network cannot see: no checkpoint has it, and "
                + "where a layer needs the whole mini-batch at once, Backward would meet other numbers than ForwardPropagation drew. "
                + $"Add the {inner.GetType().Name} to the network as a layer of its own, or leave it out.");
        }
    }
}
