namespace Experiments.Statistics;

/// <summary>Figures of a few repeated measurements.</summary>
internal static class Sample
{
    /// <summary>The middle value, or the mean of the middle two; NaN of none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Mean, and standard deviation with n - 1 below the line.</summary>
    public static Spread Spread(IReadOnlyCollection<double> values)
    {
        double mean = values.Count == 0 ? double.NaN : values.Average();
        double? deviation =
            values.Count < 2
                ? null
                : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        return new(mean, deviation, values.Count);
    }

    /// <summary>The standard error of the mean; null of one value.</summary>
    public static double? StandardError(IReadOnlyCollection<double> values) =>
        Spread(values).Deviation / Math.Sqrt(values.Count);
}

/// <summary>What repeated seeds give.</summary>
/// <param name="Mean">The mean over the seeds.</param>
/// <param name="Deviation">The standard deviation over the seeds, or null of one.</param>
/// <param name="Count">How many there are.</param>
internal sealed record Spread(double Mean, double? Deviation, int Count);
