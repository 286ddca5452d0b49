namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>The middle of measured values: of an even number of them, the mean of the middle two.</summary>
internal static class Median
{
    /// <exception cref="ArgumentException">There are no values, and so no middle.</exception>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length > 0
            ? (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2
            : throw new ArgumentException("Expected at least one value, found none.", nameof(values));
    }
}
