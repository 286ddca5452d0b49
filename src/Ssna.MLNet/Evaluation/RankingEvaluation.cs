using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
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
        DataViewSchema schema = scored.Schema;
        DataViewSchema.Column scoreColumn = ScoreColumn.Require(host, schema, scoreColumnName);
        var labelColumn = IdColumn.Require(host, schema, labelColumnName, "label", vector: false);
        IdColumn? sequenceColumn = sequenceColumnName is null
            ? null
            : IdColumn.Require(host, schema, sequenceColumnName, "sequence", vector: true);
        TextItemIds items = ScoreColumn.ReadItems(host, scoreColumn);
        var accumulator = new RankingAccumulator(items.Count, cutoffs, withHistory: sequenceColumn is not null);

        DataViewSchema.Column[] columns = sequenceColumn is null
            ? [scoreColumn, labelColumn.Column]
            : [scoreColumn, labelColumn.Column, sequenceColumn.Column];
        using DataViewRowCursor cursor = scored.GetRowCursor(columns);
        ValueGetter<VBuffer<float>> getScores = cursor.GetGetter<VBuffer<float>>(scoreColumn);
        Func<int> readLabel = labelColumn.CreateItemReader(cursor, items);
        SequenceReader? readSequence = sequenceColumn?.CreateSequenceReader(cursor, items);
        VBuffer<float> scores = default;
        float[]? dense = null;
        using IChannel channel = host.Start(nameof(Evaluate));
        var run = new RunContext(host, channel, cancellationToken);
        var halfMinutes = new HalfMinutes();
        long rows = 0;
        while (cursor.MoveNext())
        {
            run.CheckAlive();
            if (halfMinutes.Passed())
            {
                channel.Tell($"{rows} rows ranked so far.");
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
            throw host.Fault($"Expected rows to rank by label column '{labelColumnName}', found none: {skipped}.");
        }
        channel.Tell($"Ranked {metrics.RowCount} rows; left out {skipped}.");
        return metrics;
    }
}
