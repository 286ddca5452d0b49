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
/// <param name="Targets">The linear maps that are added to.</param>
/// <param name="Rank">The rank of every delta at the start: r.</param>
/// <param name="Alpha">Deltas are scaled by alpha / r.</param>
/// <param name="Dropout">The share of a delta's input that is dropped while training.</param>
/// <param name="OrthogonalityWeight">What the deltas' distance from orthogonal matrices weighs in the loss.</param>
/// <param name="Schedule">How ranks are given out while training.</param>
[SavedAs("AdaLoRA")]
internal sealed record AdaLoRAEncoderShape(
    EncoderConfiguration Encoder,
    ComputePrecision Precision,
    EncoderProjections Targets,
    int Rank,
    float Alpha,
    float Dropout,
    [property: MayDiffer] float OrthogonalityWeight,
    [property: MayDiffer] RankSchedule Schedule
) : LowRankEncoderShape(Encoder, Precision, Targets, Rank, Alpha, Dropout)
{
    public override ItemEncoder Restore(ParameterBuffer parameters, int dimension, Device device) =>
        new AdaLoRAEncoder(parameters, this, dimension, device, training: null);
}

/// <summary>
/// AdaLoRA (Zhang et al. 2023) as PEFT has it: B (E * A) alpha / r is added to frozen weights, and singular values E of
/// little importance are set to zero, so that maps which need more rank have more of it. A and B start at N(0, 0.02), E at 0.
/// </summary>
internal sealed class AdaLoRAEncoder : LowRankEncoder
{
    private const double RankFloor = 1e-5; // PEFT's, against a rank of zero

    private readonly float _orthogonalityWeight;
    private readonly RankAllocator? _allocator;

    public AdaLoRAEncoder(
        ParameterBuffer parameters,
        AdaLoRAEncoderShape shape,
        int dimension,
        Device device,
        EncoderTraining? training
    )
        : base(parameters, shape, device, training, projection => Declare(parameters, shape, projection))
    {
        _orthogonalityWeight = shape.OrthogonalityWeight;
        _allocator = training is null ? null : new RankAllocator(Deltas, shape.Schedule, device);
        DeclareHead(parameters, dimension);
    }

    /// <summary>How many singular values of each delta are not zero.</summary>
    public IReadOnlyList<int> Ranks()
    {
        using var scope = NewDisposeScope();
        Tensor counts = stack(Deltas.Select(delta => delta.Values!.Value.count_nonzero())); // (deltas)
        return [.. DeviceMemory.Read(counts).data<long>().ToArray().Select(count => (int)count)];
    }

    /// <summary>
    /// How far A and B are from having orthonormal rows and columns: the mean over all of them of |A A^T - 1| and |B^T B - 1|.
    /// </summary>
    /// <returns>0-dimensional, with gradient.</returns>
    public Tensor Orthogonality()
    {
        using var scope = NewDisposeScope();
        var distances = new List<Tensor>();
        foreach (LowRankDelta delta in Deltas)
        {
            distances.Add(Distance(delta.Down.Value.mm(delta.Down.Value.t())));
            distances.Add(Distance(delta.Up.Value.t().mm(delta.Up.Value)));
        }
        return stack(distances).mean().MoveToOuterDisposeScope();

        static Tensor Distance(Tensor gram) =>
            (gram - eye(gram.shape[0], dtype: ScalarType.Float32, device: gram.device)).norm(); // of (r, r)
    }

    public override void BeforeStep()
    {
        if (_orthogonalityWeight > 0)
        {
            using var scope = NewDisposeScope();
            using var gradients = TensorState.Trainable();
            Orthogonality().Times(_orthogonalityWeight).backward();
        }
        _allocator?.BeforeStep();
    }

    public override void VisitTraining(StateVisitor visitor) => _allocator?.Visit(visitor);

    public override void AfterStep() => _allocator?.AfterStep();

    public override void Dispose()
    {
        _allocator?.Dispose();
        base.Dispose();
    }

    private static LowRankDelta Declare(
        ParameterBuffer parameters,
        AdaLoRAEncoderShape shape,
        EncoderProjection projection
    ) =>
        new(
            projection,
            parameters.Declare($"{projection.Module}.lora_A", Initialization.Normal, shape.Rank, projection.Inputs),
            parameters.Declare($"{projection.Module}.lora_E", Initialization.Zero, shape.Rank, 1),
            parameters.Declare($"{projection.Module}.lora_B", Initialization.Normal, projection.Outputs, shape.Rank),
            (float)(shape.Alpha / (shape.Rank + RankFloor))
        );
}
