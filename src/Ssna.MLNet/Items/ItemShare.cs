using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Items;

/// <summary>How ranks share the items of a list: each embeds those that it holds.</summary>
internal sealed class ItemShare
{
    private readonly Ranks _ranks;
    private readonly long[][] _places; // of each rank's items in the list; one rank's are not counted

    /// <param name="held">What is known of the items.</param>
    /// <param name="items">Their catalogue indexes: (V); null for the whole catalogue in its order.</param>
    public ItemShare(HeldItems held, long[]? items)
    {
        _ranks = held.Ranks;
        if (_ranks.Alone)
        {
            (_places, Items, Rows, Count) = (
                [
                    [],
                ],
                items,
                items,
                items?.LongLength ?? held.Count
            );
            return;
        }
        _places = items is null ? _ranks.Held(held.Count) : PlacesOf(items);
        long[] own = _places[_ranks.Rank];
        Items = items is null ? own : Array.ConvertAll(own, place => items[place]);
        Rows = items is null ? null : Array.ConvertAll(Items, _ranks.RowOf);
        Count = own.LongLength;
    }

    /// <summary>How many are this rank's: v.</summary>
    public long Count { get; }

    /// <summary>This rank's places in the list, in ascending order; none where there is no other rank.</summary>
    public long[] Places => _places[_ranks.Rank];

    /// <summary>The catalogue indexes of this rank's: (v); null for the whole catalogue.</summary>
    public long[]? Items { get; }

    /// <summary>Their rows among those that this rank holds: (v); null for all of them.</summary>
    public long[]? Rows { get; }

    /// <summary>The rows of all ranks' items, in the order of the list.</summary>
    /// <param name="own">This rank's: (v, d), float32, without gradient.</param>
    /// <returns>(V, d).</returns>
    public Tensor Gather(Tensor own) => _ranks.Gather(own, _places);

    /// <summary>The rows of this rank's items.</summary>
    /// <param name="all">Of all: (V, d).</param>
    /// <returns>(v, d).</returns>
    public Tensor Own(Tensor all) =>
        _ranks.Alone ? all.alias() : all.index_select(0, DeviceMemory.Upload(all.device, Places)[0]);

    private long[][] PlacesOf(long[] items)
    {
        List<long>[] places = [.. Enumerable.Range(0, _ranks.Count).Select(_ => new List<long>())];
        for (int place = 0; place < items.Length; place++)
        {
            places[_ranks.HolderOf(items[place])].Add(place);
        }
        return Array.ConvertAll(places, of => of.ToArray());
    }
}
