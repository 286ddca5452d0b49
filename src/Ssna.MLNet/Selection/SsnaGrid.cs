namespace Microsoft.ML.Trainers.Recommender;

/// <summary>Grids that are ready made.</summary>
public static class SsnaGrid
{
    /// <summary>The grid that the paper searches for a kind of adaptation (its tables S1 to S3).</summary>
    /// <param name="adaptation">The kind; the same as the trainer's.</param>
    /// <returns>
    /// Batch sizes 32, 64, 128 and 256; for <see cref="ItemAdaptation.Ssna"/> that integrates layers with 2 and 3 of them, for
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
            ItemAdaptation.Ssna { Integration: LayerIntegration.None } => [Batch()],
            ItemAdaptation.Ssna => [Batch(), Layers()],
            ItemAdaptation.TopMlp => [Batch(), LinearLayers()],
            ItemAdaptation.LowRank => [Dropout()],
            ItemAdaptation.FullFineTuning => [TrainedLayers()],
            _ => throw new ArgumentOutOfRangeException(
                nameof(adaptation),
                $"expected a kind of adaptation that the paper searches a grid for, found {adaptation}."
            ),
        };
    }

    private static SsnaSearchAxis Batch() =>
        SsnaSearchAxis.Of(nameof(SsnaTrainer.Options.BatchSize), [32, 64, 128, 256], (o, size) => o.BatchSize = size);

    private static SsnaSearchAxis Layers() =>
        SsnaSearchAxis.Of(
            "Adaptation.LayerCount",
            [2, 3],
            (ItemAdaptation.Ssna ssna, int count) => ssna.LayerCount = count
        );

    private static SsnaSearchAxis LinearLayers() =>
        SsnaSearchAxis.Of(
            "Adaptation.LinearLayers",
            [1, 2, 3],
            (ItemAdaptation.TopMlp mlp, int count) => mlp.LinearLayers = count
        );

    private static SsnaSearchAxis Dropout() =>
        SsnaSearchAxis.Of(
            "Adaptation.Dropout",
            [0.1f, 0.2f, 0.3f],
            (ItemAdaptation.LowRank kind, float share) => kind.Dropout = share
        );

    private static SsnaSearchAxis TrainedLayers() =>
        SsnaSearchAxis.Of(
            "Adaptation.TopLayers",
            [2, 4, 6],
            (ItemAdaptation.FullFineTuning kind, int count) => kind.TopLayers = count
        );
}
