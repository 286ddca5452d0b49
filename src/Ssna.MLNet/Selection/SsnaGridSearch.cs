using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Selection;
using Ssna.MLNet.Training;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// Model selection: trains <see cref="SsnaTrainer"/> at every point of a grid, or at a random sample of its points, and keeps
/// the model with the best validation Recall@10.
/// </summary>
/// <remarks>
/// To create it, use <c>mlContext.Recommendation().Trainers.SsnaGridSearch</c>. The item pipeline is fitted and computed once
/// for all trials. With a folder, a search that was interrupted goes on where it stopped.
/// </remarks>
public sealed partial class SsnaGridSearch
{
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly Options _options;
    private readonly SearchPoint[] _points;
    private readonly int _seed;

    /// <summary>Takes a copy of the options and checks every point.</summary>
    /// <exception cref="ArgumentException">A setting is missing or out of its range, at any point; the message names it.</exception>
    internal SsnaGridSearch(IHostEnvironment environment, Options options)
    {
        Contracts.CheckValue(environment, nameof(environment));
        _environment = environment;
        _host = environment.Register(nameof(SsnaGridSearch));
        _host.CheckValue(options, nameof(options));
        _options = options.Clone();
        SearchChecks.Check(_options);
        _seed = (environment as IHostEnvironmentInternal)?.Seed ?? 1;
        _points = SearchPoint.Of(environment, _options, _options.SampleSeed ?? _seed);
    }

