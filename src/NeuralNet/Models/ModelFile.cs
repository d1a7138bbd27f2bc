using System.Buffers;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NeuralNet;

/// <summary>A network as a safetensors file: its parameters as tensors, what it is made of as JSON among the texts.</summary>
internal static class ModelFile
{
    /// <summary>Tensors whose names begin so are not the network's, but of what was saved with it.</summary>
    public const string CheckpointPrefix = "checkpoint.";

    private const string FormatKey = "format";
    private const string VersionKey = "format_version";
    private const string NetworkKey = "network";
    private const string Format = "NeuralNet";
    private const string Version = "1";
    private const int GreatestLayers = 10_000;

    /// <summary>The network's numbers under the names that files have them by: the parameters of each layer, then what it gathers in training.</summary>
    public static IReadOnlyList<TensorValues> TensorsOf(IReadOnlyList<Layer> layers) => [.. layers.SelectMany((layer, place) => TensorsOf(layer, place))];

    /// <summary>Writes a network, and whatever else is to be in the same file, its tensors named with <see cref="CheckpointPrefix"/>.</summary>
    /// <exception cref="ArgumentException">A layer, activation or loss is a user's own that the registry does not know.</exception>
    /// <exception cref="InvalidOperationException">A parameter is not finite, so that the file could not be loaded.</exception>
    public static Action<Stream> Writer(
        (IReadOnlyList<Layer> Layers, Criterion? Criterion, int? Seed) network, LayerRegistry? registry, IEnumerable<KeyValuePair<string, string>>? moreTexts = null, IEnumerable<TensorValues>? moreTensors = null)
    {
        KeyValuePair<string, string>[] metadata =
            [new(FormatKey, Format), new(VersionKey, Version), new(NetworkKey, Describe(network, registry)), .. moreTexts ?? []];
        TensorValues[] tensors = [.. TensorsOf(network.Layers), .. moreTensors ?? []];
        foreach (var tensor in tensors)
        {
            if (!TensorPrimitives.IsFiniteAll<double>(tensor.Values))
            {
                throw new InvalidOperationException($"{tensor.Name} holds NaN or infinity, which no file may hold. Train again from what was finite.");
            }
        }

        return stream => SafeTensorsWriter.Write(stream, metadata, tensors);
    }

    /// <summary>Reads a network.</summary>
    /// <param name="stream">The stream, read to its end.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="registry">What is not the library's own.</param>
    /// <param name="wanted">Which tensors besides the network's are to be read.</param>
    /// <exception cref="ModelFormatException">The stream holds no network that this version, with this registry, can make.</exception>
    public static LoadedModel Read(Stream stream, string name, LayerRegistry? registry, Func<Tensor, bool>? wanted = null)
    {
        var file = new SafeTensorsReader(stream, name);
        RequireFormat(file);
        var (entries, loss, seed) = Parse(file);
        var criterion = CriterionOf(file, loss, registry);
        var plans = new LayerPlan[entries.Count];
        var expected = new HashSet<string>();
        for (int place = 0; place < plans.Length; place++)
        {
            int at = place;
            plans[at] = Try(file, at, () => LayerPlan.Of(entries[at], registry));
            CheckTensors(file, plans[at], at, expected);
        }

        if (file.Tensors.Keys.FirstOrDefault(tensor => !expected.Contains(tensor) && !tensor.StartsWith(CheckpointPrefix, StringComparison.Ordinal)) is { } extra)
        {
            throw file.Wrong($"tensor '{extra}' belongs to no layer of the network.");
        }

        var values = file.ReadValues(tensor => expected.Contains(tensor.Name) || wanted?.Invoke(tensor) == true);
        var layers = new Layer[plans.Length];
        for (int place = 0; place < plans.Length; place++)
        {
            int at = place;
            layers[at] = Try(file, at, () => Make(file, plans[at], at, values));
        }

        return new LoadedModel(layers, criterion, seed, file, values);
    }

