namespace Microsoft.ML.Data;

/// <summary>How long sequences are. A quantile is the least length that this share of the sequences does not exceed.</summary>
/// <param name="Shortest">The shortest.</param>
/// <param name="Quarter">What a quarter of the sequences does not exceed.</param>
/// <param name="Median">What half of them does not exceed.</param>
/// <param name="ThreeQuarters">What three quarters of them do not exceed.</param>
/// <param name="NineTenths">What nine tenths of them do not exceed.</param>
/// <param name="Longest">The longest.</param>
public sealed record SequenceLengths(
    int Shortest,
    int Quarter,
    int Median,
    int ThreeQuarters,
    int NineTenths,
    int Longest
)
{
    /// <summary>The quantiles of one length or more, which are put in order by it.</summary>
    internal static SequenceLengths Of(int[] lengths)
    {
        Array.Sort(lengths);
        return new(lengths[0], At(0.25), At(0.5), At(0.75), At(0.9), lengths[^1]);

        int At(double share) => lengths[(int)Math.Ceiling(share * lengths.Length) - 1];
    }

    /// <summary>The quantiles as a line of a log.</summary>
    public override string ToString() =>
        $"lengths from {Shortest} to {Longest}, quartiles {Quarter}, {Median}, {ThreeQuarters}, nine tenths at most {NineTenths}";
}