    /// <summary>Runs the search.</summary>
    /// <param name="input">One row a user, with the sequence column: what <see cref="SsnaTrainer.Fit(IDataView)"/> takes.</param>
    /// <returns>The best model and all trials; it holds native memory until it is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, at any point.</exception>
    /// <exception cref="InvalidOperationException">
    /// The folder is another search's or in use by one, the data cannot be trained on (see <see cref="SsnaTrainer.Fit(IDataView)"/>), or training
    /// failed at every point. A point at which the loss is no number any more is a trial that failed, no exception.
    /// </exception>
    /// <exception cref="InvalidDataException">A file of the folder is damaged, or a trial was changed by hand.</exception>
    /// <exception cref="OperationCanceledException">
    /// The search was cancelled; trials that were finished are in the folder, where there is one.
    /// </exception>
    public SsnaSearchResult Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        long start = Stopwatch.GetTimestamp();
        using IChannel channel = _host.Start("Search");
        var run = new RunContext(_host, channel, _options.Trainer.CancellationToken);
        foreach (SearchPoint point in _points)
        {
            point.Options.Adaptation.Prepare(run);
            point.Trainer.CheckColumns(input, point.Inputs);
        }
        using Lifetime.Use? use = _options.Trainer.StartFrom?.Use();
        using SearchFolder? folder = _options.Folder is { } path
            ? SearchFolder.Open(path, SearchIdentity.Of(_host, _options, _seed, input, run))
            : null;
        TrialRanking ranking = folder?.ReadTrials() ?? new TrialRanking();
        SearchPoint[] pending = [.. _points.Where(point => !ranking.Trials.ContainsKey(point.Key))];
        SsnaTransformer? best = null; // where this call has trained it
        try
        {
            foreach (SearchPoint point in pending)
            {
                _ = point.Trainer.ChoosePlace(channel); // a device or precision that is not there shows before any work
            }
            using var items = new SearchItems(_host, pending, run);
            for (int i = 0; i < pending.Length; i++)
            {
                run.CheckAlive();
                if (ranking.Best is not null && Stopwatch.GetElapsedTime(start) >= _options.MaximumTime)
                {
                    channel.Info($"{_options.MaximumTime} are over: {pending.Length - i} points are left untried.");
                    break;
                }
                SearchPoint point = pending[i];
                (SsnaSearchTrial trial, SsnaTransformer? model) = Run(channel, point, input, items);
                string? before = ranking.BestKey;
                bool isBest = ranking.Add(point.Key, trial);
                if (isBest)
                {
                    best?.Dispose();
                    best = model;
                }
                else
                {
                    model?.Dispose();
                }
                if (folder is not null)
                {
                    Save(folder, point.Key, trial, isBest ? model : null, before, input.Schema);
                }
                int finished = _points.Length - pending.Length + i + 1;
                channel.Info($"Trial {finished} of {_points.Length}, {point}: {Describe(trial)}.");
                _options.Progress?.Report(new SsnaSearchProgress(trial, ranking.Best, finished, _points.Length));
            }
        }
        catch (OperationCanceledException) when (_options.Trainer.KeepBestOnCancellation && ranking.Best is not null)
        {
            channel.Info($"Cancelled; the best of {ranking.Trials.Count} trials is kept.");
        }
        catch
        {
            best?.Dispose();
            throw;
        }
        return Result(ranking, best, folder);
    }

    private static (SsnaSearchTrial Trial, SsnaTransformer? Model) Run(
        IChannel channel,
        SearchPoint point,
        IDataView input,
        SearchItems items
    )
    {
        (ItemTable table, Shared<ITransformer>? pipeline) = items.Of(point);
        long start = Stopwatch.GetTimestamp();
        try
        {
            SsnaTransformer model = point.Trainer.Fit(input, point.Inputs, table, pipeline);
            SsnaTrainingProgress epoch = model.Training.Epochs[model.Training.BestEpoch - 1];
            var trial = new SsnaSearchTrial(
                point.Values,
                model.Training.Epochs.Count,
                epoch.Epoch,
                epoch.ValidationRecallAt10,
                epoch.ValidationNdcgAt10,
                Stopwatch.GetElapsedTime(start),
                Failure: null
            );
            return (trial, model);
        }
        catch (TrainingDivergedException e)
        {
            TimeSpan duration = Stopwatch.GetElapsedTime(start);
            return (new SsnaSearchTrial(point.Values, e.Epoch, 0, double.NaN, double.NaN, duration, e.Message), null);
        }
    }

    // The model first: a trial that is on record as the best has one, wherever a process is stopped.
    private void Save(
        SearchFolder folder,
        string key,
        SsnaSearchTrial trial,
        SsnaTransformer? best,
        string? bestBefore,
        DataViewSchema schema
    )
    {
        if (best is not null)
        {
            WholeFile.Write(
                folder.ModelPath(key),
                file => new ModelOperationsCatalog(_environment).Save(best, schema, file)
            );
        }
        folder.Save(key, trial);
        if (best is not null && bestBefore is not null)
        {
            File.Delete(folder.ModelPath(bestBefore));
        }
    }

    private SsnaSearchResult Result(TrialRanking ranking, SsnaTransformer? model, SearchFolder? folder)
    {
        if (ranking.Best is null)
        {
            SsnaSearchTrial first = ranking.Trials.Values.First();
            throw _host.Except($"Training failed at every point. {SearchPoint.Describe(first.Point)}: {first.Failure}");
        }
        string[] keys = [.. _points.Select(point => point.Key)];
        SsnaSearchTrial[] trials =
        [
            .. keys.Where(ranking.Trials.ContainsKey)
                .Concat(ranking.Trials.Keys.Except(keys).Order(StringComparer.Ordinal))
                .Select(key => ranking.Trials[key]),
        ];
        model ??= Load(folder!, ranking.BestKey!);
        return new SsnaSearchResult(
            _environment,
            model,
            ranking.Best,
            trials,
            keys.Count(key => !ranking.Trials.ContainsKey(key))
        );
    }

    // As the present options would have it run and recommend: a folder's trials are the same whatever those were.
    private SsnaTransformer Load(SearchFolder folder, string key)
    {
        SsnaTrainer.Options options = _points.FirstOrDefault(point => point.Key == key)?.Options ?? _options.Trainer;
        // An environment of its own, so that the context's settings stay what they are.
        IHost host = _environment.Register("Loading the best model");
        if (host is IHostEnvironmentInternal settings)
        {
            settings.GpuDeviceId = options.GpuDeviceId ?? settings.GpuDeviceId;
            settings.FallbackToCpu = options.FallbackToCpu ?? settings.FallbackToCpu;
        }
        var loaded = (SsnaTransformer)new ModelOperationsCatalog(host).Load(folder.ModelPath(key), out _);
        return loaded.Recommending(options.TopK, options.ExcludeHistory);
    }

    private static string Describe(SsnaSearchTrial trial) =>
        trial.Failure
        ?? FormattableString.Invariant(
            $"validation Recall@10 {trial.ValidationRecallAt10:F4}, NDCG@10 {trial.ValidationNdcgAt10:F4}, epoch {trial.BestEpoch} of {trial.Epochs}, {trial.Duration.TotalSeconds:F1} s"
        );
}
