using System.Globalization;

namespace Experiments.Retrain;

/// <summary>The figures of one training; those of ranking over all items, and without those of the history.</summary>
internal sealed record RetrainFigures(
    string Name,
    double RecallAt10,
    double NdcgAt10,
    double UnseenRecallAt10,
    double UnseenNdcgAt10,
    int Epochs,
    int BestEpoch,
    double Seconds
);

/// <summary>Prints <see cref="RetrainFigures"/> as Markdown.</summary>
internal static class RetrainTable
{
    /// <summary>Prints.</summary>
    /// <param name="figures">The first is yesterday's model, the second the one trained anew, which times are compared with.</param>
    /// <param name="to">Where.</param>
    public static void Print(IReadOnlyList<RetrainFigures> figures, TextWriter to)
    {
        to.WriteLine();
        to.WriteLine("| Training | Recall@10 | NDCG@10 | Recall@10, unseen | NDCG@10, unseen | Epochs (best) | Time |");
        to.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (RetrainFigures row in figures)
        {
            to.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {row.Name} | {row.RecallAt10:F4} | {row.NdcgAt10:F4} | {row.UnseenRecallAt10:F4} | "
                        + $"{row.UnseenNdcgAt10:F4} | {row.Epochs} ({row.BestEpoch}) | {row.Seconds / figures[1].Seconds:F2} |"
                )
            );
        }
    }
}
