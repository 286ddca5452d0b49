using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace QuickStart;

/// <summary>The settings of a model of the sample shop: small and quick, because the sample is; the defaults are for real catalogues.</summary>
internal static class SampleModel
{
    /// <param name="mlContext">The context.</param>
    /// <param name="items">What the shop sells: Item, Text.</param>
    /// <param name="encoder">The folder of the frozen encoder that reads the texts.</param>
    public static SsnaTrainer.Options Options(MLContext mlContext, IDataView items, string encoder) =>
        new()
        {
            Items = items,
            ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Text", model: encoder, layers: 2),
            Dimension = 64,
            Adaptation = new ItemAdaptation.Ssna { AdapterHeads = 2, FeatureDropout = 0 },
            SequenceModel = new SequenceModel.SASRec { InnerSize = 128, Dropout = 0.1f },
            Loss = new TrainingLoss.FullCatalogue { Temperature = 0.1f },
            BatchSize = 512,
            LearningRate = 0.006f,
            MaximumEpochs = 18,
            NumberOfThreads = 1, // matrices this small gain nothing from more
        };
}
