using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Guards;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// A layer made of other layers, in branches that read the same X: <see cref="ResidualLayer"/>, <see cref="ConcatenateLayer"/>,
/// <see cref="BidirectionalLayer"/>, <see cref="NetworkLayer"/>.
/// </summary>
/// <remarks>
/// In a <see cref="Network"/> its layers are trained like all others: in whole mini-batches and on all threads, batch normalisation,
/// dropout and layers of your own among them. The article's methods work on it by itself, too.
/// </remarks>
public abstract class CompositeLayer : TrainableLayer
{
    private readonly (string Name, Layer[] Layers)[] _branches;
    private Predictor? _predictor;
    private BatchRunner? _last;

    /// <summary>Which of the layers within were frozen when <see cref="_last"/> was made for them.</summary>
    private bool[] _lastFrozen = [];

    /// <summary>All layers within, to find one that is there twice; the layer around this one takes them over.</summary>
    private HashSet<Layer>? _within;

    /// <summary>The last shape that came in, and what came out: who walks through layers within layers asks each of them again.
    /// </summary>
    private Tuple<Shape?, Shape?>? _lastShapes;

    private protected CompositeLayer(params (string Name, IReadOnlyList<Layer> Layers)[] branches)
    {
        _branches = [.. branches.Select(branch => (branch.Name, (Layer[])[.. branch.Layers]))];
        var layers = _branches.SelectMany(branch => branch.Layers);
        Parameters = [.. layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Distinct()];
        GivesSteps = layers.Any(layer => layer.GivesSteps);
        ExpectedInput = _branches.Select(branch => LayerTree.ExpectedInput(branch.Layers)).FirstOrDefault(shape => shape is not null);
    }

    /// <summary>Gets the parameters of all layers within, in the order of branches and layers.</summary>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The only shape that the layer takes; null where it takes several.</summary>
    internal Shape? ExpectedInput { get; }

    internal override bool GivesSteps { get; }

    /// <summary>The branches with what files call them.</summary>
    internal IReadOnlyList<(string Name, Layer[] Layers)> Branches => _branches;

    internal override IEnumerable<(string Name, Layer Layer)> Children =>
        _branches.SelectMany(branch => branch.Layers.Select((layer, i) => (FormattableString.Invariant($"{branch.Name}.{i}"), layer)));

    /// <summary>Whether training leaves all layers within as they are; to set it is to set it on each.</summary>
    internal override bool IsFrozen
    {
        get => Leaves.Any() && Leaves.All(leaf => leaf.IsFrozen);
        set
        {
            foreach (var leaf in Leaves)
            {
                leaf.Trainable = !value;
            }
        }
    }

    private IEnumerable<Layer> Leaves => LayerTree.Leaves([this]).Select(leaf => leaf.Layer);

    /// <summary>The last way forward, for a way back; null where other layers were frozen then.</summary>
    private BatchRunner? Last => Leaves.Select(leaf => leaf.IsFrozen).SequenceEqual(_lastFrozen) ? _last : null;

    /// <summary>Computes Y for a given X, as in training, and keeps what the way back needs.</summary>
    /// <param name="input">X, in a shape that each branch takes. Never modified.</param>
    /// <returns>Y, a matrix that nobody else writes to later.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="input"/> has another shape; the message names the layer and the way out.
    /// </exception>
    public sealed override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Countable(input, "The input", nameof(input));
        var shape = Shape.Of(input);
        OutputShapeFor(shape);
        if (Last is not { } last || !last.Input.SameMatrix(shape))
        {
            _last = last = new BatchRunner([this], shape, capacity: 1, wantsInputError: true);
            _lastFrozen = [.. Leaves.Select(leaf => leaf.IsFrozen)];
        }

        foreach (var leaf in Leaves.OfType<BatchLayer>().Where(leaf => leaf.IsRandom || leaf.SeesWholeBatch))
        {
            UserCodeScope.RequireVisible(leaf);
        }

