using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model.Items;

/// <summary>What LoRA and AdaLoRA have in common.</summary>
/// <param name="Encoder">Family and sizes of the encoder.</param>
/// <param name="Precision">The precision of the encoder's matrix products; never Auto.</param>
/// <param name="Targets">The linear maps that are added to.</param>
/// <param name="Rank">The rank of a delta: r; with AdaLoRA, at the start.</param>
/// <param name="Alpha">Deltas are scaled by alpha / r.</param>
/// <param name="Dropout">The share of a delta's input that is dropped while training.</param>
internal abstract record LowRankEncoderShape(
    EncoderConfiguration Encoder,
    ComputePrecision Precision,
    EncoderProjections Targets,
    int Rank,
    float Alpha,
    float Dropout
) : TextEncoderShape(Encoder, Precision);

/// <summary>A frozen encoder with low-rank deltas beside some of the linear maps of every layer.</summary>
internal abstract class LowRankEncoder : TextItemEncoder
{
    private readonly IReadOnlyDictionary<EncoderProjections, LowRankDelta>[] _layers;

    /// <param name="parameters">Where its weights are declared.</param>
    /// <param name="shape">What decides its tensors.</param>
    /// <param name="device">Where the encoder is.</param>
    /// <param name="declare">Makes the delta of a linear map.</param>
    protected LowRankEncoder(
        ParameterBuffer parameters,
        LowRankEncoderShape shape,
        Device device,
        Func<EncoderProjection, LowRankDelta> declare
    )
        : base(parameters, shape, device)
    {
        Shape = shape;
        Deltas = [.. EncoderProjection.Of(shape.Encoder, shape.Targets).Select(declare)];
        _layers =
        [
            .. Enumerable
                .Range(0, shape.Encoder.LayerCount)
                .Select(layer =>
                    Deltas.Where(delta => delta.Projection.Layer == layer).ToDictionary(delta => delta.Projection.Kind)
                ),
        ];
    }

    public LowRankEncoderShape Shape { get; }

    /// <summary>All deltas, layer by layer from the bottom.</summary>
    public IReadOnlyList<LowRankDelta> Deltas { get; }

    protected override IReadOnlyList<ChangedLayer> Layers(ForwardPass pass) =>
        [
            .. Encoder.Layers.Zip(
                _layers,
                (layer, deltas) => new ChangedLayer(layer, new LayerDeltas(deltas, pass, Shape.Dropout))
            ),
        ];

    public override void Fit(Tensor inputs)
    {
        if (Shape.Training?.Adapter is { } adapter)
        {
            PeftFolder.Read(adapter, this);
        }
    }

    public override TextEncoder Merge() =>
        Encoder.Changed(
            (place, weight) =>
            {
                foreach (LowRankDelta delta in Deltas.Where(delta => delta.Projection.Parameter == place))
                {
                    weight
                        .narrow(0, delta.Projection.FirstRow, delta.Projection.Outputs)
                        .AddInPlace(delta.Weight().cpu());
                }
                return weight;
            }
        );
}
