using System.Runtime.CompilerServices;

namespace NeuralNet.Onnx.Operators;

/// <summary>All operators: the library's, after those of a user's own.</summary>
internal sealed class OperatorList(IEnumerable<Operator> own)
{
    private static readonly Operator[] s_all =
    [
        new FullyConnected(),
        new Convolution(),
        new SequenceConvolution(),
        new Embedding(),
        new Recurrence(),
        new MaxPooling(),
        new AveragePooling(),
        new GlobalMaxPooling(),
        new GlobalAveragePooling(),
        new BatchNormalization(),
        new LayerNormalization(),
        new Normalization(),
        new SelfAttention(),
        new PositionalEncoding(),
        new Flattening(),
        new Softmax(),
        new Dropout(),
        new ActivationFunctions(),
        new Residual(),
        new Concatenation(),
        new NestedNetwork(),
    ];

    private static readonly Dictionary<string, Operator> s_byType =
        s_all.SelectMany(one => one.Types.Select(type => (type, one))).ToDictionary(entry => entry.type, entry => entry.one);

    private readonly Operator[] _operators = [.. own, .. s_all];

    /// <summary>The library's.</summary>
    public static IReadOnlyList<Operator> All => s_all;

    /// <summary>The operator whose layers begin with nodes of a type; null where there is none.</summary>
    public static Operator? OfType(string type) => s_byType.GetValueOrDefault(type);

    /// <exception cref="NotSupportedException">There is none for the layer.</exception>
    public Operator Of(Layer layer) => Array.Find(_operators, one => one.Writes(layer)) ?? throw new NotSupportedException(
        $"ONNX has no operator for {layer}, " + (layer is ActivationLayer
            ? "whose function is not the library's own. Take one of the class Activations, or give its nodes by " +
                "OnnxExportOptions.AddActivation."
            : "a layer of your own. Give its nodes by OnnxExportOptions.Add, or export a network of the library's layers."));

    /// <summary>
    /// The form of X, from the first layer that tells it behind ones that keep any shape; null where none does. Where that one takes a row
    /// or the steps of a sequence, the layers behind it tell which.
    /// </summary>
    public Form? InputOf(IReadOnlyList<Layer> layers)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        for (int i = 0; i < layers.Count; i++)
        {
            var its = Of(layers[i]);
            if (its.InputOf(layers[i], this) is { } form)
            {
                return form.IsRow && its.TakesRows && ReadSteps(layers.Skip(i + 1)) ? Form.Sequence(form.Width) : form;
            }

            if (!its.KeepsShape(layers[i], this))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The form of X that several branches read: a sequence where one of them reads its steps.</summary>
    public Form? InputOf(IEnumerable<IReadOnlyList<Layer>> branches)
    {
        Form?[] forms = [.. branches.Select(InputOf).Where(form => form is not null)];
        return Array.Find(forms, form => form is { IsSequence: true }) ?? forms.FirstOrDefault();
    }

    /// <summary>Whether to one of the layers the rows of X are steps of a sequence.</summary>
    public bool ReadSteps(IEnumerable<Layer> layers) => layers.Any(layer => Of(layer).ReadsSteps(layer, this));

    /// <summary>Whether the first layer that tells the form of X, behind ones that keep any shape, takes rows of any number.</summary>
    public bool TakeRows(IReadOnlyList<Layer> layers) =>
        layers.FirstOrDefault(layer => Of(layer).InputOf(layer, this) is not null) is { } first && Of(first).TakesRows;

    public bool KeepShape(IReadOnlyList<Layer> layers) => layers.All(layer => Of(layer).KeepsShape(layer, this));

    /// <exception cref="NotSupportedException">There is none for a layer, or for one within.</exception>
    public void Require(IEnumerable<Layer> layers)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var layer in layers)
        {
            Require(Of(layer).Within(layer));
        }
    }
}
