using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>Finds the best scores of rows where the scores are, so that only those come to the host.</summary>
internal static class DeviceSelection
{
    /// <summary>The best of each row. Of equal scores the first column's is better; what is no number, or excluded, is not there.</summary>
    /// <param name="scores">(Q, n).</param>
    /// <param name="k">How many at most.</param>
    /// <param name="excluded">The columns that are none of a row's best.</param>
    /// <returns>
    /// For each row as many scores, and their columns in ascending order; NaN where a row has fewer: (Q * min(k, n)) of each.
    /// </returns>
    public static (float[] Scores, int[] Columns) Best(Tensor scores, int k, Func<int, IEnumerable<int>> excluded)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        (long rows, long width) = (scores.shape[0], scores.shape[1]);
        long kept = Math.Min(k, width);
        var hidden = new List<long>();
        for (int row = 0; row < rows; row++)
        {
            hidden.AddRange(excluded(row).Select(column => (row * width) + column));
        }
        Tensor open = scores.Masked(scores.isnan(), float.NegativeInfinity); // (Q, n)
        if (hidden.Count > 0)
        {
            Tensor places = DeviceMemory.Upload(scores.device, [.. hidden])[0];
            open.view(-1).FillInPlace(0, places, float.NegativeInfinity);
        }
        // topk promises no order among equals; a stable sort does.
        (Tensor sorted, Tensor order) = open.sort(1, descending: true, stable: true); // (Q, n) each
        (Tensor columns, Tensor byColumn) = order.narrow(1, 0, kept).sort(1); // (Q, k) each
        Tensor best = sorted.narrow(1, 0, kept).gather(1, byColumn); // (Q, k)
        Tensor[] both = [best.to(ScalarType.Float64), columns.to(ScalarType.Float64)]; // exact: both have fewer digits
        double[] read = DeviceMemory.Read(stack(both)).data<double>().ToArray(); // (2, Q, k)
        int half = read.Length / 2;
        return (
            Array.ConvertAll(read[..half], score => double.IsNegativeInfinity(score) ? float.NaN : (float)score),
            Array.ConvertAll(read[half..], column => (int)column)
        );
    }
}
