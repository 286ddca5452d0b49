using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>A folder of items.tsv (item, text) and interactions.tsv (user, item, order), as training reads it.</summary>
internal sealed class BenchmarkData(MLContext mlContext, string folder)
{
    public IDataView Items { get; } =
        mlContext.Data.LoadFromTextFile(
            Path.Combine(folder, "items.tsv"),
            [new("Item", DataKind.String, 0), new("Text", DataKind.String, 1)],
            hasHeader: true
        );

    public IDataView Interactions { get; } =
        mlContext.Data.LoadFromTextFile(
            Path.Combine(folder, "interactions.tsv"),
            [new("User", DataKind.String, 0), new("Item", DataKind.String, 1), new("Time", DataKind.Int64, 2)],
            hasHeader: true
        );

    /// <summary>The items' features from an encoder's top layers.</summary>
    public ItemTable Features(string model, string? cache, int layers)
    {
        var extract = mlContext.Transforms.Text.ExtractEncoderLayers(
            new EncoderLayersEstimator.Options
            {
                OutputColumnName = "Layers",
                InputColumnName = "Text",
                Model = model,
                Layers = layers,
                CacheFolder = cache,
            }
        );
        using EncoderLayersTransformer transformer = extract.Fit(Items);
        return new FeatureInputs("Layers", layers, Width: null).Read(
            mlContext,
            transformer.Transform(Items),
            "Item",
            RunContext.None
        );
    }

    /// <summary>Each user's items but the last, which leave-one-out keeps for the test.</summary>
    public IDataView TrainingSequences() =>
        mlContext.Data.LeaveOneOutSplit(mlContext.Data.GroupIntoSequences(Interactions)).TrainSet;
}
