using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Evaluation;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML;

/// <summary>The recommendation catalog, and the evaluation and comparison of recommenders that score a whole catalogue.</summary>
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
    /// coverage, over all items and without those of the row's own history, each with its standard error, and by kinds of rows.
    /// </summary>
    /// <param name="catalog">The recommendation catalog.</param>
    /// <param name="scored">Rows with scores, from <see cref="ITransformer.Transform"/> or any other source.</param>
    /// <param name="labelColumnName">The wanted item: text, an integer type, or a key.</param>
    /// <param name="scoreColumnName">
    /// The scores: a vector of <see cref="float"/>, one an item, whose slot names are the items' ids. An annotation
    /// <c>TrainingCounts</c> of it (a vector of <see cref="long"/>, one an item), as <see cref="SsnaTransformer"/> gives it, says how
    /// often each item was taken in the training data; without it <see cref="ItemRankingMetrics.ByPopularity"/> is null.
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
    /// do not count; the result says how many there were of each. Rows are read once, one after another, and their scores are not
    /// kept.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or a cut-off is below 1.</exception>
    /// <exception cref="InvalidOperationException">No row can be evaluated; the message says why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
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
        return RankingEvaluation.Evaluate(
            catalog.GetEnvironment().Register(nameof(EvaluateRanking)),
            scored,
            new(labelColumnName, scoreColumnName, sequenceColumnName),
            cutoffs ?? DefaultCutoffs,
            embeddings: null,
            cancellationToken
        );
    }

    /// <summary>
    /// The same, and how unlike each other the items of the best lists are
    /// (<see cref="ItemRankingFigures.IntraListDiversity"/>), by the embeddings of a transformer.
    /// </summary>
    /// <param name="catalog">The recommendation catalog.</param>
    /// <param name="scored">Rows with scores, of the transformer or of any other source.</param>
    /// <param name="transformer">
    /// Has an embedding of every item that is scored. For several models' scores, give the same one each time: figures by different
    /// embeddings do not compare.
    /// </param>
    /// <param name="labelColumnName">As above.</param>
    /// <param name="scoreColumnName">As above.</param>
    /// <param name="sequenceColumnName">As above.</param>
    /// <param name="cutoffs">Where coverage and diversity cut the ranked lists off. Default 10 and 50.</param>
    /// <param name="cancellationToken">Stops the evaluation.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or a cut-off is below 1.</exception>
    /// <exception cref="InvalidOperationException">
    /// No row can be evaluated, or the transformer does not have one of the items.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static ItemRankingMetrics EvaluateRanking(
        this TrainCatalogBase catalog,
        IDataView scored,
        SsnaTransformer transformer,
        string labelColumnName = DefaultColumnNames.Label,
        string scoreColumnName = DefaultColumnNames.Score,
        string? sequenceColumnName = "Sequence",
        IReadOnlyList<int>? cutoffs = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentNullException.ThrowIfNull(transformer);
        IHost host = catalog.GetEnvironment().Register(nameof(EvaluateRanking));
        using Lifetime.Use use = transformer.Use();
        return RankingEvaluation.Evaluate(
            host,
            scored,
            new(labelColumnName, scoreColumnName, sequenceColumnName),
            cutoffs ?? DefaultCutoffs,
            items => transformer.EmbeddingsOf(host, scoreColumnName, items),
            cancellationToken
        );
    }

    /// <summary>
    /// Compares two recommenders' scores of the same rows: how much Recall, NDCG and MRR of one are above the other's, and how sure
    /// that is, by a paired bootstrap (<see cref="PairedBootstrap"/>).
    /// </summary>
    /// <param name="catalog">The recommendation catalog.</param>
    /// <param name="scored">Rows with the scores to judge, as <see cref="EvaluateRanking(TrainCatalogBase, IDataView, string, string, string?, IReadOnlyList{int}?, CancellationToken)"/> takes them.</param>
    /// <param name="baseline">
    /// The same rows, in the same order, with the scores to compare them with, in columns of the same names. It scores the same items,
    /// in any order: <see cref="SsnaTransformer.WithItems"/> and <see cref="SsnaTransformer.WithoutItems"/> see to that.
    /// </param>
    /// <param name="labelColumnName">The wanted item.</param>
    /// <param name="scoreColumnName">The scores.</param>
    /// <param name="sequenceColumnName">The row's history, or null for none.</param>
    /// <param name="cutoffs">Where ranked lists are cut off. Default 10 and 50.</param>
    /// <param name="resamples">How often the rows are drawn anew. Default 10,000.</param>
    /// <param name="seed">Decides what is drawn; null for the seed of the context, or 1.</param>
    /// <param name="cancellationToken">Stops the comparison.</param>
    /// <remarks>
    /// Rows are drawn with replacement, each time the same for both, and the interval holds the middle 95 % of the differences. It
    /// takes rows for independent (a row a user), and says nothing of what other seeds of the trainings would give. A row that either
    /// of the two cannot rank, as one of its scores is NaN, counts for neither. Views are read once, side by side.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of another type, a cut-off is below 1, or <paramref name="resamples"/> is.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The views have other rows or other items, or no row can be evaluated; the message says which and why.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static ItemRankingComparison CompareRanking(
        this TrainCatalogBase catalog,
        IDataView scored,
        IDataView baseline,
        string labelColumnName = DefaultColumnNames.Label,
        string scoreColumnName = DefaultColumnNames.Score,
        string? sequenceColumnName = "Sequence",
        IReadOnlyList<int>? cutoffs = null,
        int resamples = 10_000,
        int? seed = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        IHostEnvironment environment = catalog.GetEnvironment();
        return RankingComparison.Compare(
            environment.Register(nameof(CompareRanking)),
            scored,
            baseline,
            new(labelColumnName, scoreColumnName, sequenceColumnName),
            cutoffs ?? DefaultCutoffs,
            resamples,
            seed ?? (environment as IHostEnvironmentInternal)?.Seed ?? 1,
            cancellationToken
        );
    }
}
