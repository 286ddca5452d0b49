using Microsoft.ML;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Tests.Items;

[TestClass]
public sealed class ItemRowsTests
{
    private static readonly MLContext Context = new(1);

    [TestMethod]
    public void A_repeated_id_is_named_with_its_row() =>
        StringAssert.Contains(Refused("a", "b", "a"), "'Item', row 2: expected every id once, found 'a' again");

    [TestMethod]
    public void An_empty_id_is_refused_with_its_row() =>
        StringAssert.Contains(Refused("a", ""), "'Item', row 1: expected an id, found a missing or empty one");

    private static string Refused(params string[] ids)
    {
        IDataView items = Context.Data.LoadFromEnumerable(ids.Select(id => new Row { Item = id }));
        using var rows = new ItemRows(Context, items, "Item", idType: null, RunContext.None);
        return Assert
            .ThrowsExactly<InvalidOperationException>(() =>
            {
                while (rows.MoveNext()) { }
            })
            .Message;
    }

    private sealed class Row
    {
        public string Item { get; set; } = "";
    }
}