    /// <summary>Copies of the layers that share nothing with them.</summary>
    /// <exception cref="ArgumentException">A layer is a user's own that the registry does not know.</exception>
    public static Layer[] Copy(IReadOnlyList<Layer> layers, LayerRegistry? registry)
    {
        var copies = new Layer[layers.Count];
        for (int place = 0; place < copies.Length; place++)
        {
            var layer = layers[place];
            copies[place] = layer is ActivationLayer activation
                ? new ActivationLayer(activation.Activation, activation.ActivationPrime)
                : LayerPlan.Of(LayerPlan.Describe(layer, place, registry), registry).Make();
            var from = TensorsOf(layer, place).ToArray();
            var to = TensorsOf(copies[place], place).ToArray();
            if (copies[place] == layer || !from.Select(Form).SequenceEqual(to.Select(Form)))
            {
                throw new ArgumentException($"The registry's load made {copies[place].Name} of {layer.Name}, but must make a new layer with parameters of the same shapes.", nameof(registry));
            }

            for (int i = 0; i < from.Length; i++)
            {
                from[i].Values.CopyTo(to[i].Values, 0);
            }

            SetL2(copies[place], [.. ((layer as TrainableLayer)?.Parameters ?? []).Select(parameter => parameter.L2)]);
        }

        return copies;

        static (string, int, int) Form(TensorValues tensor) => (tensor.Name, tensor.Rows, tensor.Columns);
    }

    /// <summary>The numbers of the layer at that place.</summary>
    public static IEnumerable<TensorValues> TensorsOf(Layer layer, int place)
    {
        string prefix = FormattableString.Invariant($"layers.{place}.");
        if (layer is not TrainableLayer { Parameters: var parameters })
        {
            return [];
        }

        var tensors = LayerPlan.Distinct(parameters.Select(parameter => parameter.Name))
            .Zip(parameters, (name, parameter) => new TensorValues(prefix + name, parameter.Value.RowCount, parameter.Value.ColumnCount, parameter.Memory));
        return layer is BatchNormLayer norm
            ? [.. tensors, new(prefix + "RunningMean", 1, norm.Statistics[0].Length, norm.Statistics[0]), new(prefix + "RunningVariance", 1, norm.Statistics[1].Length, norm.Statistics[1])]
            : tensors;
    }

