using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Model;

/// <summary>
/// Sequences laid side by side in rows of equal width, so that a dense computation over rows meets next to no padding
/// however different the sequences' lengths are. Attention is kept inside each sequence by its segment number.
/// </summary>
internal sealed class SequencePacking
{
    /// <summary>Narrower rows save no time: products over them are too small to be fast.</summary>
    private const int SmallestWidth = 32;

    /// <summary>With the default width of embeddings and of feed-forward parts.</summary>
    private const int SlotCost = 96;

    private SequencePacking(int rows, int width, int[] starts, int[] lengths)
    {
        (Rows, Width, Starts, Lengths) = (rows, width, starts, lengths);
        Positions = new long[rows * width];
        Segments = new long[rows * width];
        Segments.AsSpan().Fill(-1);
        for (int sequence = 0; sequence < starts.Length; sequence++)
        {
            Segments.AsSpan(starts[sequence], lengths[sequence]).Fill(sequence);
            for (int i = 0; i < lengths[sequence]; i++)
            {
                Positions[starts[sequence] + i] = i;
            }
        }
    }

    /// <summary>Rows: R.</summary>
    public int Rows { get; }

    /// <summary>Slots of a row: W.</summary>
    public int Width { get; }

    /// <summary>The first slot of each sequence; its items take the slots that follow.</summary>
    public int[] Starts { get; }

    /// <summary>The items of each sequence.</summary>
    public int[] Lengths { get; }

    /// <summary>Each slot's place in its sequence, from 0 at the oldest item; 0 in unused slots: (R * W).</summary>
    public long[] Positions { get; }

    /// <summary>Each slot's sequence; -1 in unused slots: (R * W).</summary>
    public long[] Segments { get; }

    /// <summary>Lays sequences of the given lengths into rows.</summary>
    /// <param name="lengths">The length of each sequence: at least one, each at least 1.</param>
    public static SequencePacking Pack(int[] lengths)
    {
        int[] longestFirst = Enumerable.Range(0, lengths.Length).ToArray();
        Array.Sort(
            longestFirst,
            (a, b) => lengths[a] != lengths[b] ? lengths[b].CompareTo(lengths[a]) : a.CompareTo(b)
        );

        // Attention is over the width of a row, so that rows should be narrow; but where many lengths are just above half the
        // longest, rows as wide as that stay half empty, and wider ones are filled.
        int total = lengths.Sum();
        int narrowest = Math.Max(SmallestWidth, lengths[longestFirst[0]]);
        (int Rows, int Width, int[] Starts)? best = null;
        foreach (int wider in (int[])[narrowest, narrowest * 3 / 2, narrowest * 2])
        {
            int width = Math.Min(wider, total);
            (int rows, int[] starts) = Lay(lengths, longestFirst, width);
            if (best is not { } other || Cost(rows, width) < Cost(other.Rows, other.Width))
            {
                best = (rows, width, starts);
            }
            if (width == total)
            {
                break; // everything is in one row
            }
        }
        return new SequencePacking(best!.Value.Rows, best.Value.Width, best.Value.Starts, lengths);
    }

    /// <summary>The same rows, with the sequences numbered in the order of their slots.</summary>
    /// <param name="order">The sequences in that order, by the numbers that they had.</param>
    public SequencePacking InOrderOfSlots(out int[] order)
    {
        order = Enumerable.Range(0, Starts.Length).ToArray();
        Array.Sort((int[])Starts.Clone(), order);
        return new(
            Rows,
            Width,
            Array.ConvertAll(order, sequence => Starts[sequence]),
            Array.ConvertAll(order, sequence => Lengths[sequence])
        );
    }

    /// <summary>Rows for one of several that share them evenly by the items in them.</summary>
    /// <param name="rank">The one, from 0.</param>
    /// <param name="count">How many share them.</param>
    public Part ShareRows(int rank, int count)
    {
        var before = new long[Rows + 1]; // items before each row
        for (int sequence = 0; sequence < Starts.Length; sequence++)
        {
            before[(Starts[sequence] / Width) + 1] += Lengths[sequence];
        }
        for (int row = 0; row < Rows; row++)
        {
            before[row + 1] += before[row];
        }
        int first = Border(rank);
        int end = Border(rank + 1);
        return new(first, end - first);

        // The row before which there are nearest to as many items as that.
        int Border(int of)
        {
            double wanted = (double)before[^1] * of / count;
            int row = 0;
            while (row < Rows && Math.Abs(before[row + 1] - wanted) <= Math.Abs(before[row] - wanted))
            {
                row++;
            }
            return row;
        }
    }

    // Of a slot: its own products, in units of what a slot more to attend to costs, and the slots that it attends to.
    private static long Cost(int rows, int width) => (long)rows * width * (SlotCost + width);

    /// <summary>Best fit, longest first.</summary>
    private static (int Rows, int[] Starts) Lay(int[] lengths, int[] longestFirst, int width)
    {
        var rowsByFreeSpace = new Stack<int>[width + 1];
        int rows = 0;
        var starts = new int[lengths.Length];
        foreach (int sequence in longestFirst)
        {
            int length = lengths[sequence];
            int free = length;
            while (free <= width && rowsByFreeSpace[free] is not { Count: > 0 })
            {
                free++;
            }
            int row = free <= width ? rowsByFreeSpace[free].Pop() : rows++;
            free = Math.Min(free, width);
            starts[sequence] = (row * width) + width - free;
            (rowsByFreeSpace[free - length] ??= new Stack<int>()).Push(row);
        }
        return (rows, starts);
    }

    /// <summary>Values of the sequences' items, end to end, moved to their slots; <paramref name="unused"/> elsewhere.</summary>
    public long[] Place(ReadOnlySpan<int> values, long unused)
    {
        var placed = new long[Rows * Width];
        placed.AsSpan().Fill(unused);
        int next = 0;
        for (int sequence = 0; sequence < Starts.Length; sequence++)
        {
            for (int i = 0; i < Lengths[sequence]; i++)
            {
                placed[Starts[sequence] + i] = values[next++];
            }
        }
        return placed;
    }

    /// <summary>The slot of every item, sequences end to end.</summary>
    public long[] Slots()
    {
        var slots = new long[Lengths.Sum()];
        int next = 0;
        for (int sequence = 0; sequence < Starts.Length; sequence++)
        {
            for (int i = 0; i < Lengths[sequence]; i++)
            {
                slots[next++] = Starts[sequence] + i;
            }
        }
        return slots;
    }

    /// <summary>The slot of every sequence's last item.</summary>
    public long[] LastSlots() => Starts.Zip(Lengths, (start, length) => (long)start + length - 1).ToArray();
}
