namespace Ssna.MLNet.Sequences;

/// <summary>
/// Interactions in the order of their arrival, each in a chain of its user's: 16 bytes an interaction (8 without times) and 4 a
/// user. <see cref="Group"/> turns it into sequences, which take 4 bytes an interaction, and needs no more on the way.
/// </summary>
internal sealed class InteractionLog(bool hasTimes)
{
    private readonly ChunkedList<int> _items = new();
    private readonly ChunkedList<int> _next = new(); // the user's next interaction; the last one's is the first
    private readonly ChunkedList<int> _lastOfUser = new();
    private ChunkedList<long>? _times = hasTimes ? new() : null;

    /// <summary>The number of interactions.</summary>
    public int Count => _items.Count;

    /// <summary>The bytes of the memory held.</summary>
    public long Bytes =>
        (sizeof(int) * (_items.Capacity + _next.Capacity + _lastOfUser.Capacity))
        + (sizeof(long) * (_times?.Capacity ?? 0));

    /// <summary>Adds an interaction; users come with indexes in the order of their first one.</summary>
    public void Add(int user, int item, long time)
    {
        int node = _items.Count;
        _items.Add(item);
        _times?.Add(time);
        if (user == _lastOfUser.Count)
        {
            _lastOfUser.Add(node);
            _next.Add(node);
            return;
        }
        ref int last = ref _lastOfUser[user];
        ref int link = ref _next[last];
        _next.Add(link);
        link = node;
        last = node;
    }

    /// <summary>Each user's items by time, those of equal time in the order of their arrival. The log is used up by it.</summary>
    /// <param name="itemCount">The number of distinct items.</param>
    /// <param name="keepRepeated">Whether to keep an item that a user has twice at the same time.</param>
    /// <param name="splitTime">Where to mark each sequence's first item at or after this time, or null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public InteractionSequences Group(
        int itemCount,
        bool keepRepeated,
        long? splitTime,
        CancellationToken cancellationToken
    )
    {
        var offsets = new int[_lastOfUser.Count + 1];
        int[]? splits = splitTime is null ? null : new int[_lastOfUser.Count];
        var ties = new SequenceTies[_lastOfUser.Count];
        var order = new TimeOrder(keepRepeated ? 0 : itemCount);
        int count = 0;
        for (int user = 0; user < _lastOfUser.Count; user++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int last = _lastOfUser[user];
            order.Clear();
            int node = last;
            do
            {
                node = _next[node];
                order.Add(_times is null ? 0 : _times[node], _items[node]);
            } while (node != last);

            if (_times is not null)
            {
                order.Sort();
                if (!keepRepeated)
                {
                    order.DropRepeated();
                }
                int length = order.Count;
                if (splits is not null)
                {
                    length = order.CountBefore(splitTime!.Value);
                    splits[user] = count + length;
                }
                ties[user] = order.Ties(length);
                foreach (int item in order)
                {
                    node = _next[node];
                    _items[node] = item;
                }
            }
            count += order.Count;
            offsets[user + 1] = count;
        }

        _times = null; // so that the sequences take no more memory than the times did
        var sequences = new int[count];
        for (int user = 0; user < _lastOfUser.Count; user++)
        {
            int node = _lastOfUser[user];
            for (int i = offsets[user]; i < offsets[user + 1]; i++)
            {
                node = _next[node];
                sequences[i] = _items[node];
            }
        }
        return new(sequences, offsets, splits, ties);
    }
}
