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
        PrimitiveDataViewType? idType = null,
        Ranks? ranks = null
    )
    {
        ranks ??= Ranks.One;
        using var rows = new ItemRows(context, items, itemColumn, idType, run);
        while (rows.MoveNext()) { }
        RequireRows(context, rows.Ids, $"Item column '{itemColumn}'");
        using var hash = new ItemsHash();
        hash.Add<int>([rows.Ids.Count]);
        Tensor held = tensor(ranks.Held(rows.Ids.Count)[ranks.Rank]).DetachFromDisposeScope(); // (v)
        return new ItemTable(rows.Ids, new HeldItems(held, rows.Ids.Count, ranks, hash.Finish()));
    }
}
