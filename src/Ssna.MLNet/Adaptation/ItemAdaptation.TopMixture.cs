using Ssna.MLNet.Items;
using Ssna.MLNet.Model.Items;
using TorchSharp;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>SSNA's adapter on the top layer of stored features alone, without integration: the paper's TMoE.</summary>
    /// <remarks>
    /// Its settings are those of <see cref="SsnaTrainer.Options"/>: AdapterHeads, FeatureScaling, RoutingNoiseFloor and
    /// FeatureDropout. SSNA with one layer is another model: it keeps the GRU.
    /// </remarks>
    public sealed class TopMixture : ItemAdaptation
    {
        internal override IReadOnlyCollection<string> Reads =>
            [
                nameof(SsnaTrainer.Options.FeaturesColumnName),
                nameof(SsnaTrainer.Options.ItemPipeline),
                nameof(SsnaTrainer.Options.AdapterHeads),
                nameof(SsnaTrainer.Options.FeatureScaling),
                nameof(SsnaTrainer.Options.RoutingNoiseFloor),
                nameof(SsnaTrainer.Options.FeatureDropout),
            ];

        internal override ItemInputs InputsOf(SsnaTrainer.Options options) =>
            new FeatureInputs(options.FeaturesColumnName, Layers: 1, Width: null);

        internal override ItemEncoderShape ShapeOf(SsnaTrainer.Options options, torch.Tensor inputs, long steps) =>
            new TopMixtureEncoderShape((int)inputs.shape[2], options.FeatureScaling, options.AdapterHeads);
    }
}
