using Ssna.MLNet.Items;
using Ssna.MLNet.Model.Items;
using TorchSharp;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// An adapter beside each of the top <see cref="SsnaTrainer.Options.LayerCount"/> layers of stored features, and their
    /// integration: the paper's SSNA.
    /// </summary>
    /// <remarks>
    /// Its settings are those of <see cref="SsnaTrainer.Options"/>: LayerCount, AdapterHeads, Integration, FeatureScaling,
    /// RoutingNoiseFloor and FeatureDropout.
    /// </remarks>
    public sealed class Ssna : ItemAdaptation
    {
        internal override IReadOnlyCollection<string> Reads =>
            [
                nameof(SsnaTrainer.Options.FeaturesColumnName),
                nameof(SsnaTrainer.Options.ItemPipeline),
                nameof(SsnaTrainer.Options.LayerCount),
                nameof(SsnaTrainer.Options.AdapterHeads),
                nameof(SsnaTrainer.Options.Integration),
                nameof(SsnaTrainer.Options.FeatureScaling),
                nameof(SsnaTrainer.Options.RoutingNoiseFloor),
                nameof(SsnaTrainer.Options.FeatureDropout),
            ];

        internal override ItemInputs InputsOf(SsnaTrainer.Options options) =>
            new FeatureInputs(options.FeaturesColumnName, options.LayerCount, Width: null);

        internal override ItemEncoderShape ShapeOf(SsnaTrainer.Options options, torch.Tensor inputs, long steps) =>
            new SsnaEncoderShape(
                options.LayerCount,
                (int)inputs.shape[2],
                options.FeatureScaling,
                options.AdapterHeads,
                options.Integration
            );
    }
}
