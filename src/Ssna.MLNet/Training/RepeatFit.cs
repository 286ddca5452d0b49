using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>
/// Finds what repeats add to the scores of a model as it is: the most probable targets of validation cases, by a softmax over the
/// catalogue at the loss's temperature, in which the items of a history have the features of their places beside the cosine.
/// Convex, few parameters, and the same whatever the number of threads.
/// </summary>
/// <param name="rates">How often items are taken again.</param>
/// <param name="temperature">What scores are divided by.</param>
internal sealed class RepeatFit(RepeatRates rates, float temperature)
{
    private readonly List<RepeatCase> _cases = [];

    /// <summary>Takes cases in.</summary>
    /// <param name="users">Their embeddings, of length 1: (B, d).</param>
    /// <param name="items">The catalogue.</param>
    /// <param name="histories">What each user took, oldest first.</param>
    /// <param name="targets">What each took next.</param>
    public void Add(Tensor users, ItemVectors items, ReadOnlyMemory<int>[] histories, int[] targets)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        var known = new HistoryItems(histories, rates);
        var logits = new double[known.All.Length];
        var others = new double[targets.Length];
        Array.Fill(others, double.NegativeInfinity);
        for (int first = 0; first < items.Count; first += ItemVectors.Tile)
        {
            using var tile = NewDisposeScope();
            int count = Math.Min(ItemVectors.Tile, items.Count - first);
            Tensor scores = items.Cosines(users, first, count).DivideInPlace(temperature); // (B, n)
            HistoryPlaces places = known.Find(0, targets.Length, first, count);
            if (places.Entries.Count > 0)
            {
                (Tensor rows, Tensor columns) = places.Upload(scores.device); // (N), (N)
                Tensor own = scores.index(rows, columns); // (N)
                float[] values = DeviceMemory.Read(own).data<float>().ToArray();
                for (int i = 0; i < values.Length; i++)
                {
                    logits[places.Entries[i]] = values[i];
                }
                Tensor none = TensorArithmetic.FilledLike(own, float.NegativeInfinity, ScalarType.Float32); // (N)
                scores.index_put_(none, rows, columns);
            }
            float[] sums = DeviceMemory.Read(scores.logsumexp(1)).data<float>().ToArray(); // (B)
            for (int i = 0; i < sums.Length; i++)
            {
                others[i] = LogOfSum(others[i], sums[i]);
            }
        }
        int entry = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            HistoryItem[] own = [.. known[i]];
            double[] ownLogits = logits[entry..(entry + own.Length)];
            entry += own.Length;
            // A model that makes no numbers is another's to refuse.
            if (!double.IsNaN(others[i]) && !Array.Exists(ownLogits, double.IsNaN))
            {
                _cases.Add(new(own, ownLogits, Array.FindIndex(own, item => item.Item == targets[i]), others[i]));
            }
        }
    }

    /// <summary>What was found, for scores that are cosines.</summary>
    /// <param name="ranks">Who has taken in cases: it is found for those of all.</param>
    public RepeatWeights Solve(Ranks ranks) =>
        RepeatLikelihood.ForScores(NewtonMethod.Minimize(new RepeatLikelihood(_cases, ranks)), temperature);

    // log(exp(a) + exp(b)).
    private static double LogOfSum(double a, double b)
    {
        double larger = Math.Max(a, b);
        return double.IsNegativeInfinity(larger)
            ? larger
            : larger + Math.Log(Math.Exp(a - larger) + Math.Exp(b - larger));
    }
}
