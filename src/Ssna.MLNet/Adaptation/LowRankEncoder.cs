using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

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
    [property: MayDiffer] float Dropout
) : TextEncoderShape(Encoder, Precision)
{
    public override void Check()
    {
        base.Check();
        CheckTargets(Targets, nameof(Targets));
        OptionsChecks.AtLeast(1, Rank, nameof(Rank));
        OptionsChecks.Positive(Alpha, nameof(Alpha));
        OptionsChecks.Share(Dropout, nameof(Dropout));
    }

    /// <summary>Refuses what are no linear maps that low-rank matrices could be for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or one that is not defined.</exception>
    public static void CheckTargets(EncoderProjections targets, string name)
    {
        EncoderProjections all = Enum.GetValues<EncoderProjections>().Aggregate((one, other) => one | other);
        OptionsChecks.Require(
            targets != EncoderProjections.None && (targets & ~all) == 0,
            targets,
            name,
            "at least one of the defined values"
        );
    }
}

/// <summary>A frozen encoder with low-rank deltas beside some of the linear maps of every layer.</summary>
internal abstract class LowRankEncoder : TextItemEncoder
{
    private readonly IReadOnlyDictionary<EncoderProjections, LowRankDelta>[] _layers;
    private readonly string? _adapter;

    /// <param name="parameters">Where its weights are declared.</param>
    /// <param name="shape">What decides its tensors.</param>
    /// <param name="device">Where the encoder is.</param>
    /// <param name="training">What training starts from, or null for an encoder that is restored.</param>
    /// <param name="declare">Makes the delta of a linear map.</param>
    protected LowRankEncoder(
        ParameterBuffer parameters,
        LowRankEncoderShape shape,
        Device device,
        EncoderTraining? training,
        Func<EncoderProjection, LowRankDelta> declare
    )
        : base(parameters, shape, device, training)
    {
        (Shape, _adapter) = (shape, training?.Adapter);
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

    public override LowRankEncoderShape Shape { get; }

    /// <summary>All deltas, layer by layer from the bottom.</summary>
    public IReadOnlyList<LowRankDelta> Deltas { get; }

    protected override IReadOnlyList<ChangedLayer> Layers(ForwardPass pass) =>
        [
            .. Encoder.Layers.Zip(
                _layers,
                (layer, deltas) => new ChangedLayer(layer, new LayerDeltas(deltas, pass, Shape.Dropout))
            ),
        ];

    public override void Fit(HeldItems items)
    {
        if (_adapter is not null)
        {
            PeftFolder.Read(_adapter, this);
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
                        .AddInPlace(DeviceMemory.Read(delta.Weight()));
                }
                return weight;
            }
        );
}
