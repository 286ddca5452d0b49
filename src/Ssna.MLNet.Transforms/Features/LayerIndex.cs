using System.Runtime.InteropServices;

namespace Ssna.MLNet.Features;

/// <summary>
/// Where the records of texts lie in a cache's files: 24 bytes a text at most. Half of a text's key stands for it, so that records are
/// candidates: who reads one sees by its key whether it is the text's. Not for two threads at once.
/// </summary>
internal sealed class LayerIndex
{
    private readonly Table[] _tables = [.. Enumerable.Range(0, Table.Count).Select(_ => new Table())];
    private readonly List<Run> _runs = [];
    private uint _records; // numbered from 1 on

    /// <summary>Makes room for more records at once.</summary>
    public void Expect(long records)
    {
        foreach (Table table in _tables)
        {
            table.Expect(records / Table.Count);
        }
    }

    /// <summary>Adds the next record of a file.</summary>
    /// <param name="key">Its text's.</param>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where it begins there.</param>
    /// <param name="size">The bytes of every record.</param>
    public void Add(TextKey key, string file, long offset, int size)
    {
        if (_records == Table.Forgotten - 1)
        {
            return; // four thousand million texts; who has more computes them
        }
        _records++;
        Span<Run> runs = CollectionsMarshal.AsSpan(_runs);
        if (runs.IsEmpty || runs[^1].File != file || runs[^1].OffsetOf(_records, size) != offset)
        {
            _runs.Add(new Run(file, offset, _records));
        }
        TableOf(key).Add(key.First, _records);
    }

    /// <summary>The records that may be a text's, as numbers.</summary>
    public List<uint> Candidates(TextKey key) => TableOf(key).Find(key.First);

    /// <summary>Where a record is.</summary>
    public (string File, long Offset) Place(uint record, int size)
    {
        int low = 0;
        int high = _runs.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _runs[middle].First <= record ? (middle, high) : (low, middle - 1);
        }
        return (_runs[low].File, _runs[low].OffsetOf(record, size));
    }

    /// <summary>Leaves out a record from now on.</summary>
    public void Forget(TextKey key, uint record) => TableOf(key).Forget(key.First, record);

    private Table TableOf(TextKey key) => _tables[key.Second % Table.Count];

    /// <summary>Records side by side in a file, numbered one after the other.</summary>
    private readonly record struct Run(string File, long Offset, uint First)
    {
        public long OffsetOf(uint record, int size) => Offset + ((long)(record - First) * size);
    }

    /// <summary>One of several hash tables with open addressing: they grow one by one, so that never all are there twice.</summary>
    private sealed class Table
    {
        public const int Count = 64;
        public const uint Forgotten = uint.MaxValue;

        private ulong[] _keys = new ulong[8];
        private uint[] _records = new uint[8]; // 0 where a slot is free
        private int _used;

        // 12 bytes a slot, of which between a half and four fifths are used.
        public void Expect(long more)
        {
            if (_used + more > _keys.Length * 4L / 5)
            {
                Resize(Math.Max((_used + more) * 4 / 3, _keys.Length * 3L / 2));
            }
        }

        public void Add(ulong key, uint record)
        {
            if (_used >= _keys.Length * 4L / 5)
            {
                Resize(_keys.Length * 3L / 2);
            }
            Put(key, record);
        }

        public List<uint> Find(ulong key)
        {
            var found = new List<uint>(1);
            for (int slot = Start(key); _records[slot] != 0; slot = Next(slot))
            {
                if (_keys[slot] == key && _records[slot] != Forgotten)
                {
                    found.Add(_records[slot]);
                }
            }
            return found;
        }

        public void Forget(ulong key, uint record)
        {
            for (int slot = Start(key); _records[slot] != 0; slot = Next(slot))
            {
                if (_keys[slot] == key && _records[slot] == record)
                {
                    _records[slot] = Forgotten;
                }
            }
        }

        private void Put(ulong key, uint record)
        {
            int slot = Start(key);
            while (_records[slot] != 0)
            {
                slot = Next(slot);
            }
            (_keys[slot], _records[slot]) = (key, record);
            _used++;
        }

        private void Resize(long slots)
        {
            (ulong[] keys, uint[] records) = (_keys, _records);
            (_keys, _records, _used) = (new ulong[slots], new uint[slots], 0);
            for (int slot = 0; slot < keys.Length; slot++)
            {
                if (records[slot] is not (0 or Forgotten))
                {
                    Put(keys[slot], records[slot]);
                }
            }
        }

        private int Start(ulong key) => (int)Math.BigMul(key, (ulong)_keys.Length, out _);

        private int Next(int slot) => slot + 1 == _keys.Length ? 0 : slot + 1;
    }
}
