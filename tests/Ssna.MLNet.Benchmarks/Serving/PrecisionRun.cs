using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>What each precision of the items' embeddings costs and saves: bytes, time, and the recall that is lost.</summary>
internal static class PrecisionRun
{
    private const int Calls = 200;

    public static Command Command() =>
        ServingCommand.Create("precision", "Item embeddings as float32, float16 and int8.", Run);

    private static void Run(MLContext mlContext, ServedModel model, Results results)
    {
        string[][] histories = Array.ConvertAll(model.Users, user => user.Sequence);
        string[][] single = model.LongHistories(Calls, model.Transformer.Shape.Sequence.MaximumSequenceLength);
        HashSet<string>[]? exact = null;
        double exactRecall = 0;
        foreach (ItemPrecision precision in Enum.GetValues<ItemPrecision>())
        {
            using SsnaTransformer rounded = model.Transformer.WithItemPrecision(precision);
            results.Add($"{precision}: memory of the items", rounded.ItemBytes / 1e6, "MB");

            rounded.RecommendMany(histories.Take(512), 10);
            long start = Stopwatch.GetTimestamp();
            IReadOnlyList<IReadOnlyList<ScoredItem<string>>> lists = rounded.RecommendMany(histories, 10);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            results.Add($"{precision}: top-10 lists a second, all threads", histories.Length / seconds, "");
            results.Add($"{precision}: one user on one thread, median", MedianMilliseconds(rounded, single), "ms");

            HashSet<string>[] items = [.. lists.Select(list => list.Select(item => item.Item).ToHashSet())];
            exact ??= items;
            double same = exact.Zip(items).Sum(pair => pair.First.Intersect(pair.Second).Count());
            results.Add($"{precision}: of float32's ten also here", 100 * same / exact.Sum(list => list.Count), "%");
            double recall = items.Zip(model.Users).Average(pair => pair.First.Contains(pair.Second.Label) ? 1.0 : 0);
            exactRecall = precision == ItemPrecision.Float32 ? recall : exactRecall;
            results.Add($"{precision}: Recall@10 of the unseen item", recall, "");
            results.Add($"{precision}: Recall@10 lost", exactRecall - recall, "");
        }
        results.Add("peak memory", Machine.PeakMegabytes, "MB");
    }

    private static double MedianMilliseconds(SsnaTransformer model, string[][] histories)
    {
        using TensorThreads _ = TensorThreads.Use(1);
        model.Recommend(histories[0], 10);
        return Median.Of(
            histories.Select(history =>
            {
                long start = Stopwatch.GetTimestamp();
                model.Recommend(history, 10);
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            })
        );
    }
}
