using Ssna.MLNet.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>A model's weights as named tensors, for files.</summary>
internal static class ModelTensors
{
    /// <summary>Everything that <see cref="Restore"/> needs beside the shape.</summary>
    public static IEnumerable<(string Name, Tensor Value)> Of(SsnaModel model) =>
        model.Parameters.All.Select(parameter => (parameter.Name, parameter.Value)).Concat(model.Items.Buffers);

    /// <summary>A trained model.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="source">Its tensors.</param>
    /// <param name="device">Where its weights go.</param>
    /// <exception cref="InvalidDataException">
    /// A tensor is missing, of another shape, or holds what is no finite number; the message names it.
    /// </exception>
    public static SsnaModel Restore(SsnaModelShape shape, ITensorSource source, Device device)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        // Each of them has tensors of its own: the names alone of a million could fill the memory.
        int layers = Math.Max(shape.SequenceBlocks, shape.Items.Depth);
        if (layers > source.Names.Count)
        {
            throw new InvalidDataException(
                $"'{source.Source}': expected the tensors of {layers} layers, found {source.Names.Count} tensors."
            );
        }
        var model = new SsnaModel(shape, Regularization.None, device, source);
        try
        {
            foreach ((string name, Tensor value) in Of(model))
            {
                value.copy_(Read(source, name, value.shape));
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

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
