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
        long unknownLabelRows,
        long missingLabelRows,
        long invalidScoreRows
    )
    {
        CatalogueSize = catalogueSize;
        Cutoffs = cutoffs;
        All = all;
        ExcludeSeen = excludeSeen;
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
    /// The rows by what was wanted: <c>new</c>, and <c>repeated</c> where the wanted item stands in the row's own history; null where
    /// no history was given.
    /// </summary>
    public IReadOnlyList<ItemRankingGroup>? ByTarget { get; internal init; }

    /// <summary>
    /// The rows by how many items their histories hold, repeats and items outside the catalogue among them: <c>0</c>, <c>1</c>,
    /// <c>2</c>, <c>3-4</c>, <c>5-8</c> and so on in powers of two, but for those without rows; null where no history was given.
    /// </summary>
    public IReadOnlyList<ItemRankingGroup>? ByHistoryLength { get; internal init; }

    /// <summary>
    /// The rows by how often the wanted item was taken in the training data: <c>head</c>, <c>middle</c>, <c>tail</c> and
    /// <c>never trained</c>; null where the scores do not tell, as those of a model of another trainer.
    /// </summary>
    /// <remarks>
    /// Head are the most popular items that together have 20 % of the interactions, tail the least popular that have 20 %, as
    /// Abdollahpouri et al. cut it (<em>User-centered Evaluation of Popularity Bias in Recommender Systems</em>, UMAP 2021): an item is
    /// of the head while those taken more often have less than 20 % of all interactions, of the middle while they have less than 80 %,
    /// so that items taken equally often are of one group. Never trained are items that the training data did not have, such as
    /// those added later.
    /// </remarks>
    public IReadOnlyList<ItemRankingGroup>? ByPopularity { get; internal init; }

    /// <summary>The rows that count.</summary>
    public int RowCount => All.Ranks.Count;

    /// <summary>Rows left out because their label is no item of the catalogue.</summary>
    public long UnknownLabelRows { get; }

    /// <summary>Rows left out because they have no label.</summary>
    public long MissingLabelRows { get; }

    /// <summary>Rows left out because one of their scores is NaN.</summary>
    public long InvalidScoreRows { get; }
}