    private static string Describe((IReadOnlyList<Layer> Layers, Criterion? Criterion, int? Seed) network, LayerRegistry? registry)
    {
        if (network.Layers.Count > GreatestLayers)
        {
            throw new InvalidOperationException(FormattableString.Invariant($"The network has {network.Layers.Count} layers; at most {GreatestLayers} can be loaded again."));
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("layers");
            for (int place = 0; place < network.Layers.Count; place++)
            {
                LayerPlan.Describe(network.Layers[place], place, registry).Write(json);
            }

            json.WriteEndArray();
            if (network.Criterion is { BuiltInName: { } loss })
            {
                json.WriteString("loss", loss);
            }
            else if (network.Criterion is { } own)
            {
                json.WriteString("customLoss", registry?.NameOf(own) ?? throw new ArgumentException(
                    "The network's loss is not the library's own, and the registry has no name for it. Pass a LayerRegistry with registry.AddLoss(name, loss, lossPrime).", nameof(registry)));
            }

            if (network.Seed is { } seed)
            {
                json.WriteNumber("seed", seed);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void RequireFormat(SafeTensorsReader file)
    {
        if (file.Metadata.GetValueOrDefault(FormatKey) != Format || !file.Metadata.ContainsKey(NetworkKey))
        {
            throw file.Wrong($"this is a safetensors file, but not one that Network.Save wrote: its {SafeTensorsReader.MetadataKey} must hold {FormatKey} '{Format}' and the {NetworkKey}. To take weights from elsewhere, make the network and call LoadWeights.");
        }

        string? version = file.Metadata.GetValueOrDefault(VersionKey);
        if (version != Version)
        {
            throw file.Wrong($"its {VersionKey} is '{version}', but this version of the library reads '{Version}'. Load it with a newer one.");
        }
    }

    private static (List<LayerEntry> Entries, (string Field, string Name)? Loss, int? Seed) Parse(SafeTensorsReader file)
    {
        var entries = new List<LayerEntry>();
        int? seed = null;
        (string Field, string Name)? loss = null;
        var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(file.Metadata[NetworkKey]), new JsonReaderOptions { MaxDepth = 4 });
        try
        {
            bool hasLayers = false;
            json.Read();
            Require(json.TokenType == JsonTokenType.StartObject, "an object");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string field = json.GetString()!;
                json.Read();
                if (field == "layers" && !hasLayers)
                {
                    hasLayers = true;
                    Require(json.TokenType == JsonTokenType.StartArray, "a list of layers");
                    while (json.Read() && json.TokenType == JsonTokenType.StartObject)
                    {
                        Require(entries.Count < GreatestLayers, string.Create(CultureInfo.InvariantCulture, $"at most {GreatestLayers} layers"));
                        entries.Add(LayerEntry.Read(ref json));
                    }

                    Require(json.TokenType == JsonTokenType.EndArray, "a list of layers");
                }
                else if (field == "seed" && seed is null)
                {
                    Require(json.TokenType == JsonTokenType.Number && json.TryGetInt32(out _), "a seed of 32 bits");
                    seed = json.GetInt32();
                }
                else
                {
                    Require(field is "loss" or "customLoss" && loss is null && json.TokenType == JsonTokenType.String, "layers, one loss and one seed");
                    loss = (field, json.GetString()!);
                }
            }

            Require(hasLayers, "layers");
            json.Read();
        }
        catch (JsonException e)
        {
            throw file.Wrong($"the {NetworkKey} is no JSON of its form, at byte {json.BytesConsumed} of it.", e);
        }
        catch (InvalidOperationException e)
        {
            // What GetString throws where a text is no valid UTF-8 or UTF-16.
            throw file.Wrong($"the {NetworkKey} holds a text that is no Unicode, at byte {json.TokenStartIndex} of it.", e);
        }
        catch (ArgumentException e)
        {
            throw file.Wrong($"the {NetworkKey}, layer {entries.Count}: {e.Message}", e);
        }

        return (entries, loss, seed);

        static void Require(bool met, string what)
        {
            if (!met)
            {
                throw new ArgumentException($"It must be {what}.");
            }
        }
    }

    private static Criterion? CriterionOf(SafeTensorsReader file, (string Field, string Name)? loss, LayerRegistry? registry)
    {
        if (loss is not { } named)
        {
            return null;
        }

        if (named.Field == "loss")
        {
            return new Criterion(
                LossFunction.Named(named.Name) ?? throw file.Wrong($"'{named.Name}' is no loss that this version knows."));
        }

        return registry?.Loss(named.Name) is var (own, prime)
            ? new Criterion(own, prime)
            : throw file.Wrong(
                $"the loss '{named.Name}' is not the library's own. Pass a LayerRegistry with registry.AddLoss(\"{named.Name}\", ...).");
    }

    /// <summary>Holds the sizes that a layer says it has against the tensors that are there, before the layer takes memory for them.</summary>
    private static void CheckTensors(SafeTensorsReader file, LayerPlan plan, int place, HashSet<string> expected)
    {
        foreach (var (within, shape) in plan.Tensors)
        {
            string name = FormattableString.Invariant($"layers.{place}.{within}");
            if (!file.Tensors.TryGetValue(name, out var tensor))
            {
                throw file.Wrong($"tensor '{name}' is missing.");
            }

            bool fits = tensor.IsFloat && tensor.Shape is [> 0, > 0] && (shape is null || shape == (tensor.Shape[0], tensor.Shape[1]));
            if (!fits || !expected.Add(name))
            {
                string size = shape is { } form ? Tensor.Text([form.Rows, form.Columns]) : "of two sizes";
                throw file.Wrong($"tensor '{name}' must be {size} floating-point numbers, but is {tensor.Type} {tensor.ShapeText}.");
            }
        }
    }

    private static Layer Make(SafeTensorsReader file, LayerPlan plan, int place, Dictionary<string, double[]> values)
    {
        var layer = plan.Make();
        foreach (var tensor in TensorsOf(layer, place))
        {
            if (file.Tensors[tensor.Name].Shape is not [long rows, long columns] || rows != tensor.Rows || columns != tensor.Columns)
            {
                throw new ArgumentException($"Its parameter {tensor.Name} is {Tensor.Text([tensor.Rows, tensor.Columns])}, but the file has {file.Tensors[tensor.Name].ShapeText}.");
            }

            tensor.CopyFromRowMajor(values[tensor.Name]);
        }

        if (layer is BatchNormLayer norm && Array.Exists(norm.Statistics[1], variance => variance < 0))
        {
            throw new ArgumentException("Its RunningVariance holds a negative number.");
        }

        if (plan.L2 is { } l2)
        {
            SetL2(layer, l2);
        }

        return layer;
    }

    private static void SetL2(Layer layer, double[] l2)
    {
        var parameters = (layer as TrainableLayer)?.Parameters ?? [];
        if (parameters.Count != l2.Length)
        {
            throw new ArgumentException(FormattableString.Invariant($"{layer.Name} has {parameters.Count} parameters, but l2 for {l2.Length}."));
        }

        for (int i = 0; i < l2.Length; i++)
        {
            parameters[i].L2 = l2[i];
        }
    }

    private static T Try<T>(SafeTensorsReader file, int place, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw file.Wrong($"layer {place}: {e.Message}", e);
        }
    }
}
