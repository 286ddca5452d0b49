namespace Microsoft.ML.Trainers.Recommender;

/// <summary>An item and its score.</summary>
/// <typeparam name="TItem">The type of the item's id.</typeparam>
/// <param name="Item">The item's id.</param>
/// <param name="Score">The score: higher is better.</param>
public readonly record struct ScoredItem<TItem>(TItem Item, float Score);

/// <summary>What is done to lists of scored items.</summary>
public static class ScoredItem
{
    /// <summary>The best of several lists, such as those of a catalogue's shards, best first.</summary>
    /// <typeparam name="TItem">The type of the items' ids.</typeparam>
    /// <param name="lists">
    /// The lists; those of shards in the shards' order: of equal scores the earlier list's comes first, and within a list what comes
    /// first there, so that the merged list has them in catalogue order.
    /// </param>
    /// <param name="k">How many items at most. A list that was cut to fewer may lack some that belong to them.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is negative.</exception>
    public static IReadOnlyList<ScoredItem<TItem>> Merge<TItem>(
        IEnumerable<IEnumerable<ScoredItem<TItem>>> lists,
        int k
    )
    {
        ArgumentNullException.ThrowIfNull(lists);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        // The sort is stable.
        return [.. lists.SelectMany(list => list).OrderByDescending(scored => scored.Score).Take(k)];
    }
}
