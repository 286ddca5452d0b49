using System.Globalization;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>Two recommenders' scores of the same rows, compared row by row: what <c>CompareRanking</c> finds.</summary>
public sealed class ItemRankingComparison
{
    internal ItemRankingComparison(
        ItemRankingMetrics metrics,
        ItemRankingMetrics baseline,
        ItemRankingDifferences all,
        ItemRankingDifferences? excludeSeen,
        int resamples
    )
    {
        Metrics = metrics;
        Baseline = baseline;
        All = all;
        ExcludeSeen = excludeSeen;
        Resamples = resamples;
    }

    /// <summary>The figures of the scores that were to be judged.</summary>
    public ItemRankingMetrics Metrics { get; }

    /// <summary>Those of the scores that they were compared with, over the same rows.</summary>
    public ItemRankingMetrics Baseline { get; }

    /// <summary>How much <see cref="Metrics"/> is above <see cref="Baseline"/>, over the whole catalogue.</summary>
    public ItemRankingDifferences All { get; }

    /// <summary>The same without the items of the row's own history; null where no history was given.</summary>
    public ItemRankingDifferences? ExcludeSeen { get; }

    /// <summary>How often the rows were drawn for the intervals.</summary>
    public int Resamples { get; }

    /// <summary>A table of the differences at every cut-off, with their intervals.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append($"{Metrics.RowCount} rows, less the baseline; [95 % of {Resamples} resamples of the rows].");
        Append($"{"", -16}{"Recall", 30}{"NDCG", 30}{"MRR", 30}");
        AppendDifferences("all", All);
        if (ExcludeSeen is { } unseen)
        {
            AppendDifferences("unseen", unseen);
        }
        return text.ToString().TrimEnd();

        void AppendDifferences(string name, ItemRankingDifferences differences)
        {
            foreach (int k in Metrics.Cutoffs)
            {
                Append(
                    $"{$"{name}, best {k}", -16}{Text(differences.Recall(k)), 30}{Text(differences.Ndcg(k)), 30}{Text(differences.Mrr(k)), 30}"
                );
            }
        }

        void Append(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static string Text(ItemRankingDifference difference) =>
        $"{Signed(difference.Value)} [{Signed(difference.LowerBound)}, {Signed(difference.UpperBound)}]";

    private static string Signed(double value) =>
        value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);
}
