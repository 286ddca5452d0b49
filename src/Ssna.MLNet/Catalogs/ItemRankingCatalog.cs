using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Evaluation;

namespace Microsoft.ML;

/// <summary>The recommendation catalog, and the evaluation of recommenders that score a whole catalogue.</summary>
public static class ItemRankingCatalog
{
    private static readonly int[] DefaultCutoffs = [10, 50];

    /// <summary>Trainers and evaluation for recommending.</summary>
    /// <remarks>
    /// It extends <see cref="IHostEnvironment"/>, so that on an <see cref="MLContext"/> the method of the same name in
    /// Microsoft.ML.Recommender is chosen where that package is referenced: both compile, and lead to the same trainers.
    /// </remarks>
    public static SequenceRecommendationCatalog Recommendation(this IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new(environment);
    }

    /// <summary>
    /// Measures how well scores over a whole catalogue rank the item that each row asks for: Recall, NDCG, MRR and catalogue
    /// coverage, over all items and without those of the row's own history.
    /// </summary>
    /// <param name="catalog">The recommendation catalog.</param>
    /// <param name="scored">Rows with scores, from <see cref="ITransformer.Transform"/> or any other source.</param>
    /// <param name="labelColumnName">The wanted item: text, an integer type, or a key.</param>
    /// <param name="scoreColumnName">
    /// The scores: a vector of <see cref="float"/>, one an item, whose slot names are the items' ids.
    /// </param>
    /// <param name="sequenceColumnName">
    /// The row's history: a vector of text, of an integer type or of keys; null leaves
    /// <see cref="ItemRankingMetrics.ExcludeSeen"/> out.
    /// </param>
    /// <param name="cutoffs">Where coverage cuts the ranked lists off. Default 10 and 50. The other figures take any cut-off.</param>
    /// <param name="cancellationToken">Stops the evaluation.</param>
    /// <remarks>
    /// Ids are matched to slot names as text, so their type is free; a key stands for its key value. Ties count against: the
    /// rank is 1 and the number of other items that score as high or higher. The wanted item is never left out with the history:
    /// some users take an item again. Rows without a label, with a label that is no item of the catalogue, or with a score of NaN
    /// do not count; the result says how many there were of each.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or a cut-off is below 1.</exception>
    /// <exception cref="InvalidOperationException">No row can be evaluated; the message says why.</exception>
    public static ItemRankingMetrics EvaluateRanking(
        this TrainCatalogBase catalog,
        IDataView scored,
        string labelColumnName = DefaultColumnNames.Label,
        string scoreColumnName = DefaultColumnNames.Score,
        string? sequenceColumnName = "Sequence",
        IReadOnlyList<int>? cutoffs = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(scored);
        IHost host = catalog.GetEnvironment().Register(nameof(EvaluateRanking));
        var evaluation = new RankingEvaluation(labelColumnName, scoreColumnName, sequenceColumnName);
        return evaluation.Evaluate(host, scored, cutoffs ?? DefaultCutoffs, cancellationToken);
    }
}
