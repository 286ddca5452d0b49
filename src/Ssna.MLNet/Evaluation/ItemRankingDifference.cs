namespace Microsoft.ML.Data;

/// <summary>How much one recommender's figure is above another's, over the same rows.</summary>
/// <param name="Value">The figure less the baseline's.</param>
/// <param name="StandardError">
/// The sample standard deviation of the rows' differences, over the root of the number of rows; NaN of one row.
/// </param>
/// <param name="LowerBound">Where the 95 % interval of the resampled differences begins.</param>
/// <param name="UpperBound">Where it ends.</param>
public sealed record ItemRankingDifference(double Value, double StandardError, double LowerBound, double UpperBound)
{
    /// <summary>Whether the interval leaves out 0: other rows of the same kind would hardly turn the difference round.</summary>
    public bool IsSignificant => LowerBound > 0 || UpperBound < 0;
}
