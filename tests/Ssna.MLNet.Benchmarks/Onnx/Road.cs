using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using OnnxServing;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Benchmarks.Onnx;

/// <summary>What a process of <see cref="RoadsRun"/> does: it loads a model, and recommends to one user at a time on one thread.</summary>
internal static class Road
{
    private const int Recommended = 10;
    private const int WarmUps = 300;

    public static Command Command()
    {
        var model = new Argument<string>("model");
        var item = new Argument<string>("item");
        var histories = new Argument<string>("histories");
        var command = new Command("road", "Loads a model, .onnx or .zip, and recommends to one user at a time.")
        {
            model,
            item,
            histories,
        };
        command.SetAction(arguments =>
        {
            string path = arguments.GetRequiredValue(model);
            string first = arguments.GetRequiredValue(item);
            string list = arguments.GetRequiredValue(histories);
            if (Path.GetExtension(path) == ".onnx")
            {
                ByOnnxRuntime(path, first, list);
            }
            else
            {
                ByTorchSharp(path, first, list);
            }
        });
        return command;
    }

    // A method each, so that what the other needs is not loaded.
    private static void ByOnnxRuntime(string path, string item, string list)
    {
        using var recommender = new ExportedRecommender(path, threads: 1);
        Measure(item, list, history => recommender.Recommend(history, Recommended)[0].Item);
    }

    private static void ByTorchSharp(string path, string item, string list)
    {
        using SsnaTransformer model = SsnaTransformer.Load(new MLContext(), path);
        using TensorThreads _ = TensorThreads.Use(1);
        Measure(item, list, history => model.Recommend(history, Recommended)[0].Item);
    }

    private static void Measure(string item, string list, Func<string[], string> recommend)
    {
        Console.WriteLine(recommend([item]));
        double first = Machine.ResidentMegabytes;
        string[][] histories = JsonSerializer.Deserialize<string[][]>(File.ReadAllBytes(list))!;
        foreach (string[] history in histories.AsSpan(0, WarmUps))
        {
            recommend(history);
        }
        double[] milliseconds =
        [
            .. histories
                .Skip(WarmUps)
                .Select(history =>
                {
                    long start = Stopwatch.GetTimestamp();
                    recommend(history);
                    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                })
                .Order(),
        ];
        Console.WriteLine(
            JsonSerializer.Serialize(
                new RoadFigures(
                    StartSeconds: 0,
                    first,
                    Machine.ResidentMegabytes,
                    Machine.PeakMegabytes,
                    Median.Of(milliseconds),
                    milliseconds[milliseconds.Length * 99 / 100]
                )
            )
        );
    }
}
