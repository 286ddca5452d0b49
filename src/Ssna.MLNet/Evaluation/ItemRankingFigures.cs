namespace Microsoft.ML.Data;

/// <summary>
/// Recall, NDCG and MRR of one wanted item a row, at any cut-off, and the ranks that they come from. Ties count against: an
/// item's rank is 1 and the number of other items that score as high or higher. Without rows, every figure is NaN.
/// </summary>
public sealed class ItemRankingFigures
{
    private readonly int[] _ranks;
    private readonly IReadOnlyDictionary<int, double>? _coverages;

    internal ItemRankingFigures(int[] ranks, IReadOnlyDictionary<int, double>? coverages)
    {
        _ranks = ranks;
        _coverages = coverages;
    }

    /// <summary>The wanted item's rank, from 1, of every row that counts, in the rows' order: for bootstraps and paired tests.</summary>
    public IReadOnlyList<int> Ranks => _ranks;

    /// <summary>The share of rows whose wanted item is among the best <paramref name="cutoff"/>.</summary>
    public double Recall(int cutoff) => Mean(cutoff, _ => 1);

    /// <summary>The mean of 1 / log2(rank + 1), counted as 0 beyond <paramref name="cutoff"/>.</summary>
    public double Ndcg(int cutoff) => Mean(cutoff, rank => 1 / Math.Log2(rank + 1));

    /// <summary>The mean of 1 / rank, counted as 0 beyond <paramref name="cutoff"/>.</summary>
    public double Mrr(int cutoff) => Mean(cutoff, rank => 1.0 / rank);

    /// <summary>The share of the catalogue that is among the best <paramref name="cutoff"/> items of at least one row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cut-off is none of those asked for.</exception>
    public double CatalogueCoverage(int cutoff) =>
        _coverages is not null && _coverages.TryGetValue(cutoff, out double coverage)
            ? coverage
            : throw new ArgumentOutOfRangeException(
                nameof(cutoff),
                cutoff,
                $"Coverage is known at the cut-offs [{string.Join(", ", _coverages?.Keys ?? [])}] alone."
            );

    private double Mean(int cutoff, Func<int, double> gain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cutoff, 1);
        double sum = 0;
        foreach (int rank in _ranks)
        {
            sum += rank <= cutoff ? gain(rank) : 0;
        }
        return sum / _ranks.Length; // 0 / 0 is the NaN that is promised for no rows
    }
}
