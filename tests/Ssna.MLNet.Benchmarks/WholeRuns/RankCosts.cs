namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// What a step costs on n ranks, by few numbers: s + p / n to compute, and on the network one gathering and one sum of the embeddings of
/// the step's items, one sum of the gradients of the weights, and a few sums of single numbers.
/// </summary>
/// <param name="Serial">s: what every rank computes, in seconds.</param>
/// <param name="Shared">p: what ranks share, in seconds.</param>
/// <param name="EmbeddingBytes">E: the embeddings of a step's items.</param>
/// <param name="WeightBytes">W: the gradients of the weights.</param>
/// <param name="Latency">l: seconds that an empty message takes.</param>
/// <param name="Bandwidth">b: bytes a second of a large one.</param>
internal sealed record RankCosts(
    double Serial,
    double Shared,
    double EmbeddingBytes,
    double WeightBytes,
    double Latency,
    double Bandwidth
)
{
    /// <summary>Calls of a step: the gathering, the two large sums, the loss, and whether a rank was cancelled.</summary>
    public const int Calls = 5;

    /// <summary>Seconds that a rank computes in a step.</summary>
    public double Compute(int ranks) => Serial + (Shared / ranks);

    /// <summary>
    /// Seconds of exchange in a step: a gathering moves (n - 1) / n of its bytes past a rank and a sum twice that, in log2 n rounds
    /// for a gathering and twice as many for a sum; ranks meet before each call, in another log2 n.
    /// </summary>
    public double Exchange(int ranks)
    {
        double rounds = Math.Ceiling(Math.Log2(ranks));
        double latencies = rounds * (1 + (2 * (Calls - 1)) + Calls);
        double bytes = (ranks - 1.0) / ranks * ((3 * EmbeddingBytes) + (2 * WeightBytes));
        return (latencies * Latency) + (bytes / Bandwidth);
    }

    /// <summary>The buffers that a step's calls are given: what statistics count.</summary>
    public double BytesOfAStep => (2 * EmbeddingBytes) + WeightBytes;

    /// <summary>Seconds of a step.</summary>
    public double Step(int ranks) => Compute(ranks) + Exchange(ranks);
}
