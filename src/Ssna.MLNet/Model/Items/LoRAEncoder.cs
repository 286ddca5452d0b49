using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using TorchSharp;

namespace Ssna.MLNet.Model.Items;

/// <param name="Encoder">Family and sizes of the encoder.</param>
/// <param name="Precision">The precision of the encoder's matrix products; never Auto.</param>
/// <param name="Targets">The linear maps that are added to.</param>
/// <param name="Rank">The rank of a delta: r.</param>
/// <param name="Alpha">Deltas are scaled by alpha / r.</param>
/// <param name="Dropout">The share of a delta's input that is dropped while training.</param>
internal sealed record LoRAEncoderShape(
    EncoderConfiguration Encoder,
    ComputePrecision Precision,
    EncoderProjections Targets,
    int Rank,
    float Alpha,
    float Dropout
) : LowRankEncoderShape(Encoder, Precision, Targets, Rank, Alpha, Dropout)
{
    public override ItemEncoder Create(
        ParameterBuffer parameters,
        int dimension,
        Regularization regularization,
        torch.Device device
    ) => new LoRAEncoder(parameters, this, dimension, device);
}

/// <summary>
/// LoRA (Hu et al. 2021): B A alpha / r is added to frozen weights. Initialised as PEFT does: A uniform within
/// 1 / sqrt(inputs), which is PyTorch's own for linear layers, and B zero.
/// </summary>
internal sealed class LoRAEncoder : LowRankEncoder
{
    public LoRAEncoder(ParameterBuffer parameters, LoRAEncoderShape shape, int dimension, torch.Device device)
        : base(parameters, shape, device, projection => Declare(parameters, shape, projection)) =>
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
