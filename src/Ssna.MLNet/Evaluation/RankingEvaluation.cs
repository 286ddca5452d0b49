using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Evaluation;

/// <summary>Ranks the wanted item of every row of a scored view.</summary>
internal static class RankingEvaluation
{
    /// <summary>The figures over all rows of <paramref name="scored"/>.</summary>
    /// <param name="host">Takes lines, marks exceptions and may be cancelled.</param>
    /// <param name="scored">The rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="cutoffs">Where ranked lists are cut off.</param>
    /// <param name="embeddings">Given the items of the scores, what tells how alike they are; null where that is not asked for.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">No row can be evaluated.</exception>
    public static ItemRankingMetrics Evaluate(
        IHost host,
        IDataView scored,
        ScoredColumns columns,
        IReadOnlyList<int> cutoffs,
        Func<TextItemIds, EmbeddingsOfItems>? embeddings,
        CancellationToken cancellationToken
    )
    {
        using var rows = new ScoredRowReader(host, scored, columns);
        var accumulator = new RankingAccumulator(
            rows.Items.Count,
            cutoffs,
            rows.HasHistory,
            rows.TrainingCounts,
            embeddings?.Invoke(rows.Items)
        );
        using IChannel channel = host.Start(nameof(Evaluate));
        var run = new RunContext(host, channel, cancellationToken);
        var halfMinutes = new HalfMinutes();
        long count = 0;
        while (rows.MoveNext())
        {
            run.CheckAlive();
            if (halfMinutes.Passed())
            {
                channel.Tell($"{count} rows ranked so far.");
            }
            count++;
            int label = rows.Label();
            if (label < 0)
            {
                accumulator.Skip(label); // without computing its scores
                continue;
            }
            accumulator.Add(rows.Scores(), label, rows.History());
        }
        ItemRankingMetrics metrics = accumulator.ToMetrics();
        channel.Tell($"Ranked {metrics.RowCount} rows; left out {RequireRows(host, metrics, columns)}.");
        return metrics;
    }

    /// <summary>Says which rows were left out, and refuses metrics of no rows at all.</summary>
    /// <exception cref="InvalidOperationException">No row counted.</exception>
    public static string RequireRows(IHost host, ItemRankingMetrics metrics, ScoredColumns columns)
    {
        string skipped =
            $"{metrics.MissingLabelRows} rows without a label, {metrics.UnknownLabelRows} with a label that is no slot name "
            + $"of column '{columns.Score}', {metrics.InvalidScoreRows} with a score of NaN";
        return metrics.RowCount > 0
            ? skipped
            : throw host.Fault($"Expected rows to rank by label column '{columns.Label}', found none: {skipped}.");
    }
}
