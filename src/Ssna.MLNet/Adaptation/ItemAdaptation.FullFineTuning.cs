using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>Every weight of the encoder's top layers is trained; its embeddings and the layers below are not.</summary>
    public sealed class FullFineTuning : TrainedEncoder
    {
        /// <summary>Layers that are trained, from the top, or 0 for all: the paper's n_t. Default 2.</summary>
        public int TopLayers = 2;

        private protected override void CheckMethod(EncoderConfiguration encoder) =>
            OptionsChecks.Require(
                TopLayers >= 0 && TopLayers <= encoder.LayerCount,
                TopLayers,
                "Adaptation.TopLayers",
                $"from 0 (all) to {encoder.LayerCount}, the layers of the encoder"
            );

        private protected override TextItemEncoder Create(ItemEncoderPlan plan, TextEncoder pretrained) =>
            new FullFineTuningEncoder(
                plan.Parameters,
                new FullFineTuningEncoderShape(
                    pretrained.Configuration,
                    pretrained.Precision,
                    TopLayers == 0 ? pretrained.LayerCount : TopLayers
                ),
                plan.Dimension,
                plan.Device,
                new EncoderTraining(pretrained, ActivationCheckpointing)
            );
    }
}
