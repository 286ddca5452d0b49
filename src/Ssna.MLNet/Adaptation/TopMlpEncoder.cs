using System.Text.Json.Serialization;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <param name="FeatureWidth">Width of the top layer: the paper's D.</param>
/// <param name="FeatureScaling">What is done to the features first.</param>
/// <param name="LinearLayers">Linear layers: the paper's n_l.</param>
[SavedAs("TopMlp")]
internal sealed record TopMlpEncoderShape(int FeatureWidth, FeatureScaling FeatureScaling, int LinearLayers)
    : FeatureEncoderShape(1, FeatureWidth, FeatureScaling)
{
    [JsonIgnore]
    public override int Depth => LinearLayers;

    public override void Check()
    {
        base.Check();
        OptionsChecks.AtLeast(1, LinearLayers, nameof(LinearLayers));
    }

    public override ItemEncoder Restore(ParameterBuffer parameters, int dimension, Device device) =>
        new TopMlpEncoder(parameters, this, dimension, featureDropout: 0, device);
}

/// <summary>The paper's TMLP: linear layers on the top layer, with a GELU between two of them and none behind the last.</summary>
internal sealed class TopMlpEncoder : FeatureEncoder
{
    private readonly float _featureDropout;
    private readonly LinearLayer[] _layers;

    public TopMlpEncoder(
        ParameterBuffer parameters,
        TopMlpEncoderShape shape,
        int dimension,
        float featureDropout,
        Device device
    )
        : base(parameters, shape, device)
    {
        _featureDropout = featureDropout;
        _layers = new LinearLayer[shape.LinearLayers];
        for (int i = 0; i < _layers.Length; i++)
        {
            int width = i == 0 ? shape.FeatureWidth : dimension;
            _layers[i] = new LinearLayer(parameters, $"mlp.{i}", width, dimension);
        }
    }

    protected override Tensor EmbedBlock(Tensor features, ForwardPass pass)
    {
        Tensor x = pass.Dropout(features.select(1, 0), _featureDropout); // (v, D)
        for (int i = 0; i < _layers.Length; i++)
        {
            x = _layers[i].Forward(i == 0 ? x : x.gelu(), pass); // (v, d)
        }
        return x;
    }
}
