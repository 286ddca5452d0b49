namespace Ssna.MLNet.Sequences;

/// <summary>Sequences of catalogue indexes, oldest item first, laid end to end in one array.</summary>
/// <param name="items">Every sequence's items, one sequence after another.</param>
/// <param name="offsets">Where each sequence starts in <paramref name="items"/>, and the end: one longer than the count.</param>
internal sealed class SequenceSet(int[] items, int[] offsets)
{
    /// <summary>One sequence.</summary>
    public static SequenceSet Of(int[] sequence) => new(sequence, [0, sequence.Length]);

    /// <summary>The number of sequences.</summary>
    public int Count => offsets.Length - 1;

    /// <summary>The number of items of all sequences together.</summary>
    public int ItemCount => offsets[^1];

    /// <summary>The sequence at <paramref name="index"/>.</summary>
    public ReadOnlySpan<int> this[int index] => items.AsSpan(offsets[index], offsets[index + 1] - offsets[index]);

    /// <summary>The sequence at <paramref name="index"/>, for code that cannot hold a span.</summary>
    public ReadOnlyMemory<int> Memory(int index) => items.AsMemory(offsets[index], offsets[index + 1] - offsets[index]);
}
