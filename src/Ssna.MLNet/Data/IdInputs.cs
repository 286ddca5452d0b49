using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Data;

/// <summary>Nothing but the ids; an item's input is its row: (V), int64.</summary>
internal sealed record IdInputs : ItemInputs
{
    public override bool DescribeNewItems => false;

    public override bool AreIn(DataViewSchema items) => true;

    public override void CheckColumns(IExceptionContext context, SchemaShape items) { }

    public override ItemTable Read(
        IExceptionContext context,
        IDataView items,
        string itemColumn,
        Action checkAlive,
        PrimitiveDataViewType? idType = null
    )
    {
        DataViewSchema.Column column = IdColumn.Require(items.Schema, itemColumn, "item", vector: false, idType);
        ItemIds ids = ItemIds.Create(IdColumn.TypeOf(column)!);
        using DataViewRowCursor cursor = items.GetRowCursor([column]);
        Action addId = ids.CreateAdder(cursor, column);
        while (cursor.MoveNext())
        {
            checkAlive();
            addId();
        }
        RequireRows(context, ids, $"Item column '{itemColumn}'");
        return new ItemTable(ids, arange(ids.Count).DetachFromDisposeScope());
    }
}
