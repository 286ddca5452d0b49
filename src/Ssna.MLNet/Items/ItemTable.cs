using Ssna.MLNet.Ids;

namespace Ssna.MLNet.Items;

/// <summary>A table of items: their ids, and what was read of them to embed them from.</summary>
/// <param name="ids">The ids.</param>
/// <param name="values">What a rank holds of it, on the CPU; owned.</param>
internal sealed class ItemTable(ItemIds ids, HeldItems values) : IDisposable
{
    /// <summary>The ids of all items.</summary>
    public ItemIds Ids => ids;

    /// <summary>What an item encoder takes, one row an item, of those that this rank holds.</summary>
    public HeldItems Values => values;

    public void Dispose() => values.Rows.Dispose();
}
