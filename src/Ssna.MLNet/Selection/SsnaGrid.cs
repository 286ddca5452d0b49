using Ssna.MLNet.Training;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>Grids that are ready made.</summary>
public static class SsnaGrid
{
    /// <summary>The grid that the paper searches for a kind of adaptation (its tables S1 to S3).</summary>
    /// <param name="adaptation">The kind; the same as the trainer's. Its own settings are not looked at.</param>
    /// <returns>
    /// Batch sizes 32, 64, 128 and 256; for <see cref="ItemAdaptation.Ssna"/> with 2 and 3 layers, for
    /// <see cref="ItemAdaptation.TopMlp"/> with 1 to 3 linear layers. For <see cref="ItemAdaptation.LoRA"/> and
    /// <see cref="ItemAdaptation.AdaLoRA"/> dropouts of 0.1, 0.2 and 0.3, for <see cref="ItemAdaptation.FullFineTuning"/> the top
    /// 2, 4 and 6 layers, at the batch size of the options.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The paper has no grid for this kind.</exception>
    public static IReadOnlyList<SsnaSearchAxis> Paper(ItemAdaptation adaptation)
    {
        ArgumentNullException.ThrowIfNull(adaptation);
        return adaptation switch
        {
            ItemAdaptation.Ssna => [Batch(), Layers()],
            ItemAdaptation.TopMlp => [Batch(), LinearLayers()],
            ItemAdaptation.TopMixture => [Batch()],
            ItemAdaptation.LowRank => [Dropout()],
            ItemAdaptation.FullFineTuning => [TrainedLayers()],
            _ => throw new ArgumentOutOfRangeException(
                nameof(adaptation),
                $"expected a kind of adaptation that the paper searches a grid for, found {adaptation.Name}."
            ),
        };
    }

    private static SsnaSearchAxis Batch() =>
        SsnaSearchAxis.Of(nameof(SsnaTrainer.Options.BatchSize), [32, 64, 128, 256], (o, size) => o.BatchSize = size);

    private static SsnaSearchAxis Layers() =>
        SsnaSearchAxis.Of(nameof(SsnaTrainer.Options.LayerCount), [2, 3], (o, count) => o.LayerCount = count);

    private static SsnaSearchAxis LinearLayers() =>
        SsnaSearchAxis.Of(
            "Adaptation.LayerCount",
            [1, 2, 3],
            (o, count) => Adaptation<ItemAdaptation.TopMlp>(o).LayerCount = count
        );

    private static SsnaSearchAxis Dropout() =>
        SsnaSearchAxis.Of(
            "Adaptation.Dropout",
            [0.1f, 0.2f, 0.3f],
            (o, share) => Adaptation<ItemAdaptation.LowRank>(o).Dropout = share
        );

    private static SsnaSearchAxis TrainedLayers() =>
        SsnaSearchAxis.Of(
            "Adaptation.TopLayers",
            [2, 4, 6],
            (o, count) => Adaptation<ItemAdaptation.FullFineTuning>(o).TopLayers = count
        );

    // Every point has an adaptation of its own, so its fields can be set.
    private static T Adaptation<T>(SsnaTrainer.Options options)
        where T : ItemAdaptation
    {
        OptionsChecks.Require(
            options.Adaptation is T,
            options.Adaptation?.Name,
            nameof(options.Adaptation),
            $"{typeof(T).Name}, which the grid is for"
        );
        return (T)options.Adaptation!;
    }
}
