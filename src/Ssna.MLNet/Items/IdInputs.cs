using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Items;

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
        RunContext run,
        PrimitiveDataViewType? idType = null
    )
    {
        using var rows = new ItemRows(context, items, itemColumn, idType, run);
        while (rows.MoveNext()) { }
        RequireRows(context, rows.Ids, $"Item column '{itemColumn}'");
        return new ItemTable(rows.Ids, TensorArithmetic.Counting(rows.Ids.Count).DetachFromDisposeScope());
    }
}
