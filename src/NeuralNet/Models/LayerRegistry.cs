using System.Diagnostics.CodeAnalysis;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>
/// Names for layers, activations and losses of one's own, by which <see cref="Network.Save(string, LayerRegistry?)"/> and
/// <see cref="Network.Load(string, LayerRegistry?)"/> know them.
/// </summary>
/// <remarks>
/// <para>
/// A file holds no types and no code: what is not the library's own is in it under the name given here, and the program that loads it says
/// again what the name stands for.
/// </para>
/// <code>
/// LayerRegistry registry = new LayerRegistry()
///     .Add("square", save: (SquareLayer layer) => "", load: text => new SquareLayer())
///     .AddActivation("sine", Sine, SinePrime);
/// network.Save("model.safetensors", registry);
/// Network copy = Network.Load("model.safetensors", registry);
/// </code>
/// <para>
/// The <see cref="TrainableLayer.Parameters"/> of a <see cref="TrainableLayer"/> are stored as tensors and copied back. Whatever else a
/// layer needs, also what a layer that updates itself has learnt, has to be in the text that it is saved as.
/// </para>
/// </remarks>
public sealed class LayerRegistry
{
    private readonly Dictionary<string, (Type Type, Func<Layer, string> Save, Func<string, Layer?> Load)> _layers = [];
    private readonly Dictionary<string, (
        Func<Matrix<double>, Matrix<double>> Function, Func<Matrix<double>, Matrix<double>> Prime)> _activations = [];
    private readonly Dictionary<string, (Loss Loss, LossPrime Prime)> _losses = [];

    /// <summary>Names a kind of layer.</summary>
    /// <typeparam name="TLayer">The layer's own class, not one that others derive from.</typeparam>
    /// <param name="kind">The name, once in this registry.</param>
    /// <param name="save">Gives what <paramref name="load"/> needs, such as sizes, as text.</param>
    /// <param name="load">Makes a new layer from that text. A file may hold any text: refuse one that is wrong by any exception.</param>
    /// <returns>This registry, so that calls chain.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="kind"/> is empty or taken, or the class has a name already, or is the library's own.
    /// </exception>
    public LayerRegistry Add<TLayer>(string kind, Func<TLayer, string> save, Func<string, TLayer> load)
        where TLayer : Layer
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        ArgumentNullException.ThrowIfNull(save);
        ArgumentNullException.ThrowIfNull(load);
        Take(_layers.ContainsKey(kind), "a layer", kind, nameof(kind));
        if (typeof(TLayer).Assembly == typeof(Layer).Assembly)
        {
            throw new ArgumentException(
                $"{typeof(TLayer).Name} needs no name: the library's own layers are saved as they are. Name your own class.", nameof(kind));
        }

        if (_layers.FirstOrDefault(entry => entry.Value.Type == typeof(TLayer)) is { Key: { } other })
        {
            throw new ArgumentException($"{typeof(TLayer).Name} has the name '{other}' already; one class needs one name.", nameof(kind));
        }

        _layers.Add(kind, (typeof(TLayer), layer => save((TLayer)layer), load));
        return this;
    }

    /// <summary>Names an activation for <see cref="ActivationLayer"/>.</summary>
    /// <param name="name">The name, once in this registry.</param>
    /// <param name="activation">f, the same delegate or method that the layers have.</param>
    /// <param name="activationPrime">f', in the same way.</param>
    /// <returns>This registry, so that calls chain.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or taken, or the functions are the library's own but do not
    /// belong together.</exception>
    public LayerRegistry AddActivation(
        string name, Func<Matrix<double>, Matrix<double>> activation, Func<Matrix<double>, Matrix<double>> activationPrime)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(activation);
        ArgumentNullException.ThrowIfNull(activationPrime);
        _ = ActivationFunction.Of(activation, activationPrime, nameof(activationPrime));
        Take(_activations.ContainsKey(name), "an activation", name, nameof(name));
        _activations.Add(name, (activation, activationPrime));
        return this;
    }

    /// <summary>Adds an activation function of <see cref="ActivationFunction.Create"/> under its name.</summary>
    /// <param name="function">The function, the same object that the layers were given.</param>
    /// <returns>This registry, so that calls chain.</returns>
    /// <exception cref="ArgumentException">Its name is taken.</exception>
    public LayerRegistry AddActivation(ActivationFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return AddActivation(function.Name, function.Function, function.Derivative);
    }

    /// <summary>Adds a loss of <see cref="LossFunction.Create"/> under its name.</summary>
    /// <param name="function">The loss, the same object that the network was given.</param>
    /// <returns>This registry, so that calls chain.</returns>
    /// <exception cref="ArgumentException">Its name is taken.</exception>
    public LayerRegistry AddLoss(LossFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return AddLoss(function.Name, function.Function, function.Derivative);
    }

    /// <summary>Names a loss for <see cref="Network.Use(Loss, LossPrime)"/>.</summary>
    /// <param name="name">The name, once in this registry.</param>
    /// <param name="loss">E, the same delegate or method that the network was given.</param>
    /// <param name="lossPrime">dE/dY, in the same way.</param>
    /// <returns>This registry, so that calls chain.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or taken, or the functions are the library's own but do not
    /// belong together.</exception>
    public LayerRegistry AddLoss(string name, Loss loss, LossPrime lossPrime)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(lossPrime);
        _ = LossFunction.Of(loss, lossPrime, nameof(lossPrime));
        Take(_losses.ContainsKey(name), "a loss", name, nameof(name));
        _losses.Add(name, (loss, lossPrime));
        return this;
    }

    /// <summary>A registry, or none at all, where a name is needed that is not there.</summary>
    internal static ArgumentException Lacks(LayerRegistry? registry, string message) => new(message, nameof(registry));

    internal string? KindOf(Layer layer) => _layers.FirstOrDefault(entry => entry.Value.Type == layer.GetType()).Key;

    internal string? NameOf(ActivationLayer layer) =>
        _activations.FirstOrDefault(entry => entry.Value.Function == layer.Activation && entry.Value.Prime == layer.ActivationPrime).Key;

    internal string? NameOf(Criterion criterion) => _losses.FirstOrDefault(entry => entry.Value == criterion.Functions).Key;

    /// <summary>The text that a layer of a named kind is saved as.</summary>
    internal string Save(string kind, Layer layer) => _layers[kind].Save(layer)
        ?? throw new InvalidOperationException(
            $"The registry's save for '{kind}' gave null for {layer.Name}; it must give a text, which may be empty.");

    internal bool TryGetLayer(string kind, [NotNullWhen(true)] out Func<string, Layer?>? load)
    {
        bool found = _layers.TryGetValue(kind, out var entry);
        load = entry.Load;
        return found;
    }

    internal (Func<Matrix<double>, Matrix<double>> Function, Func<Matrix<double>, Matrix<double>> Prime)? Activation(string name) =>
        _activations.TryGetValue(name, out var found) ? found : null;

    internal (Loss Loss, LossPrime Prime)? Loss(string name) => _losses.TryGetValue(name, out var found) ? found : null;

    private static void Take(bool taken, string what, string name, string parameter)
    {
        if (taken)
        {
            throw new ArgumentException($"The registry has {what} of the name '{name}' already. Give this one another name.", parameter);
        }
    }
}
