using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Evaluation;

/// <summary>Ranks the wanted item of every row of a scored view.</summary>
internal sealed class RankingEvaluation(string labelColumnName, string scoreColumnName, string? sequenceColumnName)
{
    /// <summary>The figures over all rows of <paramref name="scored"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">No row can be evaluated.</exception>
    public ItemRankingMetrics Evaluate(
        IHost host,
        IDataView scored,
        IReadOnlyList<int> cutoffs,
        CancellationToken cancellationToken
    )
    {
        DataViewSchema.Column scoreColumn = SlotIds.RequireScores(scored.Schema, scoreColumnName);
        DataViewSchema.Column labelColumn = IdColumn.Require(scored.Schema, labelColumnName, "label", vector: false);
        DataViewSchema.Column? sequenceColumn = sequenceColumnName is null
            ? null
            : IdColumn.Require(scored.Schema, sequenceColumnName, "sequence", vector: true);
        var items = SlotIds.Read(scoreColumn);
        var accumulator = new RankingAccumulator(items.Count, cutoffs, withHistory: sequenceColumn is not null);

        DataViewSchema.Column[] columns = sequenceColumn is null
            ? [scoreColumn, labelColumn]
            : [scoreColumn, labelColumn, sequenceColumn.Value];
        using DataViewRowCursor cursor = scored.GetRowCursor(columns);
        ValueGetter<VBuffer<float>> getScores = cursor.GetGetter<VBuffer<float>>(scoreColumn);
        Func<int> readLabel = items.CreateItemReader(cursor, labelColumn);
        SequenceReader? readSequence = sequenceColumn is null
            ? null
            : items.CreateSequenceReader(cursor, sequenceColumn.Value);
        VBuffer<float> scores = default;
        float[]? dense = null;
        using IChannel channel = host.Start(nameof(Evaluate));
        var halfMinutes = new HalfMinutes();
        long rows = 0;
        while (cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            host.CheckAlive();
            if (halfMinutes.Passed())
            {
                channel.Info($"{rows} rows ranked so far.");
            }
            rows++;
            int label = readLabel();
            if (label < 0)
            {
                accumulator.Skip(label); // without computing its scores
                continue;
            }
            getScores(ref scores);
            if (!scores.IsDense)
            {
                scores.CopyTo(dense ??= new float[items.Count]);
            }
            accumulator.Add(
                scores.IsDense ? scores.GetValues() : dense,
                label,
                readSequence is null ? default : readSequence()
            );
        }

        ItemRankingMetrics metrics = accumulator.ToMetrics();
        string skipped =
            $"{metrics.MissingLabelRows} rows without a label, {metrics.UnknownLabelRows} with a label that is no slot name "
            + $"of column '{scoreColumnName}', {metrics.InvalidScoreRows} with a score of NaN";
        if (metrics.RowCount == 0)
        {
            throw host.Except($"Expected rows to rank by label column '{labelColumnName}', found none: {skipped}.");
        }
        channel.Info($"Ranked {metrics.RowCount} rows; left out {skipped}.");
        return metrics;
    }
}
