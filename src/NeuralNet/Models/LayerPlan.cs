using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>How to make a layer: the tensors that it needs, to be looked at first, and then the layer, which takes memory as large as they are.</summary>
/// <param name="Tensors">Their names within the layer, and their shapes; null where only the layer can tell.</param>
/// <param name="L2">λ of each parameter; null for none.</param>
/// <param name="Make">Makes the layer, with zeros for weights.</param>
internal sealed record LayerPlan(IReadOnlyList<(string Name, (long Rows, long Columns)? Shape)> Tensors, double[]? L2, Func<Layer> Make)
{
    private const string Custom = "Custom";

    /// <summary>What a file is to say of a layer.</summary>
    /// <exception cref="ArgumentException">It is a user's own that the registry does not know.</exception>
    public static LayerEntry Describe(Layer layer, int place, LayerRegistry? registry)
    {
        var entry = layer switch
        {
            FCLayer fc => new LayerEntry(nameof(FCLayer)).With("inputSize", fc.InputSize).With("outputSize", fc.OutputSize),
            ActivationLayer { Function: { } function } => new LayerEntry(nameof(ActivationLayer)).With("activation", function.Name),
            ActivationLayer activation => new LayerEntry(nameof(ActivationLayer)).With("customActivation", registry?.NameOf(activation) ?? throw new ArgumentException(
                FormattableString.Invariant($"Layer {place}, {layer.Name}, has an activation that the registry has no name for. Pass a LayerRegistry with registry.AddActivation(name, activation, activationPrime)."), nameof(registry))),
            ConvLayer conv => WithPadding(
                new LayerEntry(nameof(ConvLayer)).With("inputShape", Numbers(conv.InputShape)).With("kernelShape", Numbers(conv.KernelShape)).With("layerDepth", conv.OutputShape.Depth).With("stride", Numbers(conv.Stride)),
                conv.Padding),
            FlattenLayer flatten => new LayerEntry(nameof(FlattenLayer)).With("depth", flatten.Depth),
            MaxPoolLayer pool => new LayerEntry(nameof(MaxPoolLayer)).With("inputShape", Numbers(pool.InputShape)).With("poolShape", Numbers(pool.PoolShape)).With("stride", Numbers(pool.Stride)),
            AveragePoolLayer pool => new LayerEntry(nameof(AveragePoolLayer)).With("inputShape", Numbers(pool.InputShape)).With("poolShape", Numbers(pool.PoolShape)).With("stride", Numbers(pool.Stride)),
            DropoutLayer dropout => new LayerEntry(nameof(DropoutLayer)).With("rate", dropout.Rate),
            BatchNormLayer { InputShape: { } image } norm => new LayerEntry(nameof(BatchNormLayer)).With("inputShape", Numbers(image)).With("momentum", norm.Momentum).With("epsilon", norm.Epsilon),
            BatchNormLayer norm => new LayerEntry(nameof(BatchNormLayer)).With("size", norm.Gamma.ColumnCount).With("momentum", norm.Momentum).With("epsilon", norm.Epsilon),
            SoftmaxLayer => new LayerEntry(nameof(SoftmaxLayer)),
            _ => DescribeCustom(layer, place, registry),
        };
        return layer is TrainableLayer trainable && trainable.Parameters.Any(parameter => parameter.L2 != 0)
            ? entry.With("l2", [.. trainable.Parameters.Select(parameter => parameter.L2)])
            : entry;
    }

    /// <summary>What to make of an entry, which it empties.</summary>
    /// <exception cref="ArgumentException">The entry is of no known kind, or does not hold what the kind needs.</exception>
    public static LayerPlan Of(LayerEntry entry, LayerRegistry? registry)
    {
        double[]? l2 = entry.TakeNumbers("l2");
        var plan = entry.Kind switch
        {
            nameof(FCLayer) => FC(entry.TakeSize("inputSize"), entry.TakeSize("outputSize")),
            nameof(ActivationLayer) => Activation(entry, registry),
            nameof(ConvLayer) => Conv(entry.TakeImage("inputShape"), entry.TakePair("kernelShape"), entry.TakeSize("layerDepth"), entry.TakePair("stride"), TakePadding(entry)),
            nameof(FlattenLayer) => Flatten(entry.TakeSize("depth")),
            nameof(MaxPoolLayer) => MaxPool(entry.TakeImage("inputShape"), entry.TakePair("poolShape"), entry.TakePair("stride")),
            nameof(AveragePoolLayer) => AveragePool(entry.TakeImage("inputShape"), entry.TakePair("poolShape"), entry.TakePair("stride")),
            nameof(DropoutLayer) => Dropout(entry.TakeNumber("rate")),
            nameof(BatchNormLayer) => BatchNorm(entry, entry.TakeNumber("momentum"), entry.TakeNumber("epsilon")),
            nameof(SoftmaxLayer) => new LayerPlan([], null, () => new SoftmaxLayer()),
            Custom => OfCustom(entry, registry),
            _ => throw new ArgumentException($"'{entry.Kind}' is no kind of layer that this version knows."),
        };
        entry.RequireEmpty();
        return plan with { L2 = l2 };
    }

    private static LayerPlan FC(int inputs, int outputs) => new([("Weights", (inputs, outputs)), ("Bias", (1, outputs))], null, () => new FCLayer(inputs, outputs, Initializer.Zeros));

