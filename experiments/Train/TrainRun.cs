using System.Diagnostics;
using DataFolders;
using Experiments.Statistics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Mpi;
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
        MpiCollective ranks = MpiCollective.FromEnvironment(log: Console.WriteLine);
        if (ranks.Rank == 0)
        {
            TrainerLog.Listen(mlContext, Console.WriteLine);
        }
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
        EncoderLayersEstimator extractor = mlContext.Transforms.Text.ExtractEncoderLayers(encoder);
        options.ItemPipeline = extractor;
        if (ranks.Rank == 0)
        {
            (options.Progress, options.StepProgress) = (epochs, epochs);
        }
        options.CancellationToken = cancellation;
        if (ranks.Size > 1)
        {
            options.Collective = ranks;
            if (encoder.CacheFolder is not null)
            {
                using EncoderLayersTransformer layers = extractor.Fit(data.Items);
                layers.FillCache(data.Items, ranks);
            }
        }

        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(test.TrainSet);

        if (ranks.Rank > 0)
        {
            return 0; // the first has the same model, and tells
        }

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
            Ranks = ranks.Size,
            Exchange = ranks.Size == 1 ? null : RankExchange.Of(ranks.Statistics),
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
