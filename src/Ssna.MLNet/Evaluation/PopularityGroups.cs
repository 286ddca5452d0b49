namespace Ssna.MLNet.Evaluation;

/// <summary>
/// Head, middle and tail of a catalogue by how often its items were taken, as Abdollahpouri et al. cut it (<em>User-centered
/// Evaluation of Popularity Bias in Recommender Systems</em>, UMAP 2021): the head is the most popular items that together have
/// 20 % of the interactions, the tail the least popular that have 20 %, the middle what lies between.
/// </summary>
internal static class PopularityGroups
{
    private const int Head = 0,
        Middle = 1,
        Tail = 2,
        NeverTrained = 3;

    private const int Fifth = 5; // 20 % of the interactions

    /// <summary>The groups' names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["head", "middle", "tail", "never trained"];

    /// <summary>
    /// The group of every item: of the head while the items that were taken more often have less than 20 % of the interactions, of
    /// the middle while they have less than 80 %. Items that were taken equally often are of one group, whatever their order.
    /// </summary>
    /// <param name="counts">How often each item was taken in the training data: (I).</param>
    public static int[] Of(ReadOnlySpan<long> counts)
    {
        var itemsOfCount = new Dictionary<long, int>();
        double all = 0;
        foreach (long count in counts)
        {
            if (count > 0)
            {
                all += count;
                itemsOfCount[count] = itemsOfCount.GetValueOrDefault(count) + 1;
            }
        }
        var groupOfCount = new Dictionary<long, int>();
        double before = 0; // interactions with items that were taken more often
        foreach ((long count, int items) in itemsOfCount.OrderByDescending(pair => pair.Key))
        {
            groupOfCount[count] =
                Fifth * before < all ? Head
                : Fifth * before < (Fifth - 1) * all ? Middle
                : Tail;
            before += (double)count * items;
        }
        var groups = new int[counts.Length];
        for (int item = 0; item < groups.Length; item++)
        {
            groups[item] = groupOfCount.GetValueOrDefault(counts[item], NeverTrained);
        }
        return groups;
    }
}
