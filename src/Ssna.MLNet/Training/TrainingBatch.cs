using Ssna.MLNet.Model;

namespace Ssna.MLNet.Training;

/// <summary>One training step's work as index lists; P input items and as many targets, one a prefix.</summary>
internal sealed class TrainingBatch
{
    /// <summary>The catalogue indexes of the items that the step adapts: (V); null for the whole catalogue in order.</summary>
    public required long[]? Items { get; init; }

    /// <summary>How many of <see cref="Items"/>, from the first, are targets or drawn negatives; 0 for the whole catalogue.</summary>
    public required int Candidates { get; init; }

    /// <summary>How the input sequences are laid out.</summary>
    public required SequencePacking Packing { get; init; }

    /// <summary>The row among the adapted items that each slot shows: (R * W).</summary>
    public required long[] Inputs { get; init; }

    /// <summary>The slot behind which each target follows: (P).</summary>
    public required long[] Slots { get; init; }

    /// <summary>The row of each target among the adapted items: (P).</summary>
    public required long[] Targets { get; init; }

    /// <summary>The sequence that each target belongs to: (P).</summary>
    public required long[] Users { get; init; }

    /// <summary>
    /// Where target c is an item that the case r has seen already: r * P + c for each. Null where that does not matter.
    /// </summary>
    public required long[]? Seen { get; init; }
}
