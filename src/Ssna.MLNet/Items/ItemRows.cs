using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Items;

/// <summary>Goes through a table of items, row by row, and collects the ids.</summary>
internal sealed class ItemRows : IDisposable
{
    private readonly IExceptionContext _context;
    private readonly string _column;
    private readonly string _role;
    private readonly DataViewRowCursor _cursor;
    private readonly Func<int> _readId;
    private readonly RunContext _run;

    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="items">The table.</param>
    /// <param name="itemColumn">The column of ids.</param>
    /// <param name="idType">The type that the ids must have, or null for any.</param>
    /// <param name="run">What stops it, before a row.</param>
    /// <param name="other">The column that is read beside, or null.</param>
    /// <param name="role">What the ids are of, named in exceptions.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column of ids is missing or of another type.</exception>
    public ItemRows(
        IExceptionContext context,
        IDataView items,
        string itemColumn,
        PrimitiveDataViewType? idType,
        RunContext run,
        DataViewSchema.Column? other = null,
        string role = "item"
    )
    {
        var column = IdColumn.Require(context, items.Schema, itemColumn, role, vector: false, idType);
        (_context, _column, _role, _run) = (context, itemColumn, role, run);
        Ids = column.CreateTable();
        _cursor = items.GetRowCursor(other is null ? [column.Column] : [column.Column, other.Value]);
        _readId = column.CreateItemReader(_cursor, Ids, add: true);
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
        _run.CheckAlive();
        int before = Ids.Count;
        int index = _readId();
        if (index == ItemIds.Missing)
        {
            throw Refused("an id", "a missing or empty one");
        }
        if (Ids.Count == before)
        {
            throw Refused("every id once", $"'{Ids.ToText(index)}' again");
        }
        return true;
    }

    public void Dispose() => _cursor.Dispose();

    private Exception Refused(string expected, string found) =>
        _context.Fault(
            $"{char.ToUpperInvariant(_role[0])}{_role[1..]} column '{_column}', row {_cursor.Position}: expected {expected}, found {found}."
        );
}
