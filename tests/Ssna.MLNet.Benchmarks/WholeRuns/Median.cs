using System.Diagnostics;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>The middle of measured values: of an even number of them, the mean of the middle two.</summary>
internal static class Median
{
    /// <summary>The seconds that an action takes, of several times.</summary>
    /// <param name="repetitions">How often it is timed.</param>
    /// <param name="warmUps">How often it runs first, untimed.</param>
    /// <param name="action">The action.</param>
    public static double Seconds(int repetitions, int warmUps, Action action)
    {
        var seconds = new double[repetitions];
        for (int i = -warmUps; i < repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            if (i >= 0)
            {
                seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }
        return Of(seconds);
    }

    /// <exception cref="ArgumentException">There are no values, and so no middle.</exception>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length > 0
            ? (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2
            : throw new ArgumentException("Expected at least one value, found none.", nameof(values));
    }
}
