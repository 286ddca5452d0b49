using Microsoft.ML.Trainers.Recommender;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model.Items;

/// <param name="FeatureWidth">Width of the top layer: the paper's D.</param>
/// <param name="FeatureScaling">What is done to the features first.</param>
/// <param name="AdapterHeads">Projection heads of the adapter: the paper's n_p.</param>
internal sealed record TopMixtureEncoderShape(int FeatureWidth, FeatureScaling FeatureScaling, int AdapterHeads)
    : FeatureEncoderShape(1, FeatureWidth, FeatureScaling)
{
    public override ItemEncoder Create(
        ParameterBuffer parameters,
        int dimension,
        Regularization regularization,
        Device device
    ) => new TopMixtureEncoder(parameters, this, dimension, regularization, device);
}

/// <summary>The paper's TMoE: SSNA's adapter on the top layer, whose output is the item embedding.</summary>
internal sealed class TopMixtureEncoder(
    ParameterBuffer parameters,
    TopMixtureEncoderShape shape,
    int dimension,
    Regularization regularization,
    Device device
) : FeatureEncoder(parameters, shape, device)
{
    private readonly AdapterBank _adapter = new(
        parameters,
        "adapters.0",
        shape.AdapterHeads,
        shape.FeatureWidth,
        dimension,
        regularization
    );

    protected override Tensor EmbedBlock(Tensor features, ForwardPass pass) =>
        _adapter.Forward(features.select(1, 0), pass); // (v, d)
}
