using System.Runtime.InteropServices;

namespace Ssna.MLNet.Data;

/// <summary>Puts one user's interactions in the order of their times; used again for the next user.</summary>
/// <param name="itemCount">The number of distinct items, for <see cref="DropRepeated"/>.</param>
internal sealed class TimeOrder(int itemCount)
{
    private readonly List<Entry> entries = [];
    private readonly int[] momentOfItem = new int[itemCount]; // the last moment that had the item
    private int moment; // counts the distinct times of all users, from 1

    /// <summary>The number of interactions.</summary>
    public int Count => entries.Count;

    /// <summary>Forgets the interactions.</summary>
    public void Clear() => entries.Clear();

    /// <summary>Adds an interaction.</summary>
    public void Add(long time, int item) => entries.Add(new(time, entries.Count, item));

    /// <summary>Sorts by time, and equal times by the order of their arrival.</summary>
    public void Sort()
    {
        Span<Entry> span = CollectionsMarshal.AsSpan(entries);
        for (int i = 1; i < span.Length; i++)
        {
            if (span[i].Time < span[i - 1].Time)
            {
                span.Sort();
                return;
            }
        }
    }

    /// <summary>Drops items that come again at the same time. The interactions are sorted.</summary>
    public void DropRepeated()
    {
        Span<Entry> span = CollectionsMarshal.AsSpan(entries);
        int kept = 0;
        for (int i = 0; i < span.Length; i++)
        {
            if (i == 0 || span[i].Time != span[i - 1].Time)
            {
                moment = checked(moment + 1);
            }
            ref int last = ref momentOfItem[span[i].Item];
            if (last != moment)
            {
                last = moment;
                span[kept++] = span[i];
            }
        }
        CollectionsMarshal.SetCount(entries, kept);
    }

    /// <summary>How many interactions are before a time. They are sorted.</summary>
    public int CountBefore(long time)
    {
        int count = 0;
        while (count < entries.Count && entries[count].Time < time)
        {
            count++;
        }
        return count;
    }

    /// <summary>The items in their order.</summary>
    public IEnumerator<int> GetEnumerator()
    {
        foreach (Entry entry in entries)
        {
            yield return entry.Item;
        }
    }

    private readonly record struct Entry(long Time, int Position, int Item) : IComparable<Entry>
    {
        public int CompareTo(Entry other)
        {
            int order = Time.CompareTo(other.Time);
            return order != 0 ? order : Position.CompareTo(other.Position);
        }
    }
}
