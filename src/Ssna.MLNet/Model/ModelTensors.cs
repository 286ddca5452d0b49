using Ssna.MLNet.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>Reads tensors of which the shape is known.</summary>
internal static class ModelTensors
{
    /// <summary>A tensor of a known shape, in float32.</summary>
    /// <exception cref="InvalidDataException">It is missing, of another shape, or holds what is no finite number.</exception>
    public static Tensor Read(ITensorSource source, string name, params ReadOnlySpan<long> shape)
    {
        Check(source, name, shape);
        using Tensor raw = source.ReadFinite(name);
        return raw.dtype == ScalarType.Float32 ? raw.alias() : raw.to(ScalarType.Float32);
    }

    /// <summary>The same in the type that it is stored in.</summary>
    /// <inheritdoc cref="Read"/>
    public static Tensor ReadRaw(ITensorSource source, string name, params ReadOnlySpan<long> shape)
    {
        Check(source, name, shape);
        return source.ReadFinite(name);
    }

    /// <summary>Refuses a tensor that is not there in a shape.</summary>
    /// <exception cref="InvalidDataException">It is missing or of another shape.</exception>
    public static void Check(ITensorSource source, string name, ReadOnlySpan<long> shape)
    {
        string expected = string.Join(", ", shape.ToArray());
        if (!source.Contains(name))
        {
            throw new InvalidDataException($"Tensor '{name}': expected one of shape ({expected}), found none.");
        }
        IReadOnlyList<long> found = source.ShapeOf(name);
        if (!shape.SequenceEqual(found.ToArray()))
        {
            throw new InvalidDataException(
                $"Tensor '{name}': expected shape ({expected}), found ({string.Join(", ", found)})."
            );
        }
    }
}
