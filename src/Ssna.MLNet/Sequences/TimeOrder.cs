using System.Runtime.InteropServices;

namespace Ssna.MLNet.Sequences;

/// <summary>Puts one user's interactions in the order of their times; used again for the next user.</summary>
/// <param name="itemCount">The number of distinct items, for <see cref="DropRepeated"/>.</param>
internal sealed class TimeOrder(int itemCount)
{
    private readonly List<Entry> _entries = [];
    private readonly int[] _momentOfItem = new int[itemCount]; // the last moment that had the item
    private int _moment; // counts the distinct times of all users, from 1

    /// <summary>The number of interactions.</summary>
    public int Count => _entries.Count;

    /// <summary>Forgets the interactions.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>Adds an interaction.</summary>
    public void Add(long time, int item) => _entries.Add(new(time, _entries.Count, item));

    /// <summary>Sorts by time, and equal times by the order of their arrival.</summary>
    public void Sort()
    {
        Span<Entry> span = CollectionsMarshal.AsSpan(_entries);
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
        Span<Entry> span = CollectionsMarshal.AsSpan(_entries);
        int kept = 0;
        for (int i = 0; i < span.Length; i++)
        {
            if (i == 0 || span[i].Time != span[i - 1].Time)
            {
                _moment = checked(_moment + 1);
            }
            ref int last = ref _momentOfItem[span[i].Item];
            if (last != _moment)
            {
                last = _moment;
                span[kept++] = span[i];
            }
        }
        CollectionsMarshal.SetCount(_entries, kept);
    }

    /// <summary>How many interactions are before a time. They are sorted.</summary>
    public int CountBefore(long time)
    {
        int count = 0;
        while (count < _entries.Count && _entries[count].Time < time)
        {
            count++;
        }
        return count;
    }

    /// <summary>What is of one time among the first interactions. They are sorted.</summary>
    /// <param name="count">How many interactions are looked at.</param>
    public SequenceTies Ties(int count)
    {
        int tied = 0;
        for (int i = 0; i < count; i++)
        {
            tied += WithBefore(i) || (i + 1 < count && WithBefore(i + 1)) ? 1 : 0;
        }
        return new(tied, WithBefore(count - 1));

        bool WithBefore(int i) => i > 0 && _entries[i].Time == _entries[i - 1].Time;
    }

    /// <summary>The items in their order.</summary>
    public IEnumerator<int> GetEnumerator()
    {
        foreach (Entry entry in _entries)
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