    private static LayerPlan Conv((int, int, int Depth) input, (int Rows, int Columns) kernel, int depth, (int, int) stride, Padding padding)
    {
        long weights = long.CreateSaturating((Int128)kernel.Rows * kernel.Columns * input.Depth);
        return new([("Weights", (weights, depth)), ("Bias", (1, depth))], null, () => new ConvLayer(input, kernel, depth, stride, padding, Initializer.Zeros));
    }

    private static LayerPlan Flatten(int depth) => new([], null, () => new FlattenLayer(depth));

    private static LayerPlan MaxPool((int, int, int) input, (int, int) pool, (int, int) stride) => new([], null, () => new MaxPoolLayer(input, pool, stride));

    private static LayerPlan AveragePool((int, int, int) input, (int, int) pool, (int, int) stride) => new([], null, () => new AveragePoolLayer(input, pool, stride));

    private static LayerPlan Dropout(double rate) => new([], null, () => new DropoutLayer(rate));

    private static LayerPlan BatchNorm(LayerEntry entry, double momentum, double epsilon)
    {
        if (entry.Has("inputShape"))
        {
            var image = entry.TakeImage("inputShape");
            return new(Tensors(image.Depth), null, () => new BatchNormLayer(image, momentum, epsilon));
        }

        int size = entry.TakeSize("size");
        return new(Tensors(size), null, () => new BatchNormLayer(size, momentum, epsilon));

        static (string, (long, long)?)[] Tensors(long count) => [("Gamma", (1, count)), ("Beta", (1, count)), ("RunningMean", (1, count)), ("RunningVariance", (1, count))];
    }

    private static LayerPlan Activation(LayerEntry entry, LayerRegistry? registry)
    {
        if (entry.TakeText("customActivation") is { } own)
        {
            var pair = registry?.Activation(own) ?? throw new ArgumentException(
                $"The activation '{own}' is not the library's own. Pass a LayerRegistry with registry.AddActivation(\"{own}\", ...).");
            return new LayerPlan([], null, () => new ActivationLayer(pair.Function, pair.Prime));
        }

        string name = entry.TakeText("activation") ?? throw new ArgumentException($"{entry.Kind} needs an 'activation'.");
        var function = ActivationFunction.Named(name)
            ?? throw new ArgumentException($"'{name}' is no activation that this version knows.");
        return new LayerPlan([], null, () => new ActivationLayer(function));
    }

    private static LayerEntry DescribeCustom(Layer layer, int place, LayerRegistry? registry)
    {
        string kind = registry?.KindOf(layer) ?? throw new ArgumentException(
            FormattableString.Invariant($"Layer {place}, {layer.Name}, is not the library's own, and the registry has no name for it. Pass a LayerRegistry with registry.Add<{layer.GetType().Name}>(kind, save, load)."), nameof(registry));
        var entry = new LayerEntry(Custom).With("name", kind).With("config", registry.Save(kind, layer));
        return layer is TrainableLayer trainable ? entry.With("parameters", [.. trainable.Parameters.Select(parameter => parameter.Name)]) : entry;
    }

    private static LayerPlan OfCustom(LayerEntry entry, LayerRegistry? registry)
    {
        string kind = entry.TakeText("name") ?? throw new ArgumentException("A layer of a user's own needs a 'name'.");
        string config = entry.TakeText("config") ?? throw new ArgumentException($"The layer '{kind}' needs a 'config'.");
        string[] parameters = entry.TakeTexts("parameters") ?? [];
        if (registry is null || !registry.TryGetLayer(kind, out var load))
        {
            throw new ArgumentException($"The layer '{kind}' is not the library's own. Pass a LayerRegistry with registry.Add<TLayer>(\"{kind}\", save, load).");
        }

        return new LayerPlan([.. Distinct(parameters).Select(name => (name, ((long, long)?)null))], null, () =>
        {
            Layer? layer;
            try
            {
                layer = load(config);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new ArgumentException($"The registry's load for '{kind}' refused its text: {e.Message}", e);
            }

            var made = ((layer as TrainableLayer)?.Parameters ?? []).Select(parameter => parameter.Name);
            return layer is not null && made.SequenceEqual(parameters)
                ? layer
                : throw new ArgumentException($"The registry's load for '{kind}' gave {layer?.Name ?? "null"}, but must give a layer with the parameters that were saved: {string.Join(", ", parameters)}.");
        });
    }

    /// <summary>Names that are there several times with a number behind all but the first.</summary>
    public static IReadOnlyList<string> Distinct(IEnumerable<string> names)
    {
        var taken = new HashSet<string>();
        var numbers = new Dictionary<string, int>();
        var distinct = new List<string>();
        foreach (string name in names)
        {
            string one = name;
            while (!taken.Add(one))
            {
                int number = numbers.GetValueOrDefault(name, 1) + 1;
                numbers[name] = number;
                one = FormattableString.Invariant($"{name}.{number}");
            }

            distinct.Add(one);
        }

        return distinct;
    }

    private static LayerEntry WithPadding(LayerEntry entry, Padding padding) =>
        padding == Padding.Same ? entry.With("padding", "same") : entry.With("padding", padding.Rows, padding.Columns);

    private static Padding TakePadding(LayerEntry entry)
    {
        if (entry.TakeText("padding") is { } text)
        {
            return text == "same" ? Padding.Same : throw new ArgumentException($"{entry.Kind} knows no padding '{text}'.");
        }

        var (rows, columns) = entry.TakePair("padding");
        return new Padding(rows, columns);
    }

    private static double[] Numbers((int Rows, int Columns) pair) => [pair.Rows, pair.Columns];

    private static double[] Numbers((int Height, int Width, int Depth) image) => [image.Height, image.Width, image.Depth];
}
