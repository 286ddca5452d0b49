using Ssna.MLNet.Items;
using Ssna.MLNet.Model.Items;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// Linear layers on the top layer of stored features, with a GELU between two of them and none behind the last: the
    /// paper's TMLP.
    /// </summary>
    /// <remarks>Of <see cref="SsnaTrainer.Options"/> it reads FeatureScaling and FeatureDropout, which acts on the features.</remarks>
    public sealed class TopMlp : ItemAdaptation
    {
        /// <summary>Linear layers, from 1 to 3: the paper's n_l. Default 2.</summary>
        public int LayerCount = 2;

        internal override IReadOnlyCollection<string> Reads =>
            [
                nameof(SsnaTrainer.Options.FeaturesColumnName),
                nameof(SsnaTrainer.Options.ItemPipeline),
                nameof(SsnaTrainer.Options.FeatureScaling),
                nameof(SsnaTrainer.Options.FeatureDropout),
            ];

        internal override void Check(SsnaTrainer.Options options) =>
            OptionsChecks.Require(LayerCount is >= 1 and <= 3, LayerCount, "Adaptation.LayerCount", "from 1 to 3");

        internal override ItemInputs InputsOf(SsnaTrainer.Options options) =>
            new FeatureInputs(options.FeaturesColumnName, Layers: 1, Width: null);

        internal override ItemEncoderShape ShapeOf(SsnaTrainer.Options options, torch.Tensor inputs, long steps) =>
            new TopMlpEncoderShape((int)inputs.shape[2], options.FeatureScaling, LayerCount);
    }
}
