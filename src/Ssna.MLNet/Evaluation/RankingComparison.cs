using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Evaluation;

/// <summary>Ranks the wanted item of every row of two scored views of the same rows, side by side.</summary>
internal static class RankingComparison
{
    private static readonly RankGain[] s_gains = [RankGains.Recall, RankGains.Ndcg, RankGains.Mrr];

    /// <summary>The differences over all rows that both can rank.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">The views are not of the same rows or items, or no row can be evaluated.</exception>
    public static ItemRankingComparison Compare(
        IHost host,
        IDataView scored,
        IDataView baseline,
        ScoredColumns columns,
        IReadOnlyList<int> cutoffs,
        int resamples,
        int seed,
        CancellationToken cancellationToken
    )
    {
        using IChannel channel = host.Start(nameof(Compare));
        (ItemRankingMetrics metrics, ItemRankingMetrics other) = Rank(
            host,
            channel,
            scored,
            baseline,
            columns,
            cutoffs,
            cancellationToken
        );
        string skipped = RankingEvaluation.RequireRows(host, metrics, columns);
        channel.Tell($"Ranked {metrics.RowCount} rows twice; left out {skipped}. Drawing them {resamples} times.");
        (RankGain Gain, int Cutoff)[] kinds =
        [
            .. metrics.Cutoffs.SelectMany(cutoff => s_gains.Select(gain => (gain, cutoff))),
        ];
        List<double[]> differences = Differences(metrics.All, other.All);
        if (metrics.ExcludeSeen is not null)
        {
            differences.AddRange(Differences(metrics.ExcludeSeen, other.ExcludeSeen!));
        }
        double[][] means = PairedBootstrap.Means(differences, resamples, seed, cancellationToken);
        return new(metrics, other, Judged(0), metrics.ExcludeSeen is null ? null : Judged(kinds.Length), resamples);

        List<double[]> Differences(ItemRankingFigures of, ItemRankingFigures less) =>
            [
                .. kinds.Select(kind =>
                    of.Gains(kind.Gain, kind.Cutoff)
                        .Zip(less.Gains(kind.Gain, kind.Cutoff), (mine, its) => mine - its)
                        .ToArray()
                ),
            ];

        ItemRankingDifferences Judged(int first) =>
            new(
                kinds
                    .Index()
                    .ToDictionary(
                        kind => kind.Item,
                        kind =>
                        {
                            Estimate mean = Estimate.OfMean(differences[first + kind.Index]);
                            (double low, double high) = PairedBootstrap.Interval(means[first + kind.Index]);
                            return new ItemRankingDifference(mean.Value, mean.StandardError, low, high);
                        }
                    )
            );
    }

    private static (ItemRankingMetrics, ItemRankingMetrics) Rank(
        IHost host,
        IChannel channel,
        IDataView scored,
        IDataView baseline,
        ScoredColumns columns,
        IReadOnlyList<int> cutoffs,
        CancellationToken cancellationToken
    )
    {
        using var rows = new ScoredRowReader(host, scored, columns);
        using var others = new ScoredRowReader(host, baseline, columns);
        var pairs = new RowPairs(host, columns, rows, others);
        RankingAccumulator first = Accumulator(rows);
        RankingAccumulator second = Accumulator(others);
        var run = new RunContext(host, channel, cancellationToken);
        var halfMinutes = new HalfMinutes();
        while (pairs.MoveNext())
        {
            run.CheckAlive();
            if (halfMinutes.Passed())
            {
                channel.Tell($"{pairs.Count - 1} rows ranked so far.");
            }
            ReadOnlySpan<int> history = rows.History();
            ReadOnlySpan<int> otherHistory = others.History();
            pairs.RequireSame(history, otherHistory);
            if (pairs.Label < 0)
            {
                first.Skip(pairs.Label);
                second.Skip(pairs.Label);
                continue;
            }
            ReadOnlySpan<float> otherScores = others.Scores();
            if (HasNaN(otherScores))
            {
                first.SkipInvalid();
                second.SkipInvalid();
            }
            else if (first.Add(rows.Scores(), pairs.Label, history))
            {
                second.Add(otherScores, pairs.OtherLabel, otherHistory);
            }
            else
            {
                second.SkipInvalid(); // the first one's scores have a NaN
            }
        }
        return (first.ToMetrics(), second.ToMetrics());

        RankingAccumulator Accumulator(ScoredRowReader of) =>
            new(of.Items.Count, cutoffs, of.HasHistory, of.TrainingCounts);
    }

    private static bool HasNaN(ReadOnlySpan<float> scores)
    {
        ScoreCount.AtLeast(scores, 0, out bool hasNaN);
        return hasNaN;
    }
}
