using System.Numerics;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>What an item's place in a history says of its being taken again.</summary>
/// <param name="Item">Its catalogue index.</param>
/// <param name="Recency">
/// How long ago it was last taken: 0 for the last item of the history, 1 for the one before, 2 for the two before that, and so
/// on in powers of 2; the last one is open.
/// </param>
/// <param name="Times">How often it was taken, as a logarithm to the base 2: 0 for once.</param>
/// <param name="Again">The item's own rate: see <see cref="RepeatRates.Items"/>.</param>
/// <param name="User">The user's: see <see cref="RepeatRates.User"/>.</param>
internal readonly record struct HistoryItem(int Item, int Recency, float Times, float Again, float User)
{
    /// <summary>Values of <see cref="Recency"/>: last, 2nd, 3rd to 4th ... 17th to 32nd, before.</summary>
    public const int Recencies = 7;

    /// <summary>The value for an item that was taken so many steps ago, the last one 1.</summary>
    public static int RecencyOf(int steps) =>
        steps <= 1 ? 0 : Math.Min(Recencies - 1, BitOperations.Log2((uint)(steps - 1)) + 1);
}

/// <summary>The distinct items of users' histories, and where they stand in matrices of scores.</summary>
internal sealed class HistoryItems
{
    private readonly HistoryItem[] _all;
    private readonly int[] _offsets; // of each user's, and the end

    /// <param name="histories">Catalogue indexes, oldest first; those beyond the catalogue stand in no matrix, and count all the same.</param>
    /// <param name="rates">What they are compared with.</param>
    public HistoryItems(IReadOnlyList<ReadOnlyMemory<int>> histories, RepeatRates rates)
    {
        var all = new List<HistoryItem>();
        _offsets = new int[histories.Count + 1];
        for (int user = 0; user < histories.Count; user++)
        {
            Read(histories[user].Span, rates, all);
            _offsets[user + 1] = all.Count;
        }
        _all = [.. all];
    }

    /// <summary>All users' items, one user after another, each one's by ascending index.</summary>
    public ReadOnlySpan<HistoryItem> All => _all;

    /// <summary>The items of a user.</summary>
    public ReadOnlySpan<HistoryItem> this[int user] => _all.AsSpan(_offsets[user].._offsets[user + 1]);

    /// <summary>Where items stand in a matrix of some users' scores for some of the catalogue.</summary>
    /// <param name="firstUser">The user of the first row.</param>
    /// <param name="users">The rows.</param>
    /// <param name="firstColumn">The first column's place in <paramref name="catalogue"/>, or its item where that is null.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="catalogue">The items of a selection, ascending, or null for the whole catalogue.</param>
    public HistoryPlaces Find(int firstUser, int users, int firstColumn, int columns, int[]? catalogue = null)
    {
        var places = new HistoryPlaces([], [], []);
        for (int row = 0; row < users; row++)
        {
            for (int i = _offsets[firstUser + row]; i < _offsets[firstUser + row + 1]; i++)
            {
                int column = Candidates.ColumnOf(catalogue, _all[i].Item, firstColumn, columns);
                if (column >= 0)
                {
                    places.Entries.Add(i);
                    places.Rows.Add(row);
                    places.Columns.Add(column);
                }
            }
        }
        return places;
    }

    private static void Read(ReadOnlySpan<int> history, RepeatRates rates, List<HistoryItem> to)
    {
        // Of an item's places side by side the last one is its last.
        var places = new (int Item, int Position)[history.Length];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = (history[i], i);
        }
        Array.Sort(places);
        int first = to.Count;
        int times = 0;
        for (int i = 0; i < places.Length; i++)
        {
            times++;
            if (i + 1 == places.Length || places[i + 1].Item != places[i].Item)
            {
                int recency = HistoryItem.RecencyOf(history.Length - places[i].Position);
                int item = places[i].Item;
                float again = item < rates.Items.Length ? rates.Items[item] : 0;
                to.Add(new(item, recency, MathF.Log2(times), again, User: 0));
                times = 0;
            }
        }
        float user = rates.User(history.Length - (to.Count - first), Math.Max(0, history.Length - 1));
        for (int i = first; i < to.Count; i++)
        {
            to[i] = to[i] with { User = user };
        }
    }
}

/// <summary>Places in a matrix of scores.</summary>
/// <param name="Entries">Which of <see cref="HistoryItems.All"/> stands there.</param>
/// <param name="Rows">Its row.</param>
/// <param name="Columns">Its column.</param>
internal readonly record struct HistoryPlaces(List<int> Entries, List<long> Rows, List<long> Columns)
{
    /// <summary>Their rows and columns on a device, in one copy: (N), (N).</summary>
    public (Tensor Rows, Tensor Columns) Upload(Device device)
    {
        Tensor[] indexes = DeviceMemory.Upload(device, [.. Rows], [.. Columns]); // 2 of (N)
        return (indexes[0], indexes[1]);
    }
}
