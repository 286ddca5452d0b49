using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>The sequential recommender among ML.NET's recommendation trainers, Microsoft's and this library's.</summary>
public static class SsnaCatalog
{
    /// <summary>
    /// Create <see cref="SsnaTrainer"/>, which learns from sequences of items, and from the items' text features, what a
    /// user takes next.
    /// </summary>
    /// <param name="trainers">The recommendation trainers.</param>
    /// <param name="items">
    /// The item catalogue: one row an item, with <paramref name="itemColumnName"/> and <paramref name="featuresColumnName"/>.
    /// </param>
    /// <param name="sequenceColumnName">
    /// The column of the training data with each user's item ids, oldest first: a vector of text, keys or integers.
    /// </param>
    /// <param name="itemColumnName">The column of <paramref name="items"/> with the id.</param>
    /// <param name="featuresColumnName">
    /// The column of <paramref name="items"/> with the features: a (layers, width) vector of <see cref="float"/> with the
    /// top layer first, as <c>Transforms.Text.ExtractEncoderLayers</c> makes it, or a plain vector, which is one layer.
    /// </param>
    /// <param name="layerCount">How many of the top layers get an adapter: the paper's a.</param>
    /// <param name="topK">How many items the recommendation columns hold at most.</param>
    /// <param name="maximumEpochs">Epochs at most; training ends early once validation stops getting better.</param>
    public static SsnaTrainer Ssna(
        this TrainCatalogBase.CatalogInstantiatorBase trainers,
        IDataView items,
        string sequenceColumnName = "Sequence",
        string itemColumnName = "Item",
        string featuresColumnName = "Layers",
        int layerCount = EncoderLayersEstimator.DefaultLayers,
        int topK = 10,
        int maximumEpochs = 100
    ) =>
        new(
            CatalogUtils.GetEnvironment(trainers),
            new SsnaTrainer.Options
            {
                Items = items,
                SequenceColumnName = sequenceColumnName,
                ItemColumnName = itemColumnName,
                Adaptation = new ItemAdaptation.Ssna
                {
                    FeaturesColumnName = featuresColumnName,
                    LayerCount = layerCount,
                },
                TopK = topK,
                MaximumEpochs = maximumEpochs,
            }
        );

    /// <summary>Create <see cref="SsnaTrainer"/> with all its options.</summary>
    /// <param name="trainers">The recommendation trainers.</param>
    /// <param name="options">The options; later changes to them do not reach the trainer.</param>
    public static SsnaTrainer Ssna(
        this TrainCatalogBase.CatalogInstantiatorBase trainers,
        SsnaTrainer.Options options
    ) => new(CatalogUtils.GetEnvironment(trainers), options);
}
