using System.Text.Json.Serialization;

namespace NeuralNet.Training;

/// <summary>Reads and writes <see cref="CheckpointText"/> without reflection, doubles to their bits.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 5)]
[JsonSerializable(typeof(CheckpointText))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
