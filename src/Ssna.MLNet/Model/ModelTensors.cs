using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>A model's weights as named tensors, for files.</summary>
internal static class ModelTensors
{
    private const string ScalerMean = "scaler.mean";
    private const string ScalerMatrix = "scaler.matrix";

    /// <summary>Everything that <see cref="Restore"/> needs beside the shape.</summary>
    public static IEnumerable<(string Name, Tensor Value)> Of(SsnaModel model) =>
        model.Parameters.All.Select(parameter => (parameter.Name, parameter.Value)).Concat(model.Scaler.Tensors);

    /// <summary>A trained model.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="scaling">The kind of its scaler.</param>
    /// <param name="source">Its tensors.</param>
    /// <param name="device">Where its weights go.</param>
    /// <exception cref="InvalidDataException">A tensor is missing or of another shape; the message names it.</exception>
    public static SsnaModel Restore(SsnaModelShape shape, FeatureScaling scaling, ITensorSource source, Device device)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        long[] layers = [shape.LayerCount, shape.FeatureWidth];
        long[] matrix = scaling == FeatureScaling.Whiten ? [.. layers, shape.FeatureWidth] : layers;
        bool scales = scaling != FeatureScaling.None;
        var model = new SsnaModel(
            shape,
            FeatureScaler.Restore(
                scaling,
                scales ? Read(source, ScalerMean, layers).DetachFromDisposeScope() : null,
                scales ? Read(source, ScalerMatrix, matrix).DetachFromDisposeScope() : null
            ),
            Regularization.None,
            device
        );
        try
        {
            foreach (Parameter parameter in model.Parameters.All)
            {
                parameter.Value.copy_(Read(source, parameter.Name, parameter.Shape));
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A tensor of a known shape.</summary>
    /// <exception cref="InvalidDataException">It is missing or of another shape.</exception>
    public static Tensor Read(ITensorSource source, string name, params ReadOnlySpan<long> shape)
    {
        string expected = string.Join(", ", shape.ToArray());
        if (!source.Contains(name))
        {
            throw new InvalidDataException($"Tensor '{name}': expected one of shape ({expected}), found none.");
        }
        IReadOnlyList<long> found = source.ShapeOf(name);
        return shape.SequenceEqual(found.ToArray())
            ? source.Read(name)
            : throw new InvalidDataException(
                $"Tensor '{name}': expected shape ({expected}), found ({string.Join(", ", found)})."
            );
    }
}
