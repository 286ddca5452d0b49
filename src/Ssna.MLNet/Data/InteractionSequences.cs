namespace Ssna.MLNet.Data;

/// <summary>The items of all users, one user after another, oldest first.</summary>
/// <param name="Items">The items' indexes.</param>
/// <param name="Offsets">Where each user's items start, and the end.</param>
/// <param name="Splits">Where each user's items at or after the split time start, or null.</param>
internal sealed record InteractionSequences(int[] Items, int[] Offsets, int[]? Splits)
{
    /// <summary>The number of users.</summary>
    public int UserCount => Offsets.Length - 1;
}
