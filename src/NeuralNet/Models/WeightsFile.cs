using System.Numerics.Tensors;
using System.Text;
using NeuralNet.Layers;

namespace NeuralNet.Models;

/// <summary>Weights from a file made elsewhere: which of its tensors is which of a network's.</summary>
internal sealed class WeightsFile
{
    private const string WayOut =
        "Pass names, which give for each of the network's tensors the file's, such as [\"layers.0.Weights\"] = \"fc1.weight\".";

    private const string Weight = "weight";
    private const StringComparison AnyCase = StringComparison.OrdinalIgnoreCase;

    private readonly SafeTensorsReader _file;
    private readonly (Layer Layer, TensorValues Tensor)[] _ours;
    private readonly HashSet<Layer> _backward;
    private readonly List<Match> _matches = [];

    private WeightsFile(SafeTensorsReader file, IReadOnlyList<Layer> layers)
    {
        _file = file;
        _backward = [.. LayerTree.All(layers).OfType<BidirectionalLayer>().SelectMany(layer => LayerTree.All([layer.BackwardLayer]))];
        _ours =
            [.. LayerTree.Leaves(layers).SelectMany(leaf => TensorValues.Of(leaf.Layer, leaf.Path).Select(tensor => (leaf.Layer, tensor)))];
    }

    /// <summary>Loads what matches, or changes nothing.</summary>
    /// <exception cref="ArgumentException"><paramref name="names"/> has a name that is none of the network's.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, or it is not clear that its tensors are the network's.</exception>
    public static WeightsReport Load(IReadOnlyList<Layer> layers, Stream stream, string name, IReadOnlyDictionary<string, string>? names)
    {
        var weights = new WeightsFile(new SafeTensorsReader(stream, name), layers);
        if (names is not null)
        {
            weights.MatchNames(names);
        }
        else if (!weights.MatchOwnNames())
        {
            weights.MatchModules();
        }

        return weights.Copy();
    }

    private void MatchNames(IReadOnlyDictionary<string, string> names)
    {
        foreach (var (name, fileName) in names)
        {
            var ours = _ours.FirstOrDefault(one => one.Tensor.Name == name);
            if (ours.Tensor is null)
            {
                throw new ArgumentException(
                    $"The network has no tensor '{name}'; it has {string.Join(", ", _ours.Select(one => one.Tensor.Name))}.",
                    nameof(names));
            }

            if (fileName is null || !_file.Tensors.TryGetValue(fileName, out var theirs))
            {
                throw _file.Wrong($"it has no tensor '{fileName}', which '{name}' was to be loaded from.");
            }

            RequireWeight(theirs);
            var torch = TorchOf(ours.Layer)?.TensorsOf(ours.Layer).FirstOrDefault(tensor => IsOf(tensor, ours.Tensor));
            var plus = torch?.Plus is { } other ? _file.Tensors.GetValueOrDefault(fileName.Replace(torch.Name, other)) : null;
            Add(
                ours,
                theirs,
                torch is { HasOutputsFirst: true } && HasModulesLayout(theirs) ? torch : null,
                plus?.Name == fileName ? null : plus);
        }
    }

    /// <summary>Whether the name of weights says that they are in PyTorch's layout; a square matrix does not tell by its shape.</summary>
    /// <exception cref="ModelFormatException">The name leaves it open, and so does the shape.</exception>
    private bool HasModulesLayout(Tensor theirs)
    {
        string name = theirs.Name[(theirs.Name.LastIndexOfAny(['.', '/', ':']) + 1)..];
        if (ModelFile.IsNetworks(_file) || !name.Contains(Weight, AnyCase))
        {
            return false;
        }

        if (name.EndsWith(Weight, AnyCase)
            || name.StartsWith("weight_ih", StringComparison.Ordinal) || name.StartsWith("weight_hh", StringComparison.Ordinal))
        {
            return true;
        }

        const string Rename = "Save it under a name that ends in 'weight' for the former, in 'kernel' for the latter";
        return theirs.Shape is [var rows, var columns] && rows == columns
            ? throw _file.Wrong(
                $"tensor '{theirs.Name}' {theirs.ShapeText} may be outputs by inputs, as PyTorch has them, or inputs by outputs. {Rename}.")
            : false;
    }

