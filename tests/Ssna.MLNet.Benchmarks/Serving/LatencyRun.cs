using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>One user at a time, on one thread: how long ten recommendations take for the longest history that counts.</summary>
internal static class LatencyRun
{
    private const int Warmup = 300;
    private const int Calls = 3000;

    public static Command Command() => ServingCommand.Create("latency", "The best items of one user at a time.", Run);

    private static void Run(MLContext mlContext, ServedModel model, Results results)
    {
        using TensorThreads _ = TensorThreads.Use(1);
        int length = model.Transformer.Shape.Sequence.MaximumSequenceLength;
        results.Add("items of a history", length, "");
        Measure(
            "Recommend",
            model.LongHistories(Warmup + Calls, length),
            history => model.Transformer.Recommend(history, 10),
            results
        );
        using var engine = mlContext.Model.CreatePredictionEngine<HistoryRow, RecommendationRow>(
            model.Transformer,
            new PredictionEngineOptions { OwnsTransformer = false }
        );
        Measure(
            "PredictionEngine",
            [.. model.LongHistories(Warmup + Calls, length).Select(history => new HistoryRow { Sequence = history })],
            row => engine.Predict(row),
            results
        );
        results.Add("matrix product on one thread", MatrixRate.Measure(ComputePrecision.Float32) / 1e9, "GFLOP/s");
    }

    private static void Measure<T>(string name, T[] requests, Action<T> serve, Results results)
    {
        foreach (T request in requests.AsSpan(0, Warmup))
        {
            serve(request);
        }
        var milliseconds = new double[Calls];
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            serve(requests[Warmup + i]);
            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(milliseconds);
        results.Add($"{name}: median", Median.Of(milliseconds), "ms");
        results.Add($"{name}: 99th percentile", milliseconds[Calls * 99 / 100], "ms");
        results.Add($"{name}: managed memory a call", allocated / Calls, "bytes");
    }
}
