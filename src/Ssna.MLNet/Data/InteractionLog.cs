namespace Ssna.MLNet.Data;

/// <summary>
/// Interactions in the order of their arrival, each in a chain of its user's: 16 bytes an interaction (8 without times) and 4 a
/// user. <see cref="Group"/> turns it into sequences, which take 4 bytes an interaction, and needs no more on the way.
/// </summary>
internal sealed class InteractionLog(bool hasTimes)
{
    private readonly ChunkedList<int> items = new();
    private readonly ChunkedList<int> next = new(); // the user's next interaction; the last one's is the first
    private readonly ChunkedList<int> lastOfUser = new();
    private ChunkedList<long>? times = hasTimes ? new() : null;

    /// <summary>The number of interactions.</summary>
    public int Count => items.Count;

    /// <summary>The bytes of the memory held.</summary>
    public long Bytes =>
        (sizeof(int) * (items.Capacity + next.Capacity + lastOfUser.Capacity))
        + (sizeof(long) * (times?.Capacity ?? 0));

    /// <summary>Adds an interaction; users come with indexes in the order of their first one.</summary>
    public void Add(int user, int item, long time)
    {
        int node = items.Count;
        items.Add(item);
        times?.Add(time);
        if (user == lastOfUser.Count)
        {
            lastOfUser.Add(node);
            next.Add(node);
            return;
        }
        ref int last = ref lastOfUser[user];
        ref int link = ref next[last];
        next.Add(link);
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
        var offsets = new int[lastOfUser.Count + 1];
        int[]? splits = splitTime is null ? null : new int[lastOfUser.Count];
        var order = new TimeOrder(keepRepeated ? 0 : itemCount);
        int count = 0;
        for (int user = 0; user < lastOfUser.Count; user++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int last = lastOfUser[user];
            order.Clear();
            int node = last;
            do
            {
                node = next[node];
                order.Add(times is null ? 0 : times[node], items[node]);
            } while (node != last);

            if (times is not null)
            {
                order.Sort();
                if (!keepRepeated)
                {
                    order.DropRepeated();
                }
                if (splits is not null)
                {
                    splits[user] = count + order.CountBefore(splitTime!.Value);
                }
                foreach (int item in order)
                {
                    node = next[node];
                    items[node] = item;
                }
            }
            count += order.Count;
            offsets[user + 1] = count;
        }

        times = null; // so that the sequences take no more memory than the times did
        var sequences = new int[count];
        for (int user = 0; user < lastOfUser.Count; user++)
        {
            int node = lastOfUser[user];
            for (int i = offsets[user]; i < offsets[user + 1]; i++)
            {
                node = next[node];
                sequences[i] = items[node];
            }
        }
        return new(sequences, offsets, splits);
    }
}
