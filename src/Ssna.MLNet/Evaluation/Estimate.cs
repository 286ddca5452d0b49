namespace Ssna.MLNet.Evaluation;

/// <summary>A figure over rows, and how far off it may be.</summary>
/// <param name="Value">The figure.</param>
/// <param name="StandardError">The standard deviation that it would have over other rows of the same kind; NaN of one row.</param>
internal readonly record struct Estimate(double Value, double StandardError)
{
    /// <summary>The mean of the rows' values, and their sample standard deviation over the root of their number; NaN without rows.</summary>
    public static Estimate OfMean(ReadOnlySpan<double> values)
    {
        var moments = new Moments();
        foreach (double value in values)
        {
            moments.Add(value);
        }
        return moments.Mean;
    }
}

/// <summary>The mean of values that come one by one, by Welford's method: no value is kept.</summary>
internal struct Moments
{
    private long _count;
    private double _mean;
    private double _squares; // of the distances from the mean so far

    public void Add(double value)
    {
        _count++;
        double distance = value - _mean;
        _mean += distance / _count;
        _squares += distance * (value - _mean);
    }

    /// <summary>The mean so far.</summary>
    public readonly Estimate Mean =>
        new(_count == 0 ? double.NaN : _mean, _count < 2 ? double.NaN : Math.Sqrt(_squares / (_count - 1.0) / _count));
}