    /// <summary>Refuses a tensor that is not a module's weight, but one of several that PyTorch computes it from.</summary>
    private void RequireWeight(Tensor tensor)
    {
        string prefix = tensor.Name[..(tensor.Name.LastIndexOf('.') + 1)];
        string? maker = tensor.Name.Contains("parametrizations.", StringComparison.Ordinal) ? "a parametrization, such as weight_norm,"
            : tensor.Name[prefix.Length..] switch
            {
                "weight_g" or "weight_v" when Has("weight_g") && Has("weight_v") => "weight_norm",
                "weight_orig" or "weight_u" or "weight_mask" when Has("weight_orig") => "spectral_norm or prune",
                _ => null,
            };
        if (maker is not null)
        {
            const string Remove = "remove_parametrizations, remove_weight_norm, remove_spectral_norm or prune.remove";
            throw _file.Wrong(
                $"tensor '{tensor.Name}' is no module's weight, but one of those that {maker} computes it from. "
                + $"Call PyTorch's {Remove} before saving.");
        }

        bool Has(string field) => _file.Tensors.ContainsKey(prefix + field);
    }

    private bool MatchOwnNames()
    {
        foreach (var ours in _ours)
        {
            if (_file.Tensors.TryGetValue(ours.Tensor.Name, out var theirs))
            {
                Add(ours, theirs, torch: null);
            }
        }

        return _matches.Count > 0;
    }

    /// <summary>
    /// Takes PyTorch's modules for layers of the same kind and sizes. Where several have the same, their names must differ in numbers only,
    /// which then are their order: nothing else in a file tells it, since it has its tensors sorted by name.
    /// </summary>
    private void MatchModules()
    {
        foreach (var tensor in _file.Tensors.Values)
        {
            RequireWeight(tensor);
        }

        var modules = _file.Tensors.Values.SelectMany(ModulesOf).ToLookup(one => one.Form, one => one.Module);
        var layers = _ours.Select(one => one.Layer).Distinct().Where(layer => TorchOf(layer) is not null)
            .ToLookup(layer => FormOf(TorchOf(layer)!.FormOf(layer), _backward.Contains(layer) && TorchOf(layer)!.IsStack));
        foreach (var same in layers)
        {
            var ours = same.ToArray();
            string kind = same.Key[..same.Key.IndexOf(' ')];

            // An Embedding's tensor is one that a Linear without bias has, too.
            Module[] others = TorchOf(ours[0])!.Lacks is not null
                ? []
                :
                [
                    .. layers.Where(other => other.Key != same.Key && TorchOf(other.First())!.Lacks is not null)
                        .SelectMany(other => modules[other.Key]).Intersect(modules[same.Key]),
                ];
            Module[] found =
            [
                .. modules[same.Key].Except(others)
                    .OrderBy(module => Key(module.ToString(), withNumbers: true), StringComparer.Ordinal),
            ];
            if (others.Length > 0 && found.Length != ours.Length)
            {
                throw _file.Wrong(
                    $"its modules {string.Join(", ", modules[same.Key])} may be a {same.Key} or a layer of another kind, and the network "
                    + $"has both. {WayOut}");
            }

            if (found.Length == 0)
            {
                string? other = modules.Select(group => group.Key)
                    .FirstOrDefault(form => form.StartsWith(kind, StringComparison.Ordinal) && !layers.Contains(form));
                if (other is not null)
                {
                    throw _file.Wrong(
                        $"it has a {other} ('{modules[other].First()}'), which is none of the network's layers, but no {same.Key} for its "
                        + $"{ours[0].Name}. {WayOut}");
                }

                continue;
            }

            if (found.Length != ours.Length)
            {
                throw _file.Wrong(
                    $"it has {found.Length} modules {same.Key} ({string.Join(", ", found)}), but the network has {ours.Length} such "
                    + $"layers. {WayOut}");
            }

            if (found.Select(module => Key(module.ToString(), withNumbers: false)).Distinct().Count() > 1)
            {
                throw _file.Wrong(
                    $"it has {found.Length} modules {same.Key} ({string.Join(", ", found)}), whose names do not tell which of the "
                    + $"network's layers each is. {WayOut}");
            }

            for (int i = 0; i < ours.Length; i++)
            {
                Take(ours[i], found[i]);
            }
        }

        if (_file.Tensors.Count == 0)
        {
            throw _file.Wrong($"it has no tensors.");
        }

        if (_matches.Count == 0)
        {
            string first = string.Join(", ", _file.Tensors.Values.Take(20).Select(tensor => $"{tensor.Name} {tensor.ShapeText}"));
            throw _file.Wrong($"it has no tensor for any layer of the network; it has {first}. {WayOut}");
        }
    }

