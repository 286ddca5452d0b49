using System.Globalization;
using DataFolders;
using Experiments.Runs;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Tools;

namespace Experiments.Retrain;

/// <summary>Trains on yesterday's interactions, goes on with today's in several ways, and trains on today's anew.</summary>
/// <param name="settings">What was asked for.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class RetrainRun(RetrainSettings settings, CancellationToken cancellation)
{
    private readonly MLContext _mlContext = new(settings.Seed);
    private readonly List<RetrainFigures> _figures = [];

    public int Execute()
    {
        TrainerLog.Listen(_mlContext, Console.WriteLine);
        var folder = new DataFolder(_mlContext, settings.Data);
        var data = new RetrainData(_mlContext, folder.Interactions);
        Console.WriteLine(
            $"{data.OldInteractions:N0} interactions, {data.NewInteractions:N0} new ones; {Machine.This}"
        );
        // Read once, so that times are those of training alone.
        IDataView items = _mlContext.Data.Cache(Features(folder.Items));

        using SsnaTransformer yesterday = Train("the 80 %", items, data.Yesterday, data.Test);
        using SsnaTransformer today = Train("the 90 %, anew", items, data.Today, data.Test);
        foreach (float rate in settings.Rates)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"gone on, LearningRate {rate}");
            using SsnaTransformer model = Train(name, items, data.Today, data.Test, yesterday, rate: rate);
        }
        foreach (FrozenPart frozen in Enum.GetValues<FrozenPart>())
        {
            string name = frozen == FrozenPart.None ? "gone on" : $"gone on, {frozen} frozen";
            using SsnaTransformer model = Train(name, items, data.Today, data.Test, yesterday, frozen);
        }
        RetrainTable.Print(_figures, Console.Out);
        if (settings.Json is { } json)
        {
            JsonFiles.Write(json, _figures);
        }
        return 0;
    }

    private IDataView Features(IDataView items) =>
        _mlContext
            .Transforms.Text.ExtractEncoderLayers(
                new EncoderLayersEstimator.Options
                {
                    OutputColumnName = new ItemAdaptation.Ssna().FeaturesColumnName,
                    InputColumnName = "Text",
                    Model = settings.Model,
                    CacheFolder = settings.Cache,
                    NumberOfThreads = settings.Threads,
                    Progress = new ExtractionProgress(),
                    CancellationToken = cancellation,
                }
            )
            .Fit(items)
            .Transform(items);

    private SsnaTransformer Train(
        string name,
        IDataView items,
        IDataView training,
        IDataView test,
        SsnaTransformer? start = null,
        FrozenPart frozen = FrozenPart.None,
        float? rate = null
    )
    {
        var options = new SsnaTrainer.Options
        {
            Items = items,
            StartFrom = start,
            FrozenPart = frozen,
            LearningRate = rate,
            Seed = settings.Seed,
            NumberOfThreads = settings.Threads,
            Progress = new EpochProgress(),
            CancellationToken = cancellation,
        };
        options.MaximumEpochs = settings.Epochs ?? options.MaximumEpochs;
        options.Dimension = settings.Dimension ?? options.Dimension;
        if (start is not null)
        {
            options.Patience = settings.Patience ?? options.Patience;
        }
        SsnaTransformer model = Load(name) ?? Fit(name, options, training);
        ItemRankingMetrics metrics = _mlContext
            .Recommendation()
            .EvaluateRanking(model.Transform(test), cutoffs: [10], cancellationToken: cancellation);
        _figures.Add(
            new(
                name,
                metrics.All.Recall(10),
                metrics.All.Ndcg(10),
                metrics.ExcludeSeen!.Recall(10),
                metrics.ExcludeSeen.Ndcg(10),
                model.Training.Epochs.Count,
                model.Training.BestEpoch,
                model.Training.Duration.TotalSeconds
            )
        );
        return model;
    }

    private SsnaTransformer? Load(string name) =>
        File.Exists(PathOf(name)) ? SsnaTransformer.Load(_mlContext, PathOf(name)) : null;

    private SsnaTransformer Fit(string name, SsnaTrainer.Options options, IDataView training)
    {
        Console.WriteLine(name);
        SsnaTransformer model = _mlContext.Recommendation().Trainers.Ssna(options).Fit(training);
        model.Save(PathOf(name));
        return model;
    }

    private string PathOf(string name) =>
        Path.Combine(
            Directory.CreateDirectory(settings.Output).FullName,
            string.Concat(name.Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '.')) + ".zip"
        );
}
