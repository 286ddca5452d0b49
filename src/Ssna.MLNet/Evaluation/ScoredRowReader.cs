using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;

namespace Ssna.MLNet.Evaluation;

/// <summary>The columns of a scored view.</summary>
/// <param name="Label">The wanted item.</param>
/// <param name="Score">A score for every item of the catalogue.</param>
/// <param name="Sequence">The row's history, or null for none.</param>
internal sealed record ScoredColumns(string Label, string Score, string? Sequence);

/// <summary>Reads a scored view row by row; of a row, what is not asked for is not computed.</summary>
internal sealed class ScoredRowReader : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly ValueGetter<VBuffer<float>> _getScores;
    private readonly Func<int> _readLabel;
    private readonly SequenceReader? _readSequence;
    private VBuffer<float> _scores;
    private float[]? _dense;

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public ScoredRowReader(IHost host, IDataView scored, ScoredColumns columns)
    {
        DataViewSchema schema = scored.Schema;
        DataViewSchema.Column score = ScoreColumn.Require(host, schema, columns.Score);
        var label = IdColumn.Require(host, schema, columns.Label, "label", vector: false);
        IdColumn? sequence = columns.Sequence is null
            ? null
            : IdColumn.Require(host, schema, columns.Sequence, "sequence", vector: true);
        Items = ScoreColumn.ReadItems(host, score);
        TrainingCounts = ScoreColumn.ReadTrainingCounts(host, score);
        _cursor = scored.GetRowCursor(
            sequence is null ? [score, label.Column] : [score, label.Column, sequence.Column]
        );
        _getScores = _cursor.GetGetter<VBuffer<float>>(score);
        _readLabel = label.CreateItemReader(_cursor, Items);
        _readSequence = sequence?.CreateSequenceReader(_cursor, Items);
    }

    /// <summary>The items, each at the place of its score.</summary>
    public TextItemIds Items { get; }

    /// <summary>How often each item was taken in the training data: (I); null where the scores do not tell.</summary>
    public long[]? TrainingCounts { get; }

    /// <summary>Whether rows have a history.</summary>
    public bool HasHistory => _readSequence is not null;

    /// <summary>Goes to the next row; false where there is none.</summary>
    public bool MoveNext() => _cursor.MoveNext();

    /// <summary>The wanted item, <see cref="ItemIds.Unknown"/> or <see cref="ItemIds.Missing"/>.</summary>
    public int Label() => _readLabel();

    /// <summary>The row's history, with <see cref="ItemIds.Unknown"/> for items without a score; empty where there is none.</summary>
    public ReadOnlySpan<int> History() => _readSequence is null ? default : _readSequence();

    /// <summary>A score for every item: (I). The memory is used again by the next call.</summary>
    public ReadOnlySpan<float> Scores()
    {
        _getScores(ref _scores);
        if (_scores.IsDense)
        {
            return _scores.GetValues();
        }
        _scores.CopyTo(_dense ??= new float[Items.Count]);
        return _dense;
    }

    public void Dispose() => _cursor.Dispose();
}
