using System.Diagnostics;
using System.Reflection;
using DataFolders;
using Experiments.Configuration;
using Experiments.Statistics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Tools;

namespace Experiments.Runs;

/// <summary>Trains and measures one method with one seed, in the process that it is called in.</summary>
internal static class MethodRun
{
    /// <summary>Runs, and writes a <see cref="RunResult"/>.</summary>
    public static void Execute(RunRequest request, CancellationToken cancellation)
    {
        var total = Stopwatch.StartNew();
        RunSettings settings = request.Settings;
        MethodSettings method = settings.Method;
        var mlContext = new MLContext(settings.Seed);
        TrainerLog.Listen(mlContext, Console.WriteLine);
        var data = new ExperimentData(
            mlContext,
            new DataFolder(mlContext, request.Data),
            request.Features is null ? null : FeatureFile.Read(mlContext, request.Features),
            settings.Cold
        );

        SsnaTrainingSummary? training = null;
        SearchFigures? search = null;
        Dictionary<string, TestRanks> test;
        if (method.IsTrained)
        {
            SsnaTrainer.Options options = method.TrainerOptions(request.Model);
            options.Items = data.WarmItems;
            options.Seed = settings.Seed;
            options.NumberOfThreads = settings.Threads;
            options.Precision = settings.Precision;
            var progress = new EpochProgress();
            (options.Progress, options.StepProgress) = (progress, progress);
            options.CancellationToken = cancellation;
            using SsnaTransformer model = method.Search is null
                ? mlContext.Recommendation().Trainers.Ssna(options).Fit(data.Training)
                : Search(mlContext, method.Search, options, request.Trials, data.Training, out search);
            training = model.Training;
            using SsnaTransformer? larger =
                data.AddedItems is not null && method.EmbedsNewItems
                    ? model.WithItems(data.AddedItems, cancellation)
                    : null;
            SsnaTransformer tested = larger ?? model;
            test = new TestMeasurement(mlContext, data, method, tested.Transform, tested, cancellation).Run();
        }
        else
        {
            long[] counts = Popularity.Count(mlContext, data.Ids, data.Training);
            var popularity = new Popularity(mlContext, data.Ids, counts);
            test = new TestMeasurement(mlContext, data, method, popularity.Transform, model: null, cancellation).Run();
        }

        JsonFiles.Write(
            request.Result,
            new RunResult
            {
                Settings = settings,
                Machine = Machine.This,
                Version = LibraryVersion(),
                Counts = new(data.Users, data.Ids.Length, data.Interactions, data.WarmCount),
                Epochs = [.. (training?.Epochs ?? []).Select(Figures)],
                BestEpoch = training?.BestEpoch ?? 0,
                SecondsPerEpoch = training is null ? null : SecondsPerEpoch(training.Epochs),
                // A search that went on where it stopped did some of its trials in other processes.
                SecondsTotal = search?.Trials.Sum(trial => trial.Seconds) ?? total.Elapsed.TotalSeconds,
                TrainableParameters = training?.TrainableParameters ?? 0,
                PeakMemoryMb = ProcessMemory.PeakMegabytes,
                Test = test,
                Search = search,
            },
            JsonFiles.Compact
        );
    }

    private static SsnaTransformer Search(
        MLContext mlContext,
        SearchSettings settings,
        SsnaTrainer.Options trainer,
        string folder,
        IDataView training,
        out SearchFigures figures
    )
    {
        SsnaGridSearch.Options options = settings.SearchOptions(trainer);
        options.Folder = folder;
        options.SampleSeed = trainer.Seed;
        options.Progress = new TrialProgress();
        SsnaSearchResult result = mlContext.Recommendation().Trainers.SsnaGridSearch(options).Fit(training);
        figures = new(
            [
                .. result
                    .Trials.OrderByDescending(trial => trial.Failure is null)
                    .ThenByDescending(trial => trial.ValidationRecallAt10)
                    .ThenByDescending(trial => trial.ValidationNdcgAt10)
                    .Select(trial => new TrialFigures(
                        trial.Point,
                        trial.BestEpoch,
                        trial.ValidationRecallAt10,
                        trial.ValidationNdcgAt10,
                        trial.Duration.TotalSeconds,
                        trial.Failure
                    )),
            ],
            result.Remaining
        );
        return result.BestModel; // all that the result holds
    }

    private static string LibraryVersion() =>
        typeof(SsnaTrainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private static double SecondsPerEpoch(IReadOnlyList<SsnaTrainingProgress> epochs)
    {
        SsnaTrainingProgress[] whole = [.. epochs.Where(epoch => epoch.Steps == epoch.StepsPerEpoch)];
        return whole.Length > 0
            ? Sample.Median(whole.Select(epoch => epoch.TrainingTime.TotalSeconds))
            : epochs[0].TrainingTime.TotalSeconds * epochs[0].StepsPerEpoch / epochs[0].Steps;
    }

    private static EpochFigures Figures(SsnaTrainingProgress epoch) =>
        new(
            epoch.Epoch,
            epoch.Loss,
            epoch.ValidationRecallAt10,
            epoch.ValidationNdcgAt10,
            epoch.TrainingTime.TotalSeconds,
            epoch.ValidationTime.TotalSeconds,
            epoch.Steps,
            epoch.StepsPerEpoch
        );
}
