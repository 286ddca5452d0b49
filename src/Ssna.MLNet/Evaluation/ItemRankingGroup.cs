namespace Microsoft.ML.Data;

/// <summary>The figures of some of the rows that <c>EvaluateRanking</c> has ranked: those that have something in common.</summary>
public sealed class ItemRankingGroup
{
    private readonly int[] _rows;

    internal ItemRankingGroup(
        string name,
        int[] rows,
        ItemRankingFigures all,
        ItemRankingFigures? excludeSeen,
        int? itemCount
    )
    {
        _rows = rows;
        Name = name;
        All = all.Of(rows);
        ExcludeSeen = excludeSeen?.Of(rows);
        ItemCount = itemCount;
    }

    /// <summary>What they have in common, such as <c>repeated</c>, <c>3-4</c> or <c>tail</c>.</summary>
    public string Name { get; }

    /// <summary>The rows of the group.</summary>
    public int RowCount => _rows.Length;

    /// <summary>The rows, as places in <see cref="ItemRankingFigures.Ranks"/> of the metrics, ascending.</summary>
    public IReadOnlyList<int> Rows => _rows;

    /// <summary>The items of the catalogue that are of the group; null where groups are not of items.</summary>
    public int? ItemCount { get; }

    /// <summary>The figures over the whole catalogue: recall, NDCG and MRR. NaN where the group has no rows.</summary>
    public ItemRankingFigures All { get; }

    /// <summary>The same without the items of the row's own history; null where no history was given.</summary>
    public ItemRankingFigures? ExcludeSeen { get; }
}
