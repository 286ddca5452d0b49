using Ssna.MLNet.Evaluation;

namespace Microsoft.ML.Data;

/// <summary>
/// Recall, NDCG and MRR of one wanted item a row, at any cut-off, and the ranks that they come from. Ties count against: an
/// item's rank is 1 and the number of other items that score as high or higher. Without rows, every figure is NaN.
/// </summary>
/// <remarks>
/// The standard error of a figure says how far off it may be because other users might have been asked: the sample standard
/// deviation of the rows' values, over the root of the number of rows. Of one row it is NaN. It takes rows for independent, and
/// says nothing of what another seed of the training would give.
/// </remarks>
public sealed class ItemRankingFigures
{
    private readonly int[] _ranks;
    private readonly IReadOnlyDictionary<int, Estimate>? _coverages;
    private readonly IReadOnlyDictionary<int, Estimate>? _diversities;

    internal ItemRankingFigures(
        int[] ranks,
        IReadOnlyDictionary<int, Estimate>? coverages = null,
        IReadOnlyDictionary<int, Estimate>? diversities = null
    ) => (_ranks, _coverages, _diversities) = (ranks, coverages, diversities);

    /// <summary>The wanted item's rank, from 1, of every row that counts, in the rows' order: for bootstraps and paired tests.</summary>
    public IReadOnlyList<int> Ranks => _ranks;

    /// <summary>The share of rows whose wanted item is among the best <paramref name="cutoff"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cut-off is below 1.</exception>
    public double Recall(int cutoff) => Mean(RankGains.Recall, cutoff).Value;

    /// <summary>The standard error of <see cref="Recall"/>.</summary>
    /// <inheritdoc cref="Recall"/>
    public double RecallStandardError(int cutoff) => Mean(RankGains.Recall, cutoff).StandardError;

    /// <summary>The mean of 1 / log2(rank + 1), counted as 0 beyond <paramref name="cutoff"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cut-off is below 1.</exception>
    public double Ndcg(int cutoff) => Mean(RankGains.Ndcg, cutoff).Value;

    /// <summary>The standard error of <see cref="Ndcg"/>.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public double NdcgStandardError(int cutoff) => Mean(RankGains.Ndcg, cutoff).StandardError;

    /// <summary>The mean of 1 / rank, counted as 0 beyond <paramref name="cutoff"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cut-off is below 1.</exception>
    public double Mrr(int cutoff) => Mean(RankGains.Mrr, cutoff).Value;

    /// <summary>The standard error of <see cref="Mrr"/>.</summary>
    /// <inheritdoc cref="Mrr"/>
    public double MrrStandardError(int cutoff) => Mean(RankGains.Mrr, cutoff).StandardError;

    /// <summary>The share of the catalogue that is among the best <paramref name="cutoff"/> items of at least one row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cut-off is none of those asked for.</exception>
    /// <exception cref="InvalidOperationException">The figures are of a group of the rows.</exception>
    public double CatalogueCoverage(int cutoff) => Coverage(cutoff).Value;

    /// <summary>The standard error of <see cref="CatalogueCoverage"/>, which is no mean over the rows: their jackknife's.</summary>
    /// <remarks>
    /// Tukey's jackknife leaves each row out in turn: the items that are in no other row's list are then covered no more. It is the
    /// variance that Heltshe and Forrester (1983) give for the number of species in quadrats.
    /// </remarks>
    /// <inheritdoc cref="CatalogueCoverage"/>
    public double CatalogueCoverageStandardError(int cutoff) => Coverage(cutoff).StandardError;

    /// <summary>
    /// How unlike each other the best <paramref name="cutoff"/> items of a row are: the mean over all pairs of them of 1 - the cosine
    /// of their embeddings, from 0 (all alike) to 2, and the mean of that over the rows. Rows with fewer than two items to
    /// recommend do not count.
    /// </summary>
    /// <remarks>
    /// Smyth and McClave, <em>Similarity vs. Diversity</em> (ICCBR 2001); Ziegler et al., <em>Improving Recommendation Lists Through
    /// Topic Diversification</em> (WWW 2005) sum the similarities of the same pairs. Embeddings decide its scale: compare lists of
    /// several models by the embeddings of one.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The cut-off is none of those asked for.</exception>
    /// <exception cref="InvalidOperationException">
    /// <c>EvaluateRanking</c> was given no transformer, whose embeddings it needs, or the figures are of a group of the rows.
    /// </exception>
    public double IntraListDiversity(int cutoff) => Diversity(cutoff).Value;

    /// <summary>The standard error of <see cref="IntraListDiversity"/>.</summary>
    /// <inheritdoc cref="IntraListDiversity"/>
    public double IntraListDiversityStandardError(int cutoff) => Diversity(cutoff).StandardError;

    /// <summary>Whether <see cref="IntraListDiversity"/> is known.</summary>
    internal bool HasDiversity => _diversities is not null;

    /// <summary>What each row adds to a figure.</summary>
    internal double[] Gains(RankGain gain, int cutoff)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cutoff, 1);
        return Array.ConvertAll(_ranks, rank => gain(rank, cutoff));
    }

    /// <summary>The figures of some of the rows.</summary>
    /// <param name="rows">Their places among the ranks.</param>
    internal ItemRankingFigures Of(int[] rows) => new(Array.ConvertAll(rows, row => _ranks[row]));

    internal Estimate Mean(RankGain gain, int cutoff) => Estimate.OfMean(Gains(gain, cutoff));

    internal Estimate Coverage(int cutoff) =>
        At(cutoff, _coverages, "Catalogue coverage", "it is known of all rows, not of a group of them");

    internal Estimate Diversity(int cutoff) =>
        At(
            cutoff,
            _diversities,
            "Intra-list diversity",
            "it is known of all rows, not of a group of them, and where EvaluateRanking was given a transformer, whose embeddings "
                + "tell how alike items are"
        );

    private static Estimate At(int cutoff, IReadOnlyDictionary<int, Estimate>? known, string what, string where) =>
        known is null ? throw new InvalidOperationException($"{what}: {where}.")
        : known.TryGetValue(cutoff, out Estimate estimate) ? estimate
        : throw new ArgumentOutOfRangeException(
            nameof(cutoff),
            cutoff,
            $"{what} is known at the cut-offs [{string.Join(", ", known.Keys)}] alone."
        );
}
