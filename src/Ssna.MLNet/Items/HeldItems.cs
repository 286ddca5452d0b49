using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Items;

/// <summary>What is known of a catalogue's items, of which a rank has the rows of those that it embeds (<see cref="Ranks.HolderOf"/>).</summary>
/// <param name="rows">One row an item of this rank, in the catalogue's order: (v, ...).</param>
/// <param name="count">All items of the catalogue: I.</param>
/// <param name="ranks">Who has them.</param>
/// <param name="hash">What tells the rows of the whole catalogue from others, the same for any ranks.</param>
internal sealed class HeldItems(Tensor rows, int count, Ranks ranks, string hash)
{
    /// <summary>One row an item of this rank, in the catalogue's order: (v, ...).</summary>
    public Tensor Rows => rows;

    /// <summary>All items of the catalogue: I.</summary>
    public int Count => count;

    /// <summary>Who has them.</summary>
    public Ranks Ranks => ranks;

    /// <summary>What tells the rows of the whole catalogue from others.</summary>
    public string Hash => hash;

    /// <summary>The numbers of all ranks' rows.</summary>
    public long Numbers
    {
        get
        {
            long ofRow = 1;
            foreach (long size in rows.shape.AsSpan(1))
            {
                ofRow *= size;
            }
            return count * ofRow;
        }
    }

    /// <summary>All rows of items that nobody else has a part in.</summary>
    /// <param name="rows">(V, ...).</param>
    public static HeldItems Alone(Tensor rows) => new(rows, (int)rows.shape[0], Ranks.One, "");

    /// <summary>The same items, of which something else is known.</summary>
    /// <param name="rows">One row an item of this rank: (v, ...).</param>
    public HeldItems With(Tensor rows) => new(rows, count, ranks, hash);
}
