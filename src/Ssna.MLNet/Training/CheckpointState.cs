using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>How a checkpoint writes values.</summary>
internal static class CheckpointJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };
}

/// <summary>Collects what a training holds.</summary>
internal sealed class StateCollector : StateVisitor
{
    /// <summary>The tensors themselves, not copies.</summary>
    public List<(string Name, Tensor Value)> Tensors { get; } = [];

    public JsonObject Values { get; } = [];

    public override void Tensor(string name, Tensor value) => Tensors.Add((name, value));

    public override void Value<T>(string name, ref T value) =>
        Values[name] = JsonSerializer.SerializeToNode(value, CheckpointJson.Options);
}

/// <summary>Gives every rank what the first holds.</summary>
/// <param name="ranks">The ranks, each of which visits.</param>
internal sealed class StateOfFirst(Ranks ranks) : StateVisitor
{
    public override void Tensor(string name, Tensor value) => ranks.TakeFirst(value);

    public override void Value<T>(string name, ref T value)
    {
        T own = value;
        byte[] first = ranks.OfFirst(() => JsonSerializer.SerializeToUtf8Bytes(own, CheckpointJson.Options));
        value = JsonSerializer.Deserialize<T>(first, CheckpointJson.Options)!;
    }
}

/// <summary>Puts back what was collected.</summary>
/// <param name="tensors">The tensors.</param>
/// <param name="values">The values.</param>
internal sealed class StateRestorer(ITensorSource tensors, JsonObject values) : StateVisitor
{
    /// <exception cref="InvalidDataException">It is not there, or of another shape.</exception>
    public override void Tensor(string name, Tensor value)
    {
        using var _ = TensorState.Frozen();
        using Tensor stored = ModelTensors.ReadRaw(tensors, name, value.shape);
        value.copy_(stored);
    }

    /// <exception cref="InvalidDataException">It is not there.</exception>
    /// <exception cref="JsonException">It is of another type.</exception>
    public override void Value<T>(string name, ref T value)
    {
        if (!values.TryGetPropertyValue(name, out JsonNode? stored))
        {
            throw new InvalidDataException($"'{tensors.Source}': expected a value '{name}' beside it, found none.");
        }
        value = stored.Deserialize<T>(CheckpointJson.Options)!;
    }
}
