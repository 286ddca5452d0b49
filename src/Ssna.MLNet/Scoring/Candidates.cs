namespace Ssna.MLNet.Scoring;

/// <summary>The items that a request chooses from: a whole catalogue, or a copy of some of it, which ends with the request.</summary>
internal sealed class Candidates : IDisposable
{
    private readonly ItemVectors? _copied;

    /// <param name="items">The embedding of every item of the catalogue; stays the caller's.</param>
    /// <param name="popularity">Every item's score for a user of whom nothing is known.</param>
    /// <param name="only">Catalogue indexes, in any order and repeated at will, or null for the whole catalogue.</param>
    public Candidates(ItemVectors items, float[] popularity, IEnumerable<int>? only = null)
    {
        (Items, Popularity) = (items, popularity);
        if (only is not null)
        {
            Indexes = [.. only.Distinct().Order()];
            Items = _copied = items.Select(Indexes);
            Popularity = Array.ConvertAll(Indexes, index => popularity[index]);
        }
    }

    /// <summary>Their embeddings.</summary>
    public ItemVectors Items { get; }

    /// <summary>Their scores for a user of whom nothing is known: (C).</summary>
    public float[] Popularity { get; }

    /// <summary>Their catalogue indexes, ascending, or null where they are the whole catalogue.</summary>
    public int[]? Indexes { get; }

    public int Count => Popularity.Length;

    /// <summary>The catalogue indexes of some of them, given by their places behind the first of a tile.</summary>
    public int[] At(ReadOnlySpan<int> columns, int first)
    {
        var items = new int[columns.Length];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Indexes is null ? first + columns[i] : Indexes[first + columns[i]];
        }
        return items;
    }

    /// <summary>The places behind the first of a tile of those that are there of ascending catalogue indexes, repeated at will.</summary>
    public IEnumerable<int> Columns(int[] items, int first, int count) =>
        items.Select(item => ColumnOf(Indexes, item, first, count)).Where(column => column >= 0);

    /// <summary>An item's place behind the first of a tile; negative where it is not in the tile.</summary>
    /// <param name="catalogue">The items of a selection, ascending, or null for the whole catalogue.</param>
    /// <param name="item">The item's catalogue index.</param>
    /// <param name="first">The tile's first place in <paramref name="catalogue"/>, or its item where that is null.</param>
    /// <param name="count">The places of the tile.</param>
    public static int ColumnOf(int[]? catalogue, int item, int first, int count)
    {
        int column = (catalogue is null ? item : Array.BinarySearch(catalogue, item)) - first;
        return column < count ? column : -1;
    }

    public void Dispose() => _copied?.Dispose();
}
