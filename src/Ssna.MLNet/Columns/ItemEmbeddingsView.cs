using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Columns;

/// <summary>
/// Item ids and their embeddings. A cursor copies a block of embeddings at a time, so that reading a large catalogue takes no second
/// one of memory, and keeps the transformer's native memory while it is open.
/// </summary>
internal sealed class ItemEmbeddingsView : IDataView
{
    private readonly IHost _host;
    private readonly ItemIds _ids;
    private readonly Catalogue _catalogue;
    private readonly Lifetime _memory;

    /// <param name="host">The transformer's host, whose cancellation is honoured while rows are read.</param>
    /// <param name="idColumnName">The column of ids.</param>
    /// <param name="embeddingColumnName">The column of embeddings.</param>
    /// <param name="ids">The catalogue's ids.</param>
    /// <param name="catalogue">Its embeddings.</param>
    /// <param name="memory">The transformer's native memory.</param>
    public ItemEmbeddingsView(
        IHost host,
        string idColumnName,
        string embeddingColumnName,
        ItemIds ids,
        Catalogue catalogue,
        Lifetime memory
    )
    {
        (_host, _ids, _catalogue, _memory) = (host, ids, catalogue, memory);
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(idColumnName, ids.Type);
        schema.AddColumn(
            embeddingColumnName,
            new VectorDataViewType(NumberDataViewType.Single, catalogue.Model.Shape.Dimension)
        );
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _ids.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            active[column.Index] = true;
        }
        return new Cursor(this, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded,
        int n,
        Random? rand = null
    ) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(ItemEmbeddingsView view, bool[] active) : DataViewRowCursor
    {
        /// <summary>Items whose embeddings are copied together: few megabytes.</summary>
        private const int Block = 1024;

        private readonly Lifetime.Use _use = view._memory.Begin();
        private float[][] _embeddings = []; // of the items from _first on
        private int _first;
        private int _item = -1; // -1 before the first and behind the last
        private bool _ended;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _item;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            if (_ended || _item + 1 == view._ids.Count)
            {
                End();
                return false;
            }
            if (++_item % Block == 0)
            {
                view._host.ThrowIfCancelled();
            }
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) =>
            column.Index < active.Length && active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId id) => id = new DataViewRowId((ulong)Current(), 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            ColumnGetters.CheckActive(active, column);
            Delegate getter = column.Index == 0 ? view._ids.CreateItemGetter(Current) : VectorGetter.Create(Embedding);
            return ColumnGetters.Cast<ValueGetter<TValue>, TValue>(getter, column);
        }

        protected override void Dispose(bool disposing)
        {
            End();
            _use.Dispose();
            base.Dispose(disposing);
        }

        private ReadOnlySpan<float> Embedding()
        {
            int item = Current();
            if (item < _first || item >= _first + _embeddings.Length)
            {
                _first = item / Block * Block;
                _embeddings = view._catalogue.UnitEmbeddings(_first, Math.Min(Block, view._ids.Count - _first));
            }
            return _embeddings[item - _first];
        }

        private int Current() =>
            _item >= 0
                ? _item
                : throw view._host.Fault(
                    "The cursor has no current row: call MoveNext, and read values only where it is true."
                );

        private void End()
        {
            (_ended, _item, _embeddings) = (true, -1, []);
        }
    }
}
