using System.Globalization;

namespace Experiments;

/// <summary>Prints a <see cref="TrainReport"/> for a person.</summary>
internal static class TrainTable
{
    public static void Print(TrainReport report, TextWriter to)
    {
        to.WriteLine();
        to.WriteLine(
            $"preset {report.Preset}, seed {report.Seed}: best epoch {report.BestEpoch} of {report.EpochsRun}"
        );
        to.WriteLine();
        to.WriteLine("|                          | Recall@10 | Recall@50 | NDCG@10 | NDCG@50 |");
        to.WriteLine("|--------------------------|----------:|----------:|--------:|--------:|");
        Row(to, "validation, all items", report.Validation.All);
        Row(to, "validation, unseen items", report.Validation.ExcludeSeen);
        Row(to, "test, all items", report.Test.All);
        Row(to, "test, unseen items", report.Test.ExcludeSeen);
        to.WriteLine();
        to.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"extraction {report.ExtractionSeconds:F1} s for {report.ExtractionTokens:N0} tokens; "
                    + $"training {report.SecondsPerEpoch:F2} s an epoch (median); {report.SecondsTotal:F1} s in all; "
                    + $"peak memory {report.PeakMemoryMb:F0} MB"
            )
        );
        if (report.Exchange is { } exchange)
        {
            Print(exchange, report.Ranks, to);
        }
    }

    private static void Print(RankExchange exchange, int ranks, TextWriter to) =>
        to.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{ranks} ranks: the first exchanged {exchange.Megabytes:N0} MB in {exchange.Calls:N0} calls, in which it waited "
                    + $"{exchange.WaitingSeconds:F1} s for the others and {exchange.MovingSeconds:F1} s for the numbers"
            )
        );

    private static void Row(TextWriter to, string name, RankingFigures figures) =>
        to.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {name, -24} | {figures.RecallAt10, 9:F4} | {figures.RecallAt50, 9:F4} | {figures.NdcgAt10, 7:F4} | {figures.NdcgAt50, 7:F4} |"
            )
        );
}
