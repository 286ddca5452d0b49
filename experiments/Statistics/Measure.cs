namespace Experiments.Statistics;

/// <summary>A measure of ranking quality, and what a case at a rank adds to it.</summary>
/// <param name="Name">As the files name it: <c>recall@10</c>.</param>
/// <param name="Cutoff">How many of the best items count.</param>
/// <param name="Discounted">Whether lower ranks count less (NDCG) or the same (Recall).</param>
internal sealed record Measure(string Name, int Cutoff, bool Discounted)
{
    /// <summary>The paper's four.</summary>
    public static IReadOnlyList<Measure> All { get; } =
    [new("recall@10", 10, false), new("recall@50", 50, false), new("ndcg@10", 10, true), new("ndcg@50", 50, true)];

    /// <summary>As tables head it: <c>Recall@10</c>.</summary>
    public string Title => (Discounted ? "NDCG@" : "Recall@") + Cutoff;

    /// <summary>What a case counts whose wanted item is at <paramref name="rank"/>, from 1: from 0 to 1.</summary>
    public double Gain(int rank) =>
        rank > Cutoff ? 0
        : Discounted ? 1 / Math.Log2(rank + 1)
        : 1;

    /// <summary>What an order drawn at random reaches among <paramref name="items"/> items.</summary>
    public double OfChance(int items) => Enumerable.Range(1, Math.Min(Cutoff, items)).Sum(Gain) / items;

    /// <summary>The measure over all cases.</summary>
    public double Of(IReadOnlyList<int> ranks) => ranks.Count == 0 ? double.NaN : ranks.Average(Gain);
}
