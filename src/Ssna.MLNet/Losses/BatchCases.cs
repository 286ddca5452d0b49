namespace Ssna.MLNet.Losses;

/// <summary>The cases of a batch, P of them: who is asked for what, and what else it may be told apart from.</summary>
internal sealed class BatchCases
{
    /// <summary>The row of each target among the batch's items: (P).</summary>
    public required long[] Targets { get; init; }

    /// <summary>The sequence that each target belongs to: (P).</summary>
    public required long[] Users { get; init; }

    /// <summary>How many of the batch's items, from the first, are targets or drawn negatives; 0 for the whole catalogue.</summary>
    public required int Candidates { get; init; }

    /// <summary>The row of each drawn negative among the batch's items: (K).</summary>
    public required long[] Negatives { get; init; }

    /// <summary>
    /// Where target c is an item that the case r has seen already: r * P + c for each. Null where that was not asked for.
    /// </summary>
    public required long[]? Seen { get; init; }
}

/// <summary>What a loss needs of a batch beside its cases.</summary>
/// <param name="WholeCatalogue">Whether every item of the catalogue is embedded in every batch.</param>
/// <param name="FindSeen">Whether <see cref="BatchCases.Seen"/> is wanted.</param>
/// <param name="Negatives">Items drawn for every batch to be candidates beside its targets; 0 for none.</param>
/// <param name="OtherUsers">Whether a batch needs windows of two users, because each one's targets are the other's negatives.</param>
internal sealed record BatchNeeds(
    bool WholeCatalogue = false,
    bool FindSeen = false,
    int Negatives = 0,
    bool OtherUsers = false
);

/// <summary>How often each item is a target.</summary>
/// <param name="Counts">In an epoch: (I).</param>
/// <param name="Cases">Their sum.</param>
/// <param name="BatchSize">Targets of a batch.</param>
internal sealed record TargetCounts(int[] Counts, long Cases, int BatchSize);
