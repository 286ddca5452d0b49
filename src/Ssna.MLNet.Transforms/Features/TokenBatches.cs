namespace Ssna.MLNet.Features;

/// <summary>Cuts texts into batches of like length, so that little of a batch is padding.</summary>
internal static class TokenBatches
{
    /// <summary>Indexes into <paramref name="texts"/>, batch by batch, longest first: what needs most memory comes first.</summary>
    /// <param name="texts">The token ids of each text.</param>
    /// <param name="tokensPerBatch">Tokens of a batch at most, padding included; a longer text is a batch of its own.</param>
    public static IEnumerable<int[]> Plan(IReadOnlyList<int[]> texts, int tokensPerBatch)
    {
        // A stable order: which texts share a batch depends on nothing but the texts and their order.
        int[] order = [.. Enumerable.Range(0, texts.Count).OrderByDescending(i => texts[i].Length)];
        for (int start = 0; start < order.Length; )
        {
            int longest = Math.Max(1, texts[order[start]].Length);
            int count = Math.Clamp(tokensPerBatch / longest, 1, order.Length - start);
            yield return order[start..(start + count)];
            start += count;
        }
    }
}
