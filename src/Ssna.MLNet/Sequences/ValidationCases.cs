namespace Ssna.MLNet.Sequences;

/// <summary>What a model is validated on: histories, and the item that followed each.</summary>
/// <param name="Histories">What the model sees, oldest first.</param>
/// <param name="Targets">The item to find for each history.</param>
internal sealed record ValidationCases(SequenceSet Histories, int[] Targets)
{
    /// <summary>The number of cases.</summary>
    public int Count => Targets.Length;

    /// <summary>A random sample of the cases, in their order; all of them where there are no more than that.</summary>
    /// <param name="maximum">The cases of the sample.</param>
    /// <param name="seed">Decides which.</param>
    public ValidationCases Sample(int maximum, int seed)
    {
        if (Count <= maximum)
        {
            return this;
        }
        int[] order = [.. Enumerable.Range(0, Count)];
        new Random(seed).Shuffle(order);
        int[] chosen = [.. order.Take(maximum).Order()];
        var histories = new SequenceSetBuilder();
        foreach (int index in chosen)
        {
            histories.Add(Histories[index]);
        }
        return new ValidationCases(histories.ToSet(), Array.ConvertAll(chosen, index => Targets[index]));
    }

    /// <summary>
    /// Takes the last item of every sequence of three and more away from training, to validate on. A sequence of two has
    /// nothing left to train on without its last item, and keeps it.
    /// </summary>
    /// <returns>What to train on, every sequence still in its place, and the cases.</returns>
    public static (SequenceSet Training, ValidationCases Cases) HoldOutLast(SequenceSet sequences)
    {
        var items = new List<int>(sequences.ItemCount);
        var offsets = new int[sequences.Count + 1];
        var histories = new List<int>(sequences.ItemCount);
        var historyOffsets = new List<int> { 0 };
        var targets = new List<int>();
        for (int i = 0; i < sequences.Count; i++)
        {
            ReadOnlySpan<int> sequence = sequences[i];
            if (sequence.Length >= 3)
            {
                targets.Add(sequence[^1]);
                sequence = sequence[..^1];
                histories.AddRange(sequence);
                historyOffsets.Add(histories.Count);
            }
            items.AddRange(sequence);
            offsets[i + 1] = items.Count;
        }
        return (
            new SequenceSet([.. items], offsets),
            new ValidationCases(new SequenceSet([.. histories], [.. historyOffsets]), [.. targets])
        );
    }
}
