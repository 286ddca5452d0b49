using Microsoft.ML.Transforms;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

/// <summary>What a training method adds to the linear maps of one layer.</summary>
internal interface ILayerDeltas
{
    /// <summary>Adds to a product.</summary>
    /// <param name="projection">Which of the layer's linear maps it is of.</param>
    /// <param name="input">What the map was applied to: (N, inputs), in the compute type.</param>
    /// <param name="product">The map's result, (N, outputs), that nothing else holds: it may be written to.</param>
    /// <returns>The sum: (N, outputs).</returns>
    Tensor Add(EncoderProjections projection, Tensor input, Tensor product);
}

/// <summary>A layer as a training method has it.</summary>
/// <param name="Layer">The encoder's own layer, or one with other weights.</param>
/// <param name="Deltas">What is added to its products, or null.</param>
internal readonly record struct ChangedLayer(EncoderLayer Layer, ILayerDeltas? Deltas);
