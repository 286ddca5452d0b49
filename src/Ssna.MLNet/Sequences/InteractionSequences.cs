namespace Ssna.MLNet.Sequences;

/// <summary>The items of all users, one user after another, oldest first.</summary>
/// <param name="Items">The items' indexes.</param>
/// <param name="Offsets">Where each user's items start, and the end.</param>
/// <param name="Splits">Where each user's items at or after the split time start, or null.</param>
/// <param name="Ties">What is of one time in each user's sequence (before the split time, if there is one).</param>
internal sealed record InteractionSequences(int[] Items, int[] Offsets, int[]? Splits, SequenceTies[] Ties)
{
    /// <summary>The number of users.</summary>
    public int UserCount => Offsets.Length - 1;

    /// <summary>The length of a user's sequence: all items, or those before the split time.</summary>
    public int LengthOf(int user) => (Splits is null ? Offsets[user + 1] : Splits[user]) - Offsets[user];
}

/// <summary>What is of one time in a sequence.</summary>
/// <param name="Interactions">How many interactions are of the time of another one.</param>
/// <param name="LastItem">Whether the last one is among them.</param>
internal readonly record struct SequenceTies(int Interactions, bool LastItem);
