using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Ids;

namespace Ssna.MLNet.Items;

/// <summary>Goes through a table of items, row by row, and collects the ids.</summary>
internal sealed class ItemRows : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly Action _addId;
    private readonly Action _checkAlive;

    /// <param name="items">The table.</param>
    /// <param name="itemColumn">The column of ids.</param>
    /// <param name="idType">The type that the ids must have, or null for any.</param>
    /// <param name="checkAlive">Called before every row; throws to stop.</param>
    /// <param name="other">The column that is read beside, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column of ids is missing or of another type.</exception>
    public ItemRows(
        IDataView items,
        string itemColumn,
        PrimitiveDataViewType? idType,
        Action checkAlive,
        DataViewSchema.Column? other = null
    )
    {
        DataViewSchema.Column column = IdColumn.Require(items.Schema, itemColumn, "item", vector: false, idType);
        Ids = ItemIds.Create(IdColumn.TypeOf(column)!);
        _checkAlive = checkAlive;
        _cursor = items.GetRowCursor(other is null ? [column] : [column, other.Value]);
        _addId = Ids.CreateAdder(_cursor, column);
    }

    /// <summary>The ids of the rows so far.</summary>
    public ItemIds Ids { get; }

    /// <summary>The row at hand, of which the other column can be read.</summary>
    public DataViewRow Row => _cursor;

    /// <summary>Goes to the next row, if there is one, and takes its id.</summary>
    /// <exception cref="InvalidOperationException">The id is missing, or was there before.</exception>
    public bool MoveNext()
    {
        if (!_cursor.MoveNext())
        {
            return false;
        }
        _checkAlive();
        _addId();
        return true;
    }

    public void Dispose() => _cursor.Dispose();
}
