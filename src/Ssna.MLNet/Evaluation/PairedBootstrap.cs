using System.Numerics.Tensors;

namespace Microsoft.ML.Data;

/// <summary>
/// Resamples rows with replacement (Efron's bootstrap): every measurement is taken on the same resampled rows, so that what is easy
/// or hard about a row cancels in the difference of two. <c>CompareRanking</c> is it for two scored views; this is for what comes
/// from elsewhere, such as the means of several trainings or measures of one's own.
/// </summary>
public static class PairedBootstrap
{
    /// <summary>The mean of every column over each resample.</summary>
    /// <param name="columns">A column a measurement, each with a value for every row, in one order.</param>
    /// <param name="resamples">How often the rows are drawn.</param>
    /// <param name="seed">Equal seeds draw equally, whatever the number of processors.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>An array a column, with a mean for every resample.</returns>
    /// <exception cref="ArgumentException">The columns are of different lengths, or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="resamples"/> is below 1.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static double[][] Means(
        IReadOnlyList<double[]> columns,
        int resamples,
        int seed,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        int rows = columns.Count == 0 ? 0 : columns[0].Length;
        if (rows == 0 || columns.Any(column => column.Length != rows))
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
            new ParallelOptions { CancellationToken = cancellationToken },
            () => new double[rows],
            (resample, _, times) =>
            {
                Array.Clear(times);
                ulong state = Mix(Mix((ulong)seed) + (ulong)resample);
                for (int draw = 0; draw < rows; draw++)
                {
                    state += 0x9E3779B97F4A7C15;
                    times[(int)Math.BigMul(Mix(state), (ulong)rows, out ulong _)]++;
                }
                for (int column = 0; column < means.Length; column++)
                {
                    means[column][resample] = TensorPrimitives.Dot(times, columns[column]) / rows;
                }
                return times;
            },
            _ => { }
        );
        return means;
    }

    /// <summary>The interval that holds <paramref name="share"/> of the values, as much left out below as above.</summary>
    /// <param name="values">The values, such as the differences of two columns' means. At least one.</param>
    /// <param name="share">From 0 to 1; default 95 %.</param>
    /// <returns>Its ends, linear between the two nearest values.</returns>
    /// <exception cref="ArgumentException">There are no values.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is no share.</exception>
    public static (double Low, double High) Interval(IEnumerable<double> values, double share = 0.95)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (share is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(share),
                share,
                $"Expected a share from 0 to 1, found {share}."
            );
        }
        double[] sorted = [.. values.Order()];
        return sorted.Length > 0
            ? (Quantile(sorted, (1 - share) / 2), Quantile(sorted, (1 + share) / 2))
            : throw new ArgumentException("Expected at least one value, found none.", nameof(values));
    }

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
