using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model;
using TorchSharp;

namespace Ssna.MLNet.Adaptation;

/// <param name="Encoder">Family and sizes of the encoder.</param>
/// <param name="Precision">The precision of the encoder's matrix products; never Auto.</param>
/// <param name="Targets">The linear maps that are added to.</param>
/// <param name="Rank">The rank of a delta: r.</param>
/// <param name="Alpha">Deltas are scaled by alpha / r.</param>
/// <param name="Dropout">The share of a delta's input that is dropped while training.</param>
[SavedAs("LoRA")]
internal sealed record LoRAEncoderShape(
    EncoderConfiguration Encoder,
    ComputePrecision Precision,
    EncoderProjections Targets,
    int Rank,
    float Alpha,
    float Dropout
) : LowRankEncoderShape(Encoder, Precision, Targets, Rank, Alpha, Dropout)
{
    public override ItemEncoder Restore(ParameterBuffer parameters, int dimension, torch.Device device) =>
        new LoRAEncoder(parameters, this, dimension, device, training: null);
}

/// <summary>
/// LoRA (Hu et al. 2021): B A alpha / r is added to frozen weights. Initialised as PEFT does: A uniform within
/// 1 / sqrt(inputs), which is PyTorch's own for linear layers, and B zero.
/// </summary>
internal sealed class LoRAEncoder : LowRankEncoder
{
    public LoRAEncoder(
        ParameterBuffer parameters,
        LoRAEncoderShape shape,
        int dimension,
        torch.Device device,
        EncoderTraining? training
    )
        : base(parameters, shape, device, training, projection => Declare(parameters, shape, projection)) =>
        DeclareHead(parameters, dimension);

    private static LowRankDelta Declare(
        ParameterBuffer parameters,
        LoRAEncoderShape shape,
        EncoderProjection projection
    ) =>
        new(
            projection,
            parameters.Declare(
                $"{projection.Module}.lora_A.weight",
                Initialization.Uniform(1 / Math.Sqrt(projection.Inputs)),
                shape.Rank,
                projection.Inputs
            ),
            Values: null,
            parameters.Declare(
                $"{projection.Module}.lora_B.weight",
                Initialization.Zero,
                projection.Outputs,
                shape.Rank
            ),
            shape.Alpha / shape.Rank
        );
}
