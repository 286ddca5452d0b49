using System.Diagnostics;
using DataFolders;
using Experiments.Statistics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Tools;

namespace Experiments;

/// <summary>Extracts, trains, evaluates and saves one model on one data folder.</summary>
internal static class TrainRun
{
    private static readonly int[] Cutoffs = [10, 50];

    public static int Execute(TrainSettings settings, CancellationToken cancellation)
    {
        var total = Stopwatch.StartNew();
        var mlContext = new MLContext(settings.Training.Seed);
        TrainerLog.Listen(mlContext, Console.WriteLine);
        var data = new DataFolder(mlContext, settings.Data);

        IDataView sequences = mlContext.Data.GroupIntoSequences(data.Interactions);
        var test = mlContext.Data.LeaveOneOutSplit(sequences);
        // The trainer holds out the same items by itself; here they are for the table.
        var validation = mlContext.Data.LeaveOneOutSplit(test.TrainSet);

        var extraction = new ExtractionProgress();
        var epochs = new EpochProgress();
        SsnaTrainer.Options options = settings.Training.TrainerOptions();
        EncoderLayersEstimator.Options encoder = settings.Training.EncoderOptions(settings.Model);
        (encoder.Progress, encoder.CancellationToken) = (extraction, cancellation);
        options.Items = data.Items;
        options.ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers(encoder);
        (options.Progress, options.StepProgress) = (epochs, epochs);
        options.CancellationToken = cancellation;

        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(test.TrainSet);

        ProtocolFigures Evaluate(IDataView rows)
        {
            ItemRankingMetrics metrics = mlContext
                .Recommendation()
                .EvaluateRanking(model.Transform(rows), cutoffs: Cutoffs, cancellationToken: cancellation);
            return new(Figures(metrics.All), Figures(metrics.ExcludeSeen!));
        }
        ProtocolFigures validationFigures = Evaluate(validation.TestSet);
        ProtocolFigures testFigures = Evaluate(test.TestSet);

        if (settings.Out is { } path)
        {
            model.Save(path);
        }

        var report = new TrainReport
        {
            Preset = settings.Training.Preset,
            Seed = settings.Training.Seed,
            EpochsRun = epochs.Finished.Count,
            BestEpoch = epochs.Finished[^1].BestEpoch,
            SecondsPerEpoch = Sample.Median(epochs.Finished.Select(epoch => epoch.TrainingTime.TotalSeconds)),
            SecondsTotal = total.Elapsed.TotalSeconds,
            ExtractionSeconds = extraction.Last.Elapsed.TotalSeconds,
            ExtractionTokens = extraction.Last.Tokens,
            PeakMemoryMb = ProcessMemory.PeakMegabytes,
            EpochMemoryMb = epochs.ResidentMegabytes,
            Validation = validationFigures,
            Test = testFigures,
        };
        TrainTable.Print(report, Console.Out);
        if (settings.Json is { } json)
        {
            JsonFiles.Write(json, report);
        }
        return 0;
    }

    private static RankingFigures Figures(ItemRankingFigures set) =>
        new(set.Recall(10), set.Recall(50), set.Ndcg(10), set.Ndcg(50));
}
