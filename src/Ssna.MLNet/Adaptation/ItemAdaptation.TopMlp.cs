using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// Linear layers on the top layer of stored features, with a GELU between two of them and none behind the last: the
    /// paper's TMLP.
    /// </summary>
    public sealed class TopMlp : StoredFeatures
    {
        /// <summary>Linear layers, from 1 to 3: the paper's n_l. Default 2.</summary>
        public int LinearLayers = 2;

        private protected override int LayersRead => 1;

        internal override void Check()
        {
            base.Check();
            OptionsChecks.Within(1, 3, LinearLayers, "Adaptation.LinearLayers");
        }

        internal override ItemEncoder Create(ItemEncoderPlan plan) =>
            new TopMlpEncoder(
                plan.Parameters,
                new TopMlpEncoderShape((int)plan.Items.Rows.shape[2], FeatureScaling, LinearLayers),
                plan.Dimension,
                FeatureDropout,
                plan.Device
            );
    }
}
