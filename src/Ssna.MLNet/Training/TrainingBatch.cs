using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>One training step's work as index lists; P input items and as many targets, one a prefix.</summary>
internal sealed class TrainingBatch
{
    /// <summary>The catalogue indexes of the items that the step adapts: (V); null for the whole catalogue in order.</summary>
    public required long[]? Items { get; init; }

    /// <summary>How the input sequences are laid out.</summary>
    public required SequencePacking Packing { get; init; }

    /// <summary>The row among the adapted items that each slot shows: (R * W).</summary>
    public required long[] Inputs { get; init; }

    /// <summary>The slot behind which each target follows: (P).</summary>
    public required long[] Slots { get; init; }

    /// <summary>The cases, one a prefix: (P).</summary>
    public required BatchCases Cases { get; init; }

    /// <summary>The lists on a device, all in one copy.</summary>
    public UploadedBatch Upload(Device device)
    {
        Tensor[] lists = DeviceMemory.Upload(
            device,
            Items ?? [],
            Inputs,
            Slots,
            Packing.Positions,
            Packing.Segments,
            Cases.Targets,
            Cases.Users,
            Cases.Negatives,
            Cases.Seen ?? []
        );
        return new UploadedBatch(
            lists[1],
            lists[2],
            new PackedSequences(Packing.Rows, Packing.Width, lists[3], lists[4]),
            new LossInput(
                Cases.Candidates,
                lists[5],
                lists[6],
                lists[7],
                Cases.Seen is null ? null : lists[8],
                Items is null ? null : lists[0]
            )
        );
    }
}

/// <summary>A <see cref="TrainingBatch"/> on a device.</summary>
/// <param name="Inputs">(R * W), int64.</param>
/// <param name="Slots">(P), int64.</param>
/// <param name="Packing">How the input sequences are laid out.</param>
/// <param name="Loss">What the loss reads, the batch's items among it.</param>
internal readonly record struct UploadedBatch(Tensor Inputs, Tensor Slots, PackedSequences Packing, LossInput Loss);
