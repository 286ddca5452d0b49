using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// LoRA: two matrices of low rank beside some linear maps of every layer are trained, and the encoder's own weights are
    /// not. See Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, 2021.
    /// </summary>
    public sealed class LoRA : LowRank
    {
        /// <summary>The rank of the matrices: r. Default 8.</summary>
        public int Rank = 8;

        private protected override int FirstRank => Rank;

        private protected override void CheckRanks() => OptionsChecks.AtLeast(1, Rank, "Adaptation.Rank");

        private protected override TextItemEncoder Create(ItemEncoderPlan plan, TextEncoder pretrained) =>
            new LoRAEncoder(
                plan.Parameters,
                new LoRAEncoderShape(
                    pretrained.Configuration,
                    pretrained.Precision,
                    TargetProjections,
                    Rank,
                    Alpha,
                    Dropout
                ),
                plan.Dimension,
                plan.Device,
                Training(pretrained)
            );
    }
}
