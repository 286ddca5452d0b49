namespace QuickStart.Sample.Shop;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every machine and every version of .NET, so that the
/// sample can be made again byte for byte. <see cref="System.Random"/> promises that for one version only.
/// </summary>
public sealed class SampleRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number in [0, <paramref name="limit"/>).</summary>
    public int NextInt(int limit) => (int)(NextDouble() * limit);

    /// <summary>Shuffles in place (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = NextInt(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    /// <summary>An index, drawn in proportion to <paramref name="weights"/>.</summary>
    public int Draw(ReadOnlySpan<double> weights)
    {
        var total = 0.0;
        foreach (var weight in weights)
        {
            total += weight;
        }

        var left = NextDouble() * total;
        var drawn = 0;
        for (var index = 0; index < weights.Length; index++)
        {
            if (weights[index] > 0)
            {
                drawn = index;
                left -= weights[index];
                if (left < 0)
                {
                    break;
                }
            }
        }

        return drawn;
    }

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
