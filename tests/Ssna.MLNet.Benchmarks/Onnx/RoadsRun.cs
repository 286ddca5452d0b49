using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Ssna.MLNet.Benchmarks.Serving;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Testing;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.Onnx;

/// <summary>
/// One user at a time on one thread, by ONNX Runtime and by TorchSharp: start of the process to the first answer, memory and
/// latency, each road in a process of its own, taken in turns.
/// </summary>
internal static class RoadsRun
{
    private const int Repetitions = 5;
    private const int Histories = 3300;

    public static Command Command() =>
        ServingCommand.Create("onnx", "Start, memory and latency by ONNX Runtime and by TorchSharp.", Run);

    private static void Run(MLContext mlContext, ServedModel model, Results results)
    {
        using var folder = new TemporaryFolder();
        int length = model.Transformer.Shape.Sequence.MaximumSequenceLength;
        results.Add("items of a history", length, "");
        File.WriteAllBytes(
            folder["histories.json"],
            JsonSerializer.SerializeToUtf8Bytes(model.LongHistories(Histories, length))
        );
        model.Transformer.Save(folder["model.zip"]);
        model.Transformer.ExportOnnx(folder["model.onnx"]);
        results.Add("ONNX: file", new FileInfo(folder["model.onnx"]).Length / 1e6, "MB");
        var measured = new Dictionary<string, List<RoadFigures>> { ["ONNX"] = [], ["TorchSharp"] = [] };
        for (int i = 0; i < Repetitions; i++)
        {
            measured["ONNX"].Add(Start(folder["model.onnx"], model.Items[0], folder["histories.json"]));
            measured["TorchSharp"].Add(Start(folder["model.zip"], model.Items[0], folder["histories.json"]));
        }
        foreach ((string road, List<RoadFigures> runs) in measured)
        {
            results.Add($"{road}: start to first answer", Median.Of(runs.Select(run => run.StartSeconds)), "s");
            results.Add($"{road}: memory at the first answer", Median.Of(runs.Select(run => run.FirstMegabytes)), "MB");
            results.Add($"{road}: memory after all", Median.Of(runs.Select(run => run.LastMegabytes)), "MB");
            results.Add($"{road}: peak memory", Median.Of(runs.Select(run => run.PeakMegabytes)), "MB");
            results.Add($"{road}: median", Median.Of(runs.Select(run => run.MedianMilliseconds)), "ms");
            results.Add($"{road}: 99th percentile", Median.Of(runs.Select(run => run.Percentile99)), "ms");
        }
    }

    private static RoadFigures Start(string model, string item, string histories)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(RoadsRun).Assembly.Location, "road", model, item, histories])
        {
            RedirectStandardOutput = true,
        };
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        string? first = process.StandardOutput.ReadLine();
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        string figures = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && !string.IsNullOrEmpty(first)
            ? JsonSerializer.Deserialize<RoadFigures>(figures)! with
            {
                StartSeconds = seconds,
            }
            : throw new InvalidOperationException($"Expected a recommendation, found exit code {process.ExitCode}.");
    }
}

/// <summary>What one process has measured of itself, and its start by the one that started it.</summary>
internal sealed record RoadFigures(
    double StartSeconds,
    double FirstMegabytes,
    double LastMegabytes,
    double PeakMegabytes,
    double MedianMilliseconds,
    double Percentile99
);
