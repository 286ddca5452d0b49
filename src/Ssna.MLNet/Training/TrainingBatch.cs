using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;

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
}
