namespace Ssna.MLNet.Sequences;

/// <summary>A list that grows by blocks, so that it never copies and never holds more than one block too many.</summary>
internal sealed class ChunkedList<T>
    where T : unmanaged
{
    private const int Bits = 14;
    private readonly List<T[]> _chunks = [];

    /// <summary>The number of values.</summary>
    public int Count { get; private set; }

    /// <summary>The values that the memory held has room for.</summary>
    public long Capacity => (long)_chunks.Count << Bits;

    /// <summary>The value at <paramref name="index"/>.</summary>
    public ref T this[int index] => ref _chunks[index >> Bits][index & ((1 << Bits) - 1)];

    /// <summary>Adds a value at the end.</summary>
    public void Add(T value)
    {
        if (Count == Capacity)
        {
            _chunks.Add(new T[1 << Bits]);
        }
        this[checked(Count++)] = value;
    }
}
