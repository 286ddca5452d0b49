using System.Security.Cryptography;
using System.Text;
using DataFolders;
using Experiments.Configuration;
using Experiments.Reports;
using Experiments.Runs;
using Microsoft.ML;

namespace Experiments;

/// <summary>
/// One experiment: every method with every seed, each run in a process of its own, and the report over them. A finished run is a
/// file; it is not run again, so an interrupted experiment goes on where it stopped, and experiments share the runs that they
/// have in common.
/// </summary>
internal sealed class Experiment(string name, ExperimentConfiguration configuration, Action<string> print)
{
    private readonly string _data = Path.GetFullPath(configuration.Data!);
    private readonly DataFolder _folder = new(new MLContext(), configuration.Data!);
    private readonly string? _model = configuration.Model is null ? null : Path.GetFullPath(configuration.Model);

    /// <summary>Runs what is not there yet, and writes the report.</summary>
    /// <exception cref="InvalidOperationException">A run failed; the message says which and why. The others went on.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var layout = new ResultLayout(configuration.Output!, new DirectoryInfo(_data).Name, name);
        List<PlannedRun> runs = Plan(layout);
        List<PlannedRun> open = [.. runs.Where(run => !File.Exists(run.File)).DistinctBy(run => run.File)];
        print($"{name}: {runs.Count - open.Count} of {runs.Count} runs are there; results go to {layout.Folder}");

        string? features = open.Any(run => run.Settings.Method.NeedsFeatures)
            ? await FeaturesAsync(layout, runs.Max(run => run.Settings.Method.FeatureLayers), cancellation)
            : null;
        var failures = new List<string>();
        for (int i = 0; i < open.Count; i++)
        {
            PlannedRun run = open[i];
            string label = $"{run.Method}, seed {run.Settings.Seed}";
            print($"[{i + 1}/{open.Count}] {label}");
            try
            {
                await ChildProcess.RunAsync(
                    ChildCommand.Run,
                    new RunRequest
                    {
                        Settings = run.Settings,
                        Data = _data,
                        Model = _model,
                        Features = run.Settings.Method.NeedsFeatures ? features : null,
                        Result = run.File,
                        Trials = Path.ChangeExtension(run.File, ".trials"),
                    },
                    line => print($"  {label}: {line}"),
                    cancellation
                );
            }
            catch (InvalidOperationException error)
            {
                failures.Add($"{label}: {error.Message}");
                print($"  {failures[^1]}");
            }
        }

        RunResult[][] results =
        [
            .. configuration.Methods.Select(method =>
                runs.Where(run => run.Method == method.Name && File.Exists(run.File))
                    .Select(run => JsonFiles.Read<RunResult>(run.File))
                    .ToArray()
            ),
        ];
        if (results.Any(of => of.Length > 0))
        {
            ReportFiles.Write(layout, ReportBuilder.Build(name, layout.DataSet, configuration, results, failures));
            print($"wrote {Path.Combine(layout.Folder, ReportFiles.Markdown)} and {layout.Page}");
        }
        if (failures.Count > 0)
        {
            throw new InvalidOperationException($"{failures.Count} runs failed:\n{string.Join('\n', failures)}");
        }
    }

    private List<PlannedRun> Plan(ResultLayout layout)
    {
        string data = ContentHash.OfFolder(_data, _folder.InteractionsFile, _folder.ItemsFile);
        string? model = null;
        var runs = new List<PlannedRun>();
        foreach (MethodConfiguration method in configuration.Methods)
        {
            var settings = MethodSettings.Resolve(configuration, method);
            // What learns nothing is the same with every seed.
            foreach (int seed in settings.IsTrained ? configuration.Seeds : [0])
            {
                var run = new RunSettings
                {
                    Method = settings,
                    Seed = seed,
                    Threads = configuration.Threads,
                    Precision = configuration.Precision,
                    Cold = name == "cold" ? new(configuration.ColdShare, configuration.ColdSeed) : null,
                    Data = data,
                    Model = settings.NeedsEncoder ? model ??= ContentHash.OfFolder(_model!) : null,
                };
                runs.Add(new(method.Name, run, layout.RunFile(run.Id())));
            }
        }
        return runs;
    }

    private async Task<string> FeaturesAsync(ResultLayout layout, int layers, CancellationToken cancellation)
    {
        string key = string.Join(
            '\n',
            ContentHash.OfFolder(_data, _folder.ItemsFile),
            ContentHash.OfFolder(_model!),
            layers,
            configuration.Precision
        );
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 6));
        string file = layout.FeatureFile($"{layers}-layers-{hash}");
        if (!File.Exists(file))
        {
            print($"features: the top {layers} layers of '{_model}' for every item");
            try
            {
                await ChildProcess.RunAsync(
                    ChildCommand.Features,
                    new FeaturesRequest
                    {
                        Data = _data,
                        Model = _model!,
                        Layers = layers,
                        Threads = configuration.Threads,
                        Precision = configuration.Precision,
                        Cache = configuration.Cache,
                        Result = file,
                    },
                    line => print($"  features: {line}"),
                    cancellation
                );
            }
            catch (InvalidOperationException error)
            {
                throw new InvalidOperationException($"features: {error.Message}", error);
            }
        }
        return file;
    }

    private sealed record PlannedRun(string Method, RunSettings Settings, string File);
}
