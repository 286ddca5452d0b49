using Ssna.MLNet.Evaluation;

namespace Microsoft.ML.Data;

/// <summary>How much one recommender's figures are above another's, at the cut-offs that were asked for.</summary>
public sealed class ItemRankingDifferences
{
    private readonly IReadOnlyDictionary<(RankGain Gain, int Cutoff), ItemRankingDifference> _differences;

    internal ItemRankingDifferences(
        IReadOnlyDictionary<(RankGain Gain, int Cutoff), ItemRankingDifference> differences
    ) => _differences = differences;

    /// <summary>Of <see cref="ItemRankingFigures.Recall"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cut-off is none of those asked for.</exception>
    public ItemRankingDifference Recall(int cutoff) => At(RankGains.Recall, cutoff);

    /// <summary>Of <see cref="ItemRankingFigures.Ndcg"/>.</summary>
    /// <inheritdoc cref="Recall"/>
    public ItemRankingDifference Ndcg(int cutoff) => At(RankGains.Ndcg, cutoff);

    /// <summary>Of <see cref="ItemRankingFigures.Mrr"/>.</summary>
    /// <inheritdoc cref="Recall"/>
    public ItemRankingDifference Mrr(int cutoff) => At(RankGains.Mrr, cutoff);

    private ItemRankingDifference At(RankGain gain, int cutoff) =>
        _differences.TryGetValue((gain, cutoff), out ItemRankingDifference? difference)
            ? difference
            : throw new ArgumentOutOfRangeException(
                nameof(cutoff),
                cutoff,
                "Differences are known at the cut-offs "
                    + $"[{string.Join(", ", _differences.Keys.Select(key => key.Cutoff).Distinct())}] alone."
            );
}
