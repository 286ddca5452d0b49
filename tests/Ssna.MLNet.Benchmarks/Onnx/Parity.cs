using Microsoft.ML.Trainers.Recommender;
using OnnxServing;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Benchmarks.Onnx;

/// <summary>What an exported model recommends in ONNX Runtime beside what the model itself does.</summary>
internal static class Parity
{
    private const int Recommended = 10;
    private const int Deeper = 10; // ranks behind them, where an item may be whose score is as good as equal
    private const double Close = 1e-4;

    /// <summary>How many users get other items than the model's, but for those whose scores are as good as equal.</summary>
    public static int Compare(SsnaTransformer model, string[][] histories, bool exclude, string what, Results results)
    {
        using var folder = new TemporaryFolder();
        model.ExportOnnx(folder["model.onnx"]);
        using var exported = new ExportedRecommender(folder["model.onnx"]);
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> expected = model.RecommendMany(
            histories,
            Recommended + Deeper,
            excludeHistory: exclude
        );
        (int same, int close, int wrong, double largest) = (0, 0, 0, 0);
        for (int user = 0; user < histories.Length; user++)
        {
            IReadOnlyList<ScoredItem<string>> ours = expected[user];
            IReadOnlyList<(string Item, float Score)> theirs = exported.Recommend(
                histories[user],
                Recommended,
                exclude
            );
            Dictionary<string, float> scores = ours.ToDictionary(scored => scored.Item, scored => scored.Score);
            bool isSame = theirs
                .Select(best => best.Item)
                .SequenceEqual(ours.Take(Recommended).Select(best => best.Item));
            bool isClose = theirs.Count == Math.Min(Recommended, ours.Count);
            for (int i = 0; i < theirs.Count && isClose; i++)
            {
                double difference = Math.Abs(theirs[i].Score - ours[i].Score);
                largest = Math.Max(largest, difference);
                isClose =
                    difference < Close
                    && scores.TryGetValue(theirs[i].Item, out float score)
                    && Math.Abs(score - ours[i].Score) < Close;
            }
            (same, close, wrong) =
                isSame && isClose ? (same + 1, close, wrong)
                : isClose ? (same, close + 1, wrong)
                : (same, close, wrong + 1);
        }
        results.Add($"{what}: same ten", same, "users");
        results.Add($"{what}: same but for scores within {Close}", close, "users");
        results.Add($"{what}: others", wrong, "users");
        results.Add($"{what}: largest difference of scores", largest, "");
        return wrong;
    }
}
