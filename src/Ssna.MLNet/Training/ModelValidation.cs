using Ssna.MLNet.Evaluation;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Model;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Measures a model between epochs: every case's target among all items of the catalogue.</summary>
/// <param name="cases">The cases.</param>
/// <param name="model">The model; stays the caller's.</param>
/// <param name="items">The items' prepared inputs: (I, ...).</param>
/// <param name="checkAlive">Called between blocks; throws to stop.</param>
/// <param name="log">Takes a line every half minute.</param>
internal sealed class ModelValidation(
    ValidationCases cases,
    SsnaModel model,
    Tensor items,
    Action checkAlive,
    Action<string>? log = null
)
{
    /// <summary>Whether there is anything to measure.</summary>
    public bool HasCases => cases.Count > 0;

    /// <summary>Recall@10 and NDCG@10 of the weights as they are now; no numbers where there is no case.</summary>
    public (double Recall, double Ndcg) Measure()
    {
        if (!HasCases)
        {
            return (double.NaN, double.NaN);
        }
        int itemCount = (int)items.shape[0];
        // As many rows of scores as 128 MB hold, up to what full-speed products need.
        int blockRows = Math.Clamp((1 << 25) / itemCount, 1, 512);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var scorer = new SsnaScorer(model, EmbedItems());
        var accumulator = new RankingAccumulator(itemCount, [10], withHistory: false, withCoverage: false);
        var halfMinutes = new HalfMinutes();
        for (int from = 0; from < cases.Count; from += blockRows)
        {
            checkAlive();
            if (halfMinutes.Passed())
            {
                log?.Invoke($"Validation: {from} of {cases.Count} cases.");
            }
            using var block = NewDisposeScope();
            int count = Math.Min(blockRows, cases.Count - from);
            ReadOnlyMemory<int>[] histories = [.. Enumerable.Range(from, count).Select(cases.Histories.Memory)];
            Tensor scores = scorer.Score(scorer.EncodeUsers(histories)).cpu(); // (B, I)
            var all = new FloatRows(scores);
            for (int row = 0; row < count; row++)
            {
                accumulator.Add(all[row], cases.Targets[from + row], default);
            }
        }
        var metrics = accumulator.ToMetrics().All;
        return (metrics.Recall(10), metrics.Ndcg(10));
    }

    private ItemVectors EmbedItems()
    {
        using Tensor embeddings = SsnaScorer.EmbedPrepared(model, items, checkAlive); // (I, d)
        return ItemVectors.Of(embeddings);
    }
}
