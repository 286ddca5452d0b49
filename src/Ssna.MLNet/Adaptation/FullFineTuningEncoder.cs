using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <param name="Encoder">Family and sizes of the encoder.</param>
/// <param name="Precision">The precision of the encoder's matrix products; never Auto.</param>
/// <param name="TopLayers">Layers that are trained, from the top: the paper's n_t.</param>
[SavedAs("FullFineTuning")]
internal sealed record FullFineTuningEncoderShape(
    EncoderConfiguration Encoder,
    ComputePrecision Precision,
    int TopLayers
) : TextEncoderShape(Encoder, Precision)
{
    public override void Check()
    {
        base.Check();
        OptionsChecks.Require(
            TopLayers >= 0 && TopLayers <= Encoder.LayerCount,
            TopLayers,
            nameof(TopLayers),
            $"at most the encoder's {Encoder.LayerCount}"
        );
    }

    public override ItemEncoder Restore(ParameterBuffer parameters, int dimension, Device device) =>
        new FullFineTuningEncoder(parameters, this, dimension, device, training: null);
}

/// <summary>Full fine-tuning: every weight of the top layers is trained; embeddings and the layers below stay as they are.</summary>
internal sealed class FullFineTuningEncoder : TextItemEncoder
{
    private readonly int _frozenLayers;
    private readonly int _firstTrained; // among the encoder's parameters, of which the layers come last, bottom up
    private readonly Parameter[] _trained;

    public FullFineTuningEncoder(
        ParameterBuffer parameters,
        FullFineTuningEncoderShape shape,
        int dimension,
        Device device,
        EncoderTraining? training
    )
        : base(parameters, shape, device, training)
    {
        Shape = shape;
        _frozenLayers = shape.Encoder.LayerCount - shape.TopLayers;
        string lowest = $"layer.{_frozenLayers}.";
        _firstTrained = Encoder.Parameters.TakeWhile(weight => !weight.Name.StartsWith(lowest)).Count();
        _trained =
        [
            .. Encoder
                .Parameters.Skip(_firstTrained)
                .Select(weight =>
                    parameters.Declare(
                        $"encoder.{weight.Name}",
                        Initialization.CopyOf(weight.Value),
                        weight.Value.shape
                    )
                ),
        ];
        DeclareHead(parameters, dimension);
    }

    public override FullFineTuningEncoderShape Shape { get; }

    public override IReadOnlyList<(string Name, Tensor Value)> Buffers => [.. base.Buffers.Take(_firstTrained)];

    protected override IReadOnlyList<ChangedLayer> Layers(ForwardPass pass)
    {
        int next = 0;
        // Weights are kept in float32 and multiplied in the type that the encoder's own have.
        Tensor Next()
        {
            ScalarType type = Encoder.Parameters[_firstTrained + next].Value.dtype;
            return _trained[next++].Value.to(type);
        }
        return
        [
            .. Encoder
                .Layers.Select(
                    (layer, i) =>
                        i < _frozenLayers ? layer : Encoder.Configuration.Family.Layer(Encoder.Configuration, i, Next)
                )
                .Select(layer => new ChangedLayer(layer, Deltas: null)),
        ];
    }

    public override TextEncoder Merge() =>
        Encoder.Changed(
            (place, weight) =>
                place < _firstTrained ? weight : weight.copy_(DeviceMemory.Read(_trained[place - _firstTrained].Value))
        );
}
