using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using QuickStart;

namespace LiveShop.Training;

/// <summary>Trains the shop's model where there is none yet.</summary>
internal static class FirstModel
{
    /// <summary>Does nothing where the model is there; else trains it and saves it, whole or not at all.</summary>
    /// <param name="settings">The data, and where the model belongs.</param>
    /// <param name="output">Where progress is written, a line an epoch.</param>
    /// <param name="cancellation">Stops the training.</param>
    public static void EnsureTrained(ShopSettings settings, TextWriter output, CancellationToken cancellation)
    {
        if (File.Exists(settings.Model))
        {
            return;
        }
        output.WriteLine($"There is no '{settings.Model}' yet: training one on '{settings.Data}'.");
        var mlContext = new MLContext(seed: 1);
        IDataView items = ShopTables.Items(mlContext, settings.Data);
        IDataView interactions = ShopTables.Interactions(mlContext, settings.Data);
        SsnaTrainer.Options options = settings.IsSample
            ? SampleModel.Options(mlContext, items, settings.Encoder)
            : new()
            {
                Items = items,
                ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers(
                    "Layers",
                    "Text",
                    model: settings.Encoder,
                    layers: 2
                ),
            };
        options.Progress = new EpochLines(output);
        options.CancellationToken = cancellation;
        using SsnaTransformer model = mlContext
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(mlContext.Data.GroupIntoSequences(interactions));
        if (Path.GetDirectoryName(Path.GetFullPath(settings.Model)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }
        model.Save(settings.Model);
        output.WriteLine($"Saved as '{settings.Model}'.");
    }

    /// <summary>Writes at once, on the training's own thread; <see cref="Progress{T}"/> would write later and out of order.</summary>
    private sealed class EpochLines(TextWriter output) : IProgress<SsnaTrainingProgress>
    {
        public void Report(SsnaTrainingProgress value) =>
            output.WriteLine(
                $"Epoch {value.Epoch} of at most {value.MaximumEpochs}: loss {value.Loss:F3}, "
                    + $"validation Recall@10 {value.ValidationRecallAt10:F3}"
            );
    }
}