        last.CheckBatch(1);
        last.BeginBatch(Random.Shared, learningRate: 0);
        Output = last.Forward(input);
        Input = input;
        return Output;
    }

    /// <summary>Computes Y for a given X, keeping nothing: any number of threads may call it at once.</summary>
    /// <param name="input">X, in a shape that each branch takes. Never modified.</param>
    /// <returns>Y, a matrix that nobody else writes to later.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="input"/> has another shape; the message names the layer and the way out.
    /// </exception>
    public sealed override Matrix<double> Predict(Matrix<double> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Countable(input, "The input", nameof(input));
        if (LayerTree.AreInBatches(_branches.SelectMany(branch => branch.Layers)))
        {
            return LazyInitializer.EnsureInitialized(ref _predictor, () => new Predictor([this])).Predict(input);
        }

        // Layers of the article's two methods take care of their threads themselves.
        Matrix<double>[] outputs = [.. Enumerable.Range(0, _branches.Length).Select(branch => PredictBranch(branch, input))];
        Join([.. outputs.Select(Shape.Of)]);
        return JoinOutputs(outputs);
    }

    /// <summary>Computes dE/dX for a given dE/dY, adds dE/dW to the gradients of all layers within, and updates nothing.</summary>
    /// <param name="outputError">dE/dY, in the shape of <see cref="Layer.Output"/>.</param>
    /// <returns>dE/dX, in the shape of <see cref="Layer.Input"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than the last output.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    /// <remarks>A layer within that has the article's two methods only is asked for its dE/dX with a learning rate of 0.</remarks>
    public sealed override Matrix<double> Backward(Matrix<double> outputError) =>
        WayBack(outputError).Backward(outputError, learningRate: null);

    /// <summary>
    /// The article's method: dE/dX for a given dE/dY, and W -= learningRate * dE/dW for every parameter W of the layers within.
    /// </summary>
    /// <param name="outputError">dE/dY, in the shape of <see cref="Layer.Output"/>.</param>
    /// <param name="learningRate">The step against the gradient: finite, 0 or more.</param>
    /// <returns>dE/dX, in the shape of <see cref="Layer.Input"/>, for the parameters before the update.</returns>
    /// <inheritdoc cref="TrainableLayer.BackwardPropagation(Matrix{double}, double)"/>
    public sealed override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
    {
        Check.LearningRateOrZero(learningRate);
        var runner = WayBack(outputError);
        if (Parameters.Any(parameter => parameter.L2 != 0))
        {
            return BackwardAndUpdate(outputError, learningRate);
        }

        ClearGradients();
        return runner.Backward(outputError, learningRate);
    }

    /// <summary>Lays out the branches behind a step, and where they join.</summary>
    /// <returns>The step whose output is the layer's.</returns>
    internal abstract int LayOut(StepList steps, int source);

    /// <summary>The shape of Y for the shapes that come out of the branches.</summary>
    /// <exception cref="ArgumentException">They do not fit together; names the branches, the shapes and the way out.</exception>
    internal abstract Shape Join(params ReadOnlySpan<Shape> input);

    /// <summary>What a branch makes of X, by the methods of its layers.</summary>
    private protected virtual Matrix<double> PredictBranch(int branch, Matrix<double> input)
    {
        var (output, layers, at) = (input, _branches[branch].Layers, 0);
        try
        {
            for (; at < layers.Length; at++)
            {
                output = LayerTree.Predict(layers[at], output);
            }
        }
        catch (ArgumentException e) when (BranchPlace.HasRoom(e))
        {
            throw new BranchPlace(this, branch, at).Name(e);
        }

        return output;
    }

    /// <summary>Y of what came out of the branches.</summary>
    private protected abstract Matrix<double> JoinOutputs(IReadOnlyList<Matrix<double>> outputs);

    internal override Shape? OutputShapeFor(Shape? input)
    {
        input ??= ExpectedInput;
        if (_lastShapes is { } last && last.Item1 == input)
        {
            return last.Item2;
        }

        var shapes = new Shape?[_branches.Length];
        for (int branch = 0; branch < shapes.Length; branch++)
        {
            shapes[branch] = OutputShapeOf(branch, input);
        }

        var output = JoinKnown(shapes);
        _lastShapes = new(input, output);
        return output;
    }

    internal override int LargestSize(Shape? input) => _branches.Max(branch =>
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        int largest = input?.Size ?? 0;
        foreach (var (layer, shape, _) in LayerTree.Shapes(branch.Layers, input))
        {
            largest = Math.Max(largest, layer.LargestSize(shape));
        }

        return largest;
    });

    internal override bool TakesAnyNumbers => _branches.All(branch => branch.Layers is not [{ TakesAnyNumbers: false }, ..]);

    internal override void RequireNumbers(ReadOnlySpan<double> x, string what, string parameter)
    {
        foreach (var (_, layers) in _branches)
        {
            layers.FirstOrDefault()?.RequireNumbers(x, what, parameter);
        }
    }

    internal override void FreezeRandom(bool frozen)
    {
        foreach (var leaf in Leaves)
        {
            leaf.FreezeRandom(frozen);
        }
    }

    internal override void SetInputDepth(int depth)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        _lastShapes = null;
        foreach (var (_, layers) in _branches)
        {
            Shape? shape = null;
            int planes = depth;
            foreach (var layer in layers)
            {
                layer.SetInputDepth(planes);
                shape = layer.OutputShapeFor(shape);
                planes = shape?.Depth ?? planes;
            }
        }
    }

    /// <summary>What error messages call a branch: <c>branch 1 of ConcatenateLayer(2 branches)</c>.</summary>
    internal abstract string NameOfBranch(int branch);

    /// <summary>
    /// Holds the branches against one another, as far as their shapes are known, and refuses a layer that is there twice.
    /// </summary>
    /// <param name="parameters">The constructor's parameters for the branches; the last one is that of all behind it, too.</param>
    private protected void CheckBranches(params string[] parameters)
    {
        string ParameterOf(int branch) => parameters[Math.Min(branch, parameters.Length - 1)];
        if (TakeLayersWithin() is { } twice)
        {
            int last = Array.FindLastIndex(_branches, branch => LayerTree.All(branch.Layers).Contains(twice));
            throw new ArgumentException(
                $"{twice.Name} is in {Name} twice; a layer keeps its last input, so each place needs one of its own. "
                + "Make a new layer.",
                ParameterOf(last));
        }

        int at = 0;
        try
        {
            var shapes = new Shape?[_branches.Length];
            for (; at < shapes.Length; at++)
            {
                shapes[at] = OutputShapeOf(at, ExpectedInput);
            }

            JoinKnown(shapes);
        }
        catch (ArgumentException e)
        {
            throw Check.Refusal(e, ParameterOf(at));
        }
    }

    private protected static Layer[] MakeAll(IEnumerable<LayerPlan> plans) => [.. plans.Select(plan => plan.MakeAsSaved())];

    private protected static IReadOnlyList<Layer> CheckLayers(
        IReadOnlyList<Layer> layers, string owner, string parameter, bool mayBeEmpty = false)
    {
        ArgumentNullException.ThrowIfNull(layers, parameter);
        Layer[] copy = [.. layers];
        if (copy.Length == 0 && !mayBeEmpty)
        {
            throw new ArgumentException($"{owner} expects one layer at least, but got none.", parameter);
        }

        return Array.IndexOf(copy, null) is >= 0 and int place
            ? throw new ArgumentException(FormattableString.Invariant($"{owner} expects layers, but layer {place} is null."), parameter)
            : copy;
    }

    /// <summary>
    /// Puts the layers within those within this one together: into the largest set there is, so that layers around layers do not take the
    /// time of all within each of them.
    /// </summary>
    /// <returns>A layer that is there twice; null where there is none.</returns>
    private Layer? TakeLayersWithin()
    {
        Layer[] layers = [.. _branches.SelectMany(branch => branch.Layers)];
        HashSet<Layer>[] sets =
        [
            .. layers.OfType<CompositeLayer>()
                .Select(layer => Interlocked.Exchange(ref layer._within, null) ?? SetOf(LayerTree.All([layer]).Skip(1)))
                .OrderByDescending(set => set.Count),
        ];
        var within = sets.FirstOrDefault() ?? SetOf([]);
        foreach (var layer in layers.Concat(sets.Skip(1).SelectMany(set => set)))
        {
            if (!within.Add(layer))
            {
                return layer;
            }
        }

        _within = within;
        return null;

        static HashSet<Layer> SetOf(IEnumerable<Layer> some) => new(some, ReferenceEqualityComparer.Instance);
    }

    /// <summary>The shape that comes out of a branch; null where a layer does not tell.</summary>
    /// <exception cref="ArgumentException">A layer cannot take what comes in; names the branch.</exception>
    private Shape? OutputShapeOf(int branch, Shape? input)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var (shape, layers, at) = (input, _branches[branch].Layers, 0);
        try
        {
            for (; at < layers.Length; at++)
            {
                shape = LayerTree.OutputShape(layers[at], shape, input);
            }
        }
        catch (ArgumentException e) when (BranchPlace.HasRoom(e))
        {
            throw new BranchPlace(this, branch, at).Name(e);
        }

        return shape;
    }

    private Shape? JoinKnown(Shape?[] shapes) =>
        Array.TrueForAll(shapes, shape => shape is not null) ? Join(Array.ConvertAll(shapes, shape => shape!.Value)) : null;
    private BatchRunner WayBack(Matrix<double> outputError)
    {
        var runner = Last
            ?? throw new InvalidOperationException($"{Name} has no input to propagate an error back to. Call ForwardPropagation first.");
        Check.OutputError(Name, Shape.Of(Output!), outputError);
        return runner;
    }
}
