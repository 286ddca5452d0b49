using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <param name="LayerCount">Feature layers with an adapter each: the paper's a.</param>
/// <param name="FeatureWidth">Width of a feature layer: the paper's D.</param>
/// <param name="FeatureScaling">What is done to the features first.</param>
/// <param name="AdapterHeads">Projection heads of an adapter: the paper's n_p.</param>
/// <param name="Integration">How the layers are joined.</param>
[SavedAs("Ssna")]
internal sealed record SsnaEncoderShape(
    int LayerCount,
    int FeatureWidth,
    FeatureScaling FeatureScaling,
    int AdapterHeads,
    LayerIntegration Integration
) : FeatureEncoderShape(LayerCount, FeatureWidth, FeatureScaling)
{
    public override void Check()
    {
        base.Check();
        OptionsChecks.AtLeast(1, AdapterHeads, nameof(AdapterHeads));
        CheckIntegration(Integration, LayerCount, nameof(Integration));
    }

    /// <summary>Refuses an integration that is none, or of several layers that it would not join.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is.</exception>
    public static void CheckIntegration(LayerIntegration integration, int layerCount, string name)
    {
        OptionsChecks.Defined(integration, name);
        OptionsChecks.Require(
            integration != LayerIntegration.None || layerCount == 1,
            integration,
            name,
            $"one that joins layers, as LayerCount is {layerCount}"
        );
    }

    public override ItemEncoder Restore(ParameterBuffer parameters, int dimension, Device device) =>
        new SsnaEncoder(parameters, this, dimension, AdapterNoise.None, device);
}

/// <summary>SSNA: an adapter beside each of the top layers, and their integration (the paper's steps 1 to 3).</summary>
internal sealed class SsnaEncoder : FeatureEncoder
{
    private readonly AdapterBank[] _adapters;

    public SsnaEncoder(
        ParameterBuffer parameters,
        SsnaEncoderShape shape,
        int dimension,
        AdapterNoise noise,
        Device device
    )
        : base(parameters, shape, device)
    {
        _adapters = new AdapterBank[shape.LayerCount];
        for (int m = 0; m < _adapters.Length; m++)
        {
            _adapters[m] = new AdapterBank(
                parameters,
                $"adapters.{m}",
                shape.AdapterHeads,
                shape.FeatureWidth,
                dimension,
                noise
            );
        }
        Integrator = LayerIntegrator.Create(parameters, shape.Integration, shape.LayerCount, dimension);
    }

    /// <summary>The adapters, top layer first.</summary>
    public IReadOnlyList<AdapterBank> Adapters => _adapters;

    public LayerIntegrator Integrator { get; }

    protected override Tensor EmbedBlock(Tensor features, ForwardPass pass)
    {
        var layers = new Tensor[_adapters.Length];
        for (int m = 0; m < layers.Length; m++)
        {
            layers[m] = _adapters[m].Forward(features.select(1, m), pass); // (v, d)
        }
        return Integrator.Forward(layers, pass); // (v, d)
    }
}
