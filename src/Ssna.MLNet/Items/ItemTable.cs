using Ssna.MLNet.Ids;
using static TorchSharp.torch;

namespace Ssna.MLNet.Items;

/// <summary>A table of items: their ids, and what was read of them to embed them from.</summary>
/// <param name="ids">The ids.</param>
/// <param name="values">One row an item, on the CPU: (V, ...); owned.</param>
internal sealed class ItemTable(ItemIds ids, Tensor values) : IDisposable
{
    /// <summary>The items' ids, in the order of the rows of <see cref="Values"/>.</summary>
    public ItemIds Ids => ids;

    /// <summary>One row an item, as an item encoder takes them: (V, ...).</summary>
    public Tensor Values => values;

    public void Dispose() => values.Dispose();
}
