namespace Microsoft.ML.Data;

/// <summary>
/// How well scores over a whole catalogue rank each row's wanted item: what <c>EvaluateRanking</c> finds. (The name
/// <c>RankingMetrics</c> is ML.NET's, for lists of graded documents.)
/// </summary>
public sealed partial class ItemRankingMetrics
{
    internal ItemRankingMetrics(
        int catalogueSize,
        IReadOnlyList<int> cutoffs,
        ItemRankingFigures all,
        ItemRankingFigures? excludeSeen,
        IReadOnlyList<bool>? repeatedTargets,
        long unknownLabelRows,
        long missingLabelRows,
        long invalidScoreRows
    )
    {
        CatalogueSize = catalogueSize;
        Cutoffs = cutoffs;
        All = all;
        ExcludeSeen = excludeSeen;
        RepeatedTargets = repeatedTargets;
        UnknownLabelRows = unknownLabelRows;
        MissingLabelRows = missingLabelRows;
        InvalidScoreRows = invalidScoreRows;
    }

    /// <summary>The number of items that each wanted item was ranked among.</summary>
    public int CatalogueSize { get; }

    /// <summary>The cut-offs asked for, ascending.</summary>
    public IReadOnlyList<int> Cutoffs { get; }

    /// <summary>The figures over the whole catalogue.</summary>
    public ItemRankingFigures All { get; }

    /// <summary>
    /// The figures without the items of the row's own history, except the wanted item, which stays even if it is one of them;
    /// null where no history was given.
    /// </summary>
    public ItemRankingFigures? ExcludeSeen { get; }

    /// <summary>
    /// For each row that counts, in the order of <see cref="ItemRankingFigures.Ranks"/>, whether the wanted item stands in the row's
    /// own history; null where no history was given.
    /// </summary>
    public IReadOnlyList<bool>? RepeatedTargets { get; }

    /// <summary>The rows that count.</summary>
    public int RowCount => All.Ranks.Count;

    /// <summary>Rows left out because their label is no item of the catalogue.</summary>
    public long UnknownLabelRows { get; }

    /// <summary>Rows left out because they have no label.</summary>
    public long MissingLabelRows { get; }

    /// <summary>Rows left out because one of their scores is NaN.</summary>
    public long InvalidScoreRows { get; }
}
