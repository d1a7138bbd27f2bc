using System.Buffers;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NeuralNet.Guards;
using NeuralNet.Layers;

namespace NeuralNet.Models;

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

    /// <summary>Of networks with layers within layers, which the first version cannot read.</summary>
    private const string VersionOfBranches = "2";
    private const int GreatestLayers = 10_000;

    /// <summary>
    /// Writes a network, and whatever else is to be in the same file, its tensors named with <see cref="CheckpointPrefix"/>.
    /// </summary>
    /// <param name="network">The network's parts.</param>
    /// <param name="registry">Names for what is not the library's own.</param>
    /// <param name="moreTexts">Texts for the file, asked for when it is written.</param>
    /// <param name="moreTensors">Tensors for the file.</param>
    /// <param name="later">Whether the file is written when the layers may have gone on: all tensors are copied.</param>
    /// <exception cref="ArgumentException">A layer, activation or loss is a user's own that the registry does not know.</exception>
    /// <exception cref="InvalidOperationException">
    /// A parameter is not finite, so that the file could not be loaded; or a layer has state that the network cannot see.
    /// </exception>
    public static Action<Stream> Writer(
        NetworkParts network,
        LayerRegistry? registry,
        IEnumerable<KeyValuePair<string, string>>? moreTexts = null,
        IEnumerable<TensorValues>? moreTensors = null,
        bool later = false)
    {
        InnerLayers.RequireVisibleState(network.Layers);
        string version = network.Layers.Any(layer => layer is CompositeLayer) ? VersionOfBranches : Version;
        KeyValuePair<string, string>[] metadata =
            [new(FormatKey, Format), new(VersionKey, version), new(NetworkKey, Describe(network, registry))];
        TensorValues[] tensors = [.. TensorValues.Of(network.Layers), .. moreTensors ?? []];
        foreach (var tensor in tensors)
        {
            if (!TensorPrimitives.IsFiniteAll<double>(tensor.Values))
            {
                throw new InvalidOperationException(
                    $"{tensor.Name} holds NaN or infinity, which no file may hold. Train again from what was finite.");
            }
        }

        if (later)
        {
            tensors = Array.ConvertAll(tensors, tensor => tensor with { Values = (double[])tensor.Values.Clone() });
        }

        return stream => SafeTensorsWriter.Write(stream, [.. metadata, .. moreTexts ?? []], tensors);
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
        var format = new LayerFormat(registry);
        var expected = new HashSet<string>();
        for (int place = 0; place < plans.Length; place++)
        {
            int at = place;
            plans[at] = Try(file, at, () => format.Read(entries[at]));
            CheckTensors(file, plans[at], at, expected);
        }

        if (file.Tensors.Keys.FirstOrDefault(tensor => !expected.Contains(tensor)
            && !tensor.StartsWith(CheckpointPrefix, StringComparison.Ordinal)) is { } extra)
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

        try
        {
            InnerLayers.RequireVisibleState(layers);
        }
        catch (InvalidOperationException e)
        {
            throw file.Wrong($"it lacks state of a layer: {e.Message}", e);
        }

        return new LoadedModel(new NetworkParts(layers, criterion, seed), file, values);
    }

    /// <summary>Copies of the layers that share nothing with them.</summary>
    /// <exception cref="ArgumentException">A layer is a user's own that the registry does not know.</exception>
    /// <exception cref="InvalidOperationException">A layer has state that the network cannot see.</exception>
    public static Layer[] Copy(IReadOnlyList<Layer> layers, LayerRegistry? registry)
    {
        InnerLayers.RequireVisibleState(layers);
        var copies = new Layer[layers.Count];
        var format = new LayerFormat(registry);
        for (int place = 0; place < copies.Length; place++)
        {
            copies[place] = format.Copy(layers[place], FormattableString.Invariant($"{place}"));
            var from = TensorValues.Of(layers[place], place).ToArray();
            var to = TensorValues.Of(copies[place], place).ToArray();
            if (LayerTree.All([copies[place]]).Intersect(LayerTree.All([layers[place]])).Any()
                || !from.Select(Form).SequenceEqual(to.Select(Form)))
            {
                throw new ArgumentException(
                    $"The registry's load made {copies[place].Name} of {layers[place].Name}, but must make a new layer with parameters of "
                    + "the same shapes.",
                    nameof(registry));
            }

            for (int i = 0; i < from.Length; i++)
            {
                from[i].Values.CopyTo(to[i].Values, 0);
            }
        }

        return copies;

        static (string, int, int) Form(TensorValues tensor) => (tensor.Name, tensor.Rows, tensor.Columns);
    }

    private static string Describe(NetworkParts network, LayerRegistry? registry)
    {
        int layers = LayerTree.All(network.Layers).Count;
        if (layers > GreatestLayers)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"The network has {layers} layers; at most {GreatestLayers} can be loaded again."));
        }

        var format = new LayerFormat(registry);

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, LayerEntry.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("layers");
            for (int place = 0; place < network.Layers.Count; place++)
            {
                format.Write(network.Layers[place], FormattableString.Invariant($"{place}")).Write(json);
            }

            json.WriteEndArray();
            if (network.Criterion is { BuiltInName: { } loss })
            {
                json.WriteString("loss", loss);
            }
            else if (network.Criterion is { } own)
            {
                json.WriteString("customLoss", registry?.NameOf(own) ?? throw new ArgumentException(
                    "The network's loss is not the library's own, and the registry has no name for it. "
                    + "Pass a LayerRegistry with registry.AddLoss(name, loss, lossPrime).",
                    nameof(registry)));
            }

            if (network.InitialSeed is { } seed)
            {
                json.WriteNumber("seed", seed);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Whether Network.Save wrote the file, which has rows and columns in all of its tensors.</summary>
    public static bool IsNetworks(SafeTensorsReader file) => file.Metadata.GetValueOrDefault(FormatKey) == Format;

    private static void RequireFormat(SafeTensorsReader file)
    {
        if (!IsNetworks(file) || !file.Metadata.ContainsKey(NetworkKey))
        {
            throw file.Wrong(
                $"this is a safetensors file, but not one that Network.Save wrote: "
                + $"its {SafeTensorsReader.MetadataKey} must hold {FormatKey} '{Format}' and the {NetworkKey}. "
                + $"To take weights from elsewhere, make the network and call LoadWeights.");
        }

        string? version = file.Metadata.GetValueOrDefault(VersionKey);
        if (version is not (Version or VersionOfBranches))
        {
            throw file.Wrong(
                $"its {VersionKey} is '{version}', but this version of the library reads '{Version}' and '{VersionOfBranches}'. "
                + $"Load it with a newer one.");
        }
    }

    private static (List<LayerEntry> Entries, (string Field, string Name)? Loss, int? Seed) Parse(SafeTensorsReader file)
    {
        var entries = new List<LayerEntry>();
        int? seed = null;
        (string Field, string Name)? loss = null;
        var options = new JsonReaderOptions { MaxDepth = LayerEntry.GreatestDepth };
        var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(file.Metadata[NetworkKey]), options);
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
                        Require(
                            entries.Count < GreatestLayers,
                            string.Create(CultureInfo.InvariantCulture, $"at most {GreatestLayers} layers"));
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
                    Require(
                        field is "loss" or "customLoss" && loss is null && json.TokenType == JsonTokenType.String,
                        "layers, one loss and one seed");
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
        catch (InsufficientExecutionStackException e)
        {
            throw TooDeep(file, entries.Count, e);
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

    /// <summary>
    /// Holds the sizes that a layer says it has against the tensors that are there, before the layer takes memory for them.
    /// </summary>
    private static void CheckTensors(SafeTensorsReader file, LayerPlan plan, int place, HashSet<string> expected)
    {
        foreach (var (name, shape) in plan.TensorsAt(FormattableString.Invariant($"layers.{place}")))
        {
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
        var layer = plan.MakeAsSaved();
        foreach (var tensor in TensorValues.Of(layer, place))
        {
            if (file.Tensors[tensor.Name].Shape is not [long rows, long columns] || rows != tensor.Rows || columns != tensor.Columns)
            {
                throw new ArgumentException(
                    $"Its parameter {tensor.Name} is {Tensor.Text([tensor.Rows, tensor.Columns])}, but the file has "
                    + $"{file.Tensors[tensor.Name].ShapeText}.");
            }

            if (!tensor.Allows(values[tensor.Name]))
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"Its {tensor.Name[(tensor.Name.LastIndexOf('.') + 1)..]} holds a number below {tensor.Least}."));
            }

            tensor.CopyFromRowMajor(values[tensor.Name]);
        }

        return layer;
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
        catch (InsufficientExecutionStackException e)
        {
            throw TooDeep(file, place, e);
        }
    }

    private static ModelFormatException TooDeep(SafeTensorsReader file, int place, InsufficientExecutionStackException e) => file.Wrong(
        $"layer {place}: it has layers within one another, more than the stack of this thread has room for. "
        + $"Load it on a thread with a larger one.",
        e);
}
