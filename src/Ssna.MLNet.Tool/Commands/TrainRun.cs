using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Tool.Reports;
using Ssna.MLNet.Tool.Tables;
using Tools;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>Trains, saves and tests one model.</summary>
/// <param name="mlContext">The context.</param>
/// <param name="settings">How.</param>
/// <param name="terminal">Who is told.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class TrainRun(
    MLContext mlContext,
    TrainSettings settings,
    Terminal terminal,
    CancellationToken cancellation
)
{
    public TrainReport Execute(ShopData data)
    {
        OutputFile.Prepare(settings.Output);
        terminal.Say($"Reading {data.ItemsFrom}.");
        terminal.Say($"Reading {data.Interactions.From}.");
        SequenceDataView sequences = data.Interactions.Group(mlContext, cancellation);
        DataOperationsCatalog.TrainTestData? split = settings.NoTest
            ? null
            : mlContext.Data.LeaveOneOutSplit(sequences);

        using SsnaTransformer model = terminal.Work(progress =>
            Fit(data.Items, split?.TrainSet ?? sequences, progress)
        );
        model.Save(settings.Output);
        EvaluationReport? test = split is { TestSet: { } asked }
            ? EvaluationReport.Run(mlContext, model, asked, cancellation)
            : null;
        return TrainReport.Of(settings.Output, model, sequences.Summary, WithoutText(data.Items), test);
    }

    private SsnaTransformer Fit(IDataView items, IDataView training, IWorkProgress progress)
    {
        using SsnaTransformer? start = settings.StartFrom is { } path ? SsnaTransformer.Load(mlContext, path) : null;
        SsnaTrainer.Options options = settings.Training.TrainerOptions();
        if (settings.EncoderOptions() is { } encoder)
        {
            encoder.Hub = new ModelHub { Progress = progress };
            encoder.Progress = progress;
            encoder.CancellationToken = cancellation;
            options.ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers(encoder);
        }
        options.Items = items;
        options.StartFrom = start;
        (options.Progress, options.StepProgress) = (progress, progress);
        options.CancellationToken = cancellation;
        return mlContext.Recommendation().Trainers.Ssna(options).Fit(training);
    }

    private static int WithoutText(IDataView items) =>
        items.GetColumn<ReadOnlyMemory<char>>("Text").Count(text => text.Span.IsWhiteSpace());
}
