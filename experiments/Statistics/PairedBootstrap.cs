using System.Numerics.Tensors;

namespace Experiments.Statistics;

/// <summary>
/// Resamples users with replacement (Efron's bootstrap): every method is measured on the same resampled users, so what is easy
/// or hard about a user cancels in the difference of two methods.
/// </summary>
internal static class PairedBootstrap
{
    /// <summary>The mean of every column over each resample.</summary>
    /// <param name="columns">A column a measurement, each with a value for every user, in one order.</param>
    /// <param name="resamples">How often the users are drawn.</param>
    /// <param name="seed">Equal seeds draw equally, whatever the number of processors.</param>
    /// <returns>A row a column, with a mean for every resample.</returns>
    /// <exception cref="ArgumentException">The columns are of different lengths, or empty.</exception>
    public static double[][] Means(IReadOnlyList<double[]> columns, int resamples, int seed)
    {
        int users = columns.Count == 0 ? 0 : columns[0].Length;
        if (users == 0 || columns.Any(column => column.Length != users))
        {
            throw new ArgumentException(
                $"Expected columns of one length above 0, found [{string.Join(", ", columns.Select(c => c.Length))}].",
                nameof(columns)
            );
        }
        double[][] means = [.. columns.Select(_ => new double[resamples])];
        Parallel.For(
            0,
            resamples,
            () => new double[users],
            (resample, _, times) =>
            {
                Array.Clear(times);
                ulong state = Mix(Mix((ulong)seed) + (ulong)resample);
                for (int draw = 0; draw < users; draw++)
                {
                    state += 0x9E3779B97F4A7C15;
                    times[(int)Math.BigMul(Mix(state), (ulong)users, out ulong _)]++;
                }
                for (int column = 0; column < means.Length; column++)
                {
                    means[column][resample] = TensorPrimitives.Dot(times, columns[column]) / users;
                }
                return times;
            },
            _ => { }
        );
        return means;
    }

    /// <summary>The interval that holds <paramref name="share"/> of the values, as much left out below as above.</summary>
    public static (double Low, double High) Interval(IEnumerable<double> values, double share = 0.95)
    {
        double[] sorted = [.. values.Order()];
        return (Quantile(sorted, (1 - share) / 2), Quantile(sorted, (1 + share) / 2));
    }

    /// <summary>Linear between the two nearest values.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>The mixing function of SplitMix64 (Steele, Lea and Flood).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
