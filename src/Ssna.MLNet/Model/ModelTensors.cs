using Ssna.MLNet.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>Reads tensors of which the shape is known.</summary>
internal static class ModelTensors
{
    /// <summary>The product of two such numbers, summed over any width, is still a number.</summary>
    private const float Largest = 1e15f;

    /// <summary>A tensor of a known shape, in float32.</summary>
    /// <exception cref="InvalidDataException">
    /// It is missing, of another shape, or holds what is no finite number or too large to be computed with.
    /// </exception>
    public static Tensor Read(ITensorSource source, string name, params ReadOnlySpan<long> shape)
    {
        Check(source, name, shape);
        using Tensor raw = source.ReadFinite(name);
        Tensor read = raw.dtype == ScalarType.Float32 ? raw.alias() : raw.to(ScalarType.Float32);
        CheckSize(source, name, read);
        return read;
    }

    // No training leads there, and what is computed from such weights blames the items that they meet.
    private static void CheckSize(ITensorSource source, string name, Tensor read)
    {
        if (read.numel() == 0)
        {
            return;
        }
        using Tensor sizes = read.abs();
        using Tensor most = sizes.max(); // ()
        float largest = most.item<float>();
        if (largest > Largest)
        {
            read.Dispose();
            throw new InvalidDataException(
                FormattableString.Invariant(
                    $"'{source.Source}': expected tensor '{name}' to hold numbers of at most {Largest:0E+0}, found {largest}."
                )
            );
        }
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