    private void Take(Layer layer, Module module)
    {
        foreach (var torch in TorchOf(layer)!.TensorsOf(layer))
        {
            var ours = _ours.Single(one => one.Layer == layer && IsOf(torch, one.Tensor));
            if (module.Find(_file, torch.Name) is { } theirs)
            {
                Add(ours, theirs, torch, torch.Plus is { } other ? module.Find(_file, other) : null);
            }
            else
            {
                _matches.Add(new(ours.Tensor, null, torch));
            }
        }
    }

    private void Add((Layer Layer, TensorValues Tensor) ours, Tensor theirs, TorchTensor? torch, Tensor? plus = null)
    {
        var (layer, tensor) = ours;
        long[] expected = torch is { HasOutputsFirst: true } ? torch.Shape : [tensor.Rows, tensor.Columns];
        foreach (var one in (Tensor?[])[theirs, plus])
        {
            bool isRow = torch is not { HasOutputsFirst: true } && tensor.Rows == 1 && one?.Shape is [long length]
                && length == tensor.Columns;
            if (one is not null && (!(one.Shape.SequenceEqual(expected) || isRow) || !one.IsFloat))
            {
                throw _file.Wrong(
                    $"tensor '{one.Name}' must be floating-point numbers {Tensor.Text(expected)} for '{tensor.Name}' of {layer.Name}, but "
                    + $"is {one.Type} {one.ShapeText}.");
            }
        }

        _matches.Add(new(tensor, theirs, torch, plus));
    }

    private static TorchModule? TorchOf(Layer layer) => LayerKinds.Of(layer)?.Torch;

    private static bool IsOf(TorchTensor torch, TensorValues ours) => ours.Name.EndsWith($".{torch.Ours}", StringComparison.Ordinal);

    private WeightsReport Copy()
    {
        var wanted = _matches.SelectMany(match => new[] { match.Theirs, match.Plus }).OfType<Tensor>().Select(tensor => tensor.Name)
            .ToHashSet();
        var values = _file.ReadValues(tensor => wanted.Contains(tensor.Name));
        foreach (var (ours, theirs, _, _) in _matches)
        {
            if (theirs is not null && !ours.Allows(values[theirs.Name]))
            {
                throw _file.Wrong($"tensor '{theirs.Name}' holds a number below {ours.Least}, the least of '{ours.Name}'.");
            }
        }

        foreach (var (ours, theirs, torch, plus) in _matches)
        {
            if (theirs is null)
            {
                Array.Fill(ours.Values, torch!.Default);
            }
            else if (torch is { HasOutputsFirst: true })
            {
                double[] its = values[theirs.Name];
                (torch.Reorder?.Invoke(its) ?? its).CopyTo(ours.Values, 0);
            }
            else
            {
                ours.CopyFromRowMajor(values[theirs.Name]);
            }

            if (plus is not null)
            {
                TensorPrimitives.Add(ours.Values, values[plus.Name], ours.Values);
            }
        }

        var loaded = _matches.Select(match => match.Ours.Name).ToHashSet();
        return new WeightsReport(
            [.. _matches.Select(match =>
                (match.Ours.Name, SourceOf(match), (IReadOnlyList<long>)(match.Theirs?.Shape ?? [])))],
            [.. _matches.Where(match => match is { Theirs: not null, Torch.HasOutputsFirst: true }).Select(match => match.Ours.Name)],
            [.. _ours.Where(one => !loaded.Contains(one.Tensor.Name))
                .Select(one => (one.Tensor.Name, (IReadOnlyList<long>)[one.Tensor.Rows, one.Tensor.Columns]))],
            [.. _file.Tensors.Values.Where(tensor => !wanted.Contains(tensor.Name))
                .Select(tensor => (tensor.Name, (IReadOnlyList<long>)tensor.Shape))]);
    }

