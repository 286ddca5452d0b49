using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Benchmarks.WholeRuns;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>Saving, loading, and the time from the start of a process to its first recommendation.</summary>
internal static class StartRun
{
    private const int Repetitions = 5;

    public static Command Command() =>
        ServingCommand.Create("start", "Save, load, and a fresh process's first recommendation.", Run);

    /// <summary>What the fresh process runs.</summary>
    public static Command FirstCommand()
    {
        var zip = new Argument<string>("zip");
        var item = new Argument<string>("item");
        var command = new Command("first", "Loads a model and recommends once.") { zip, item };
        command.SetAction(arguments =>
        {
            using var model = (SsnaTransformer)new MLContext().Model.Load(arguments.GetRequiredValue(zip), out _);
            Console.WriteLine(model.Recommend([arguments.GetRequiredValue(item)], 1)[0].Item);
        });
        return command;
    }

    private static void Run(MLContext mlContext, ServedModel model, Results results)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ssna-{Environment.ProcessId}.zip");
        try
        {
            results.Add(
                "save",
                Median.Seconds(Repetitions, warmUps: 0, () => mlContext.Model.Save(model.Transformer, null, path)),
                "s"
            );
            results.Add("saved", new FileInfo(path).Length / 1e6, "MB");
            results.Add(
                "load",
                Median.Seconds(
                    Repetitions,
                    warmUps: 0,
                    () => ((SsnaTransformer)mlContext.Model.Load(path, out _)).Dispose()
                ),
                "s"
            );
            results.Add(
                "start to first recommendation",
                Median.Seconds(Repetitions, warmUps: 0, () => StartProcess(path, model.Items[0])),
                "s"
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void StartProcess(string zip, string item)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(StartRun).Assembly.Location, "first", zip, item])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0 || answer.Length == 0)
        {
            throw new InvalidOperationException($"Expected a recommendation, found exit code {process.ExitCode}.");
        }
    }
}
