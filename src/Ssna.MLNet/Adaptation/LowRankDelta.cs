using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>
/// What low-rank adaptation adds to one linear map: x A^T B^T times a scale, or with AdaLoRA's singular values E between
/// them, x (E * A)^T B^T.
/// </summary>
/// <param name="Projection">The map.</param>
/// <param name="Down">A: (r, inputs).</param>
/// <param name="Values">E: (r, 1), or null.</param>
/// <param name="Up">B: (outputs, r).</param>
/// <param name="Scale">What the product is multiplied by.</param>
internal sealed record LowRankDelta(
    EncoderProjection Projection,
    Parameter Down,
    Parameter? Values,
    Parameter Up,
    float Scale
)
{
    /// <summary>Writes the sum into <paramref name="product"/>.</summary>
    /// <param name="input">Dropout is done: (N, inputs), in the compute type.</param>
    /// <param name="product">(N, outputs), in the compute type.</param>
    /// <returns><paramref name="product"/>.</returns>
    public Tensor AddTo(Tensor product, Tensor input)
    {
        ScalarType type = product.dtype;
        Tensor narrow = input.mm(Reading().to(type).t()); // (N, r)
        return product.addmm_(narrow, Up.Value.to(type).t(), beta: 1, alpha: Scale); // (N, outputs)
    }

    /// <summary>The same as one matrix to add to the map's weight: (outputs, inputs).</summary>
    public Tensor Weight() => Up.Value.mm(Reading()).MultiplyInPlace(Scale);

    private Tensor Reading() => Values is null ? Down.Value : Down.Value * Values.Value; // (r, inputs)
}

/// <summary>The low-rank deltas of one layer in one forward pass.</summary>
/// <param name="deltas">At most one for each of the layer's maps.</param>
/// <param name="pass">How to compute.</param>
/// <param name="dropout">The share of a delta's input that is dropped while training.</param>
internal sealed class LayerDeltas(
    IReadOnlyDictionary<EncoderProjections, LowRankDelta> deltas,
    ForwardPass pass,
    float dropout
) : ILayerDeltas
{
    public Tensor Add(EncoderProjections projection, Tensor input, Tensor product) =>
        deltas.TryGetValue(projection, out LowRankDelta? delta)
            ? delta.AddTo(product, pass.Dropout(input, dropout).to(product.dtype)) // (N, outputs)
            : product;
}
