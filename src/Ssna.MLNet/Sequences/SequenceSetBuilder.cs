namespace Ssna.MLNet.Sequences;

/// <summary>Makes a <see cref="SequenceSet"/> one sequence after another.</summary>
internal sealed class SequenceSetBuilder
{
    private readonly List<int> _items = [];
    private readonly List<int> _offsets = [0];

    /// <summary>The number of sequences so far.</summary>
    public int Count => _offsets.Count - 1;

    /// <summary>Adds a copy of a sequence.</summary>
    public void Add(ReadOnlySpan<int> sequence)
    {
        _items.AddRange(sequence);
        _offsets.Add(_items.Count);
    }

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        _items.Clear();
        _offsets.RemoveRange(1, Count);
    }

    /// <summary>A copy of the sequences added.</summary>
    public SequenceSet ToSet() => new([.. _items], [.. _offsets]);
}
