using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Sequences;

namespace Microsoft.ML.Data;

/// <summary>
/// One row a user, with the user's items oldest first, held in memory at 4 bytes an interaction: what
/// <c>mlContext.Data.GroupIntoSequences</c> makes, and both halves of what <c>SplitAtTime</c> makes.
/// </summary>
public sealed class SequenceDataView : IDataView
{
    private readonly IHost _host;
    private readonly ItemIds _users;
    private readonly ItemIds _items;
    private readonly InteractionSequences _sequences;
    private readonly int[]? _rows; // the users that have a row, or null for all
    private readonly bool _withLabel;

    internal SequenceDataView(
        IHost host,
        SequenceGroupingOptions options,
        string? labelColumnName,
        GroupedInteractions grouped,
        int[]? rows
    )
    {
        _host = host;
        _users = grouped.Users;
        _items = grouped.Items;
        _sequences = grouped.Sequences;
        Summary = grouped.Summarize(rows);
        _rows = rows;
        _withLabel = labelColumnName is not null;
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(options.UserColumnName, _users.Type);
        schema.AddColumn(options.SequenceColumnName, new VectorDataViewType(_items.Type));
        if (_withLabel)
        {
            schema.AddColumn(labelColumnName, _items.Type);
        }
        Schema = schema.ToSchema();
    }

    /// <summary>What was read to make the sequences, what was left out, and what the sequences are like.</summary>
    public SequenceGroupingSummary Summary { get; }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public bool CanShuffle => true;

    private int RowCount => _rows?.Length ?? _sequences.UserCount;

    /// <inheritdoc/>
    public long? GetRowCount() => RowCount;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        GetRowCursorSet(columnsNeeded, 1, rand)[0];

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded,
        int n,
        Random? rand = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        var active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            active[column.Index] = true;
        }
        int[]? order = null;
        if (rand is not null)
        {
            order = [.. Enumerable.Range(0, RowCount)];
            rand.Shuffle(order);
        }
        var cursors = new DataViewRowCursor[n];
        for (int i = 0; i < n; i++)
        {
            cursors[i] = new Cursor(this, active, order, i, n);
        }
        return cursors;
    }

    /// <summary>Serves every <paramref name="step"/>th batch of rows from the one at <paramref name="first"/> on.</summary>
    private sealed class Cursor(SequenceDataView view, bool[] active, int[]? order, int first, int step)
        : DataViewRowCursor
    {
        private const int RowsPerBatch = 64;
        private long _batch = first;
        private int _placeInBatch = -1;
        private int _row = -1; // in the view, -1 before the first and behind the last
        private long _position = -1;
        private bool _ended;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => _row < 0 ? 0 : _batch;

        public override bool MoveNext()
        {
            if (_ended)
            {
                return false;
            }
            if (++_placeInBatch == RowsPerBatch)
            {
                view._host.ThrowIfCancelled();
                _batch += step;
                _placeInBatch = 0;
            }
            long place = (_batch * RowsPerBatch) + _placeInBatch;
            if (place >= view.RowCount)
            {
                End();
                return false;
            }
            _row = order is null ? (int)place : order[place];
            _position++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) =>
            column.Index < active.Length && active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId id) => id = new DataViewRowId((ulong)CurrentRow(), 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            ColumnGetters.CheckActive(active, column);
            Delegate getter = column.Index switch
            {
                0 => view._users.CreateItemGetter(CurrentUser),
                1 => view._items.CreateSequenceGetter(CurrentSequence),
                _ => view._items.CreateItemGetter(CurrentLabel),
            };
            return ColumnGetters.Cast<ValueGetter<TValue>, TValue>(getter, column);
        }

        protected override void Dispose(bool disposing)
        {
            End();
            base.Dispose(disposing);
        }

        private void End()
        {
            _ended = true;
            _row = -1;
            _position = -1;
        }

        private int CurrentRow() =>
            _row >= 0
                ? _row
                : throw view._host.Fault(
                    "The cursor has no current row: call MoveNext, and read values only where it is true."
                );

        private int CurrentUser() => view._rows is null ? CurrentRow() : view._rows[CurrentRow()];

        private ReadOnlySpan<int> CurrentSequence()
        {
            int user = CurrentUser();
            return view._sequences.Items.AsSpan(view._sequences.Offsets[user], view._sequences.LengthOf(user));
        }

        private int CurrentLabel() => view._sequences.Items[view._sequences.Splits![CurrentUser()]];
    }
}
