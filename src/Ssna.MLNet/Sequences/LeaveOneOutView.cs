using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Ids;

namespace Ssna.MLNet.Sequences;

/// <summary>
/// The rows of another view with the last item taken off their sequences, and the padding around it; with a label, that item is
/// it, and rows of fewer than two items are left out; without one, they stay whole.
/// </summary>
internal sealed class LeaveOneOutView : IDataView
{
    private readonly IDataView _input;
    private readonly int _sequence;
    private readonly int _label; // behind the input's columns, or -1

    public LeaveOneOutView(IDataView input, DataViewSchema.Column sequence, string? labelColumnName)
    {
        _input = input;
        _sequence = sequence.Index;
        _label = labelColumnName is null ? -1 : input.Schema.Count;
        PrimitiveDataViewType itemType = ((VectorDataViewType)sequence.Type).ItemType;
        // Key values describe the items, and so do the label's; whatever else is known describes slots that move.
        var keyValues = new DataViewSchema.Annotations.Builder();
        keyValues.Add(sequence.Annotations, name => name == IdColumn.KeyValues);
        DataViewSchema.Annotations annotations = keyValues.ToAnnotations();
        var schema = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column column in input.Schema)
        {
            if (column.Index == sequence.Index)
            {
                schema.AddColumn(column.Name, new VectorDataViewType(itemType), annotations);
            }
            else
            {
                schema.AddColumn(column.Name, column.Type, column.Annotations);
            }
        }
        if (labelColumnName is not null)
        {
            schema.AddColumn(labelColumnName, itemType, annotations);
        }
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => _input.CanShuffle;

    public long? GetRowCount() => _label < 0 ? _input.GetRowCount() : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = Active(columnsNeeded);
        return Wrap(_input.GetRowCursor(Needed(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded,
        int n,
        Random? rand = null
    )
    {
        bool[] active = Active(columnsNeeded);
        return [.. _input.GetRowCursorSet(Needed(active), n, rand).Select(cursor => Wrap(cursor, active))];
    }

    private bool[] Active(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            active[column.Index] = true;
        }
        return active;
    }

    /// <summary>The input columns to read; with a label, the sequence always is: its length decides whether a row stays.</summary>
    private IEnumerable<DataViewSchema.Column> Needed(bool[] active) =>
        _input.Schema.Where(column => active[column.Index] || (_label >= 0 && column.Index == _sequence));

    private DataViewRowCursor Wrap(DataViewRowCursor cursor, bool[] active) =>
        (DataViewRowCursor)
            Activator.CreateInstance(
                typeof(LeaveOneOutCursor<>).MakeGenericType(
                    ((VectorDataViewType)Schema[_sequence].Type).ItemType.RawType
                ),
                Schema,
                cursor,
                _sequence,
                _label,
                active
            )!;
}
