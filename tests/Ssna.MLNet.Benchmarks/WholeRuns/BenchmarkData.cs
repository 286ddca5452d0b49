using DataFolders;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>A folder's items and interactions, as training reads them.</summary>
internal sealed class BenchmarkData(MLContext mlContext, string folder)
{
    private readonly DataFolder _folder = new(mlContext, folder);

    public IDataView Items => _folder.Items;

    public IDataView Interactions => _folder.Interactions;

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
