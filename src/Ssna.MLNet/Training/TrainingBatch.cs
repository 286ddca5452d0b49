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

    /// <summary>The slot behind which each target follows, in ascending order: (P).</summary>
    public required long[] Slots { get; init; }

    /// <summary>The cases, one a prefix: (P).</summary>
    public required BatchCases Cases { get; init; }

    /// <summary>The lists on a device, all in one copy.</summary>
    /// <param name="device">The device.</param>
    /// <param name="ranks">The ranks that share the batch's rows: the lists are of this one's, but for what all cases are told apart from.</param>
    public UploadedBatch Upload(Device device, Ranks ranks)
    {
        Part rows = Packing.ShareRows(ranks.Rank, ranks.Count);
        Range slots = (int)(rows.First * Packing.Width)..(int)((rows.First + rows.Count) * Packing.Width);
        int before = Slots.Count(slot => slot < slots.Start.Value);
        var own = new Part(before, Slots.Count(slot => slot < slots.End.Value) - before);
        long[] ends = Slots[(int)own.First..(int)(own.First + own.Count)];
        Tensor[] lists = DeviceMemory.Upload(
            device,
            Items ?? [],
            Inputs[slots],
            Array.ConvertAll(ends, slot => slot - slots.Start.Value),
            Packing.Positions[slots],
            Packing.Segments[slots],
            Cases.Targets,
            Cases.Users,
            Cases.Negatives,
            Cases.Seen ?? []
        );
        return new UploadedBatch(
            lists[1],
            lists[2],
            new PackedSequences((int)rows.Count, Packing.Width, lists[3], lists[4]),
            rows,
            new LossInput(
                Cases.Candidates,
                own,
                lists[5],
                lists[6],
                lists[7],
                Cases.Seen is null ? null : lists[8],
                Items is null ? null : lists[0]
            )
        );
    }
}

/// <summary>A rank's part of a <see cref="TrainingBatch"/>, on a device.</summary>
/// <param name="Inputs">(R * W), int64.</param>
/// <param name="Slots">(p), int64.</param>
/// <param name="Packing">How the input sequences are laid out.</param>
/// <param name="Rows">Which rows of the whole batch these are: R of them.</param>
/// <param name="Loss">What the loss reads, the batch's items among it.</param>
internal readonly record struct UploadedBatch(
    Tensor Inputs,
    Tensor Slots,
    PackedSequences Packing,
    Part Rows,
    LossInput Loss
);