    private static string SourceOf(Match match) =>
        match.Theirs is null ? (match.Torch!.Default == 1 ? "ones" : "zeros")
        : match.Plus is null ? match.Theirs.Name
        : $"{match.Theirs.Name} + {match.Plus.Name}";

    /// <summary>The modules that a tensor is the key of: it tells their sizes.</summary>
    private IEnumerable<(Module Module, string Form)> ModulesOf(Tensor tensor)
    {
        int length = tensor.Name.LastIndexOf('.') + 1;
        string prefix = tensor.Name[..length];
        if (IsWithinAnother(prefix))
        {
            yield break;
        }

        foreach (var kind in LayerKinds.All)
        {
            if (kind.Torch is not { } torch || !tensor.Name.AsSpan(length).StartsWith(torch.Key, StringComparison.Ordinal))
            {
                continue;
            }

            var module = new Module(prefix, tensor.Name[(length + torch.Key.Length)..]);
            if (torch.IsStack ? !IsLayerOfStack(module.Suffix) : module.Suffix.Length > 0)
            {
                continue;
            }

            var needed = torch.Needs is null ? null : module.Find(_file, torch.Needs);
            bool has = torch.Needs is null || needed is not null;
            bool lacks = torch.Lacks is null || module.Find(_file, torch.Lacks) is null;
            if (has && lacks && torch.FormOf(tensor.Shape, needed?.Shape) is { } form)
            {
                yield return (module, FormOf(form, module.IsBackward));
            }
        }
    }

    /// <summary>Whether what looks like a module is part of a larger one, as the out_proj of an attention.</summary>
    private bool IsWithinAnother(string prefix) => LayerKinds.All.Any(kind =>
        kind.Torch is { Within: { } within } outer && prefix.EndsWith(within, StringComparison.Ordinal)
        && _file.Tensors.ContainsKey(prefix[..^within.Length] + outer.Key));

    private static string FormOf(string form, bool isBackward) => isBackward ? $"{form} reverse" : form;

    /// <summary>Whether the end of a tensor's name is that of a layer in a stack: _l0, or _l0_reverse for the way back.</summary>
    private static bool IsLayerOfStack(string suffix)
    {
        string number = suffix.EndsWith(Module.Reverse, StringComparison.Ordinal) ? suffix[..^Module.Reverse.Length] : suffix;
        return number.StartsWith("_l", StringComparison.Ordinal) && number.Length > 2
            && number.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    /// <summary>
    /// A name with the length of each number before it, so that names are in the order of their numbers; or with a # for each.
    /// </summary>
    private static string Key(string name, bool withNumbers)
    {
        var key = new StringBuilder(name.Length);
        for (int at = 0; at < name.Length;)
        {
            var rest = name.AsSpan(at);
            int length = rest.IndexOfAnyExceptInRange('0', '9') is >= 0 and int end ? end : rest.Length;
            if (length == 0)
            {
                key.Append(name[at++]);
                continue;
            }

            var digits = rest[..length].TrimStart('0');
            at += length;
            _ = withNumbers ? key.Append((char)digits.Length).Append(digits) : key.Append('#');
        }

        return key.ToString();
    }

    /// <summary>A tensor of the network, and what is put into it.</summary>
    /// <param name="Ours">The network's tensor.</param>
    /// <param name="Theirs">The file's; null where it has none.</param>
    /// <param name="Torch">What it is of PyTorch's module.</param>
    /// <param name="Plus">A tensor of the file that is added to it.</param>
    private sealed record Match(TensorValues Ours, Tensor? Theirs, TorchTensor? Torch, Tensor? Plus = null);

    /// <summary>A module of the file, or a layer of one that is a stack.</summary>
    /// <param name="Prefix">What its tensors' names start with.</param>
    /// <param name="Suffix">What they end with.</param>
    private readonly record struct Module(string Prefix, string Suffix)
    {
        public const string Reverse = "_reverse";

        public bool IsBackward => Suffix.EndsWith(Reverse, StringComparison.Ordinal);

        public Tensor? Find(SafeTensorsReader file, string name) => file.Tensors.GetValueOrDefault($"{Prefix}{name}{Suffix}");

        public override string ToString() => Prefix + Suffix.TrimStart('_');
    }
}
