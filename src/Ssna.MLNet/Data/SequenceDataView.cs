using Microsoft.ML.Runtime;
using Ssna.MLNet.Data;
using Ssna.MLNet.Interop;

namespace Microsoft.ML.Data;

/// <summary>
/// One row a user, with the user's items oldest first, held in memory at 4 bytes an interaction: what
/// <c>mlContext.Data.GroupIntoSequences</c> makes, and both halves of what <c>SplitAtTime</c> makes.
/// </summary>
public sealed class SequenceDataView : IDataView
{
    private readonly IHost host;
    private readonly ItemIds users;
    private readonly ItemIds items;
    private readonly InteractionSequences sequences;
    private readonly int[]? rows; // the users that have a row, or null for all
    private readonly bool withLabel;

    internal SequenceDataView(
        IHost host,
        SequenceGroupingOptions options,
        string? labelColumnName,
        GroupedInteractions grouped,
        int[]? rows
    )
    {
        this.host = host;
        users = grouped.Users;
        items = grouped.Items;
        sequences = grouped.Sequences;
        Summary = grouped.Summary;
        this.rows = rows;
        withLabel = labelColumnName is not null;
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(options.UserColumnName, users.Type);
        schema.AddColumn(options.SequenceColumnName, new VectorDataViewType(items.Type));
        if (withLabel)
        {
            schema.AddColumn(labelColumnName, items.Type);
        }
        Schema = schema.ToSchema();
    }

    /// <summary>What was read to make the sequences, and what was left out.</summary>
    public SequenceGroupingSummary Summary { get; }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public bool CanShuffle => true;

    private int RowCount => rows?.Length ?? sequences.UserCount;

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
        private long batch = first;
        private int placeInBatch = -1;
        private int row = -1; // in the view, -1 before the first and behind the last
        private long position = -1;
        private bool ended;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => position;

        public override long Batch => row < 0 ? 0 : batch;

        public override bool MoveNext()
        {
            if (ended)
            {
                return false;
            }
            if (++placeInBatch == RowsPerBatch)
            {
                view.host.CheckAlive();
                batch += step;
                placeInBatch = 0;
            }
            long place = (batch * RowsPerBatch) + placeInBatch;
            if (place >= view.RowCount)
            {
                End();
                return false;
            }
            row = order is null ? (int)place : order[place];
            position++;
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
                0 => view.users.CreateItemGetter(CurrentUser),
                1 => view.items.CreateSequenceGetter(CurrentSequence),
                _ => view.items.CreateItemGetter(CurrentLabel),
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
            ended = true;
            row = -1;
            position = -1;
        }

        private int CurrentRow() =>
            row >= 0
                ? row
                : throw Contracts.Except(
                    "The cursor has no current row: call MoveNext, and read values only where it is true."
                );

        private int CurrentUser() => view.rows is null ? CurrentRow() : view.rows[CurrentRow()];

        private ReadOnlySpan<int> CurrentSequence()
        {
            int user = CurrentUser();
            int start = view.sequences.Offsets[user];
            int end = view.sequences.Splits is { } splits ? splits[user] : view.sequences.Offsets[user + 1];
            return view.sequences.Items.AsSpan(start, end - start);
        }

        private int CurrentLabel() => view.sequences.Items[view.sequences.Splits![CurrentUser()]];
    }
}
