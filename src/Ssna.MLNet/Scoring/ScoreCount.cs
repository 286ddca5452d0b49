using System.Numerics;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Scoring;

/// <summary>Counts scores against the wanted item's.</summary>
internal static class ScoreCount
{
    /// <summary>How many scores are at least <paramref name="threshold"/>, and whether any is NaN.</summary>
    public static int AtLeast(ReadOnlySpan<float> scores, float threshold, out bool hasNaN)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var bar = new Vector<float>(threshold);
        Vector<int> reached = Vector<int>.Zero; // minus the counts: a true comparison is -1
        Vector<int> numbers = Vector<int>.Zero;
        foreach (Vector<float> vector in vectors)
        {
            reached += Vector.GreaterThanOrEqual(vector, bar);
            numbers += Vector.Equals(vector, vector);
        }
        int count = -Vector.Sum(reached);
        int valid = -Vector.Sum(numbers);
        foreach (float score in scores[(vectors.Length * Vector<float>.Count)..])
        {
            count += score >= threshold ? 1 : 0;
            valid += float.IsNaN(score) ? 0 : 1;
        }
        hasNaN = valid != scores.Length;
        return count;
    }
}
