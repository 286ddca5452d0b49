using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// AdaLoRA: LoRA with singular values between its matrices, of which the least important are set to zero in the course of
    /// training, so that maps that need more rank have more of it. See Zhang et al., Adaptive Budget Allocation for
    /// Parameter-Efficient Fine-Tuning, 2023; computed as Hugging Face's PEFT does.
    /// </summary>
    public sealed class AdaLoRA : LowRank
    {
        /// <summary>The rank of every map's matrices at the start. Default 12.</summary>
        public int InitialRank = 12;

        /// <summary>The mean rank at the end, from 1 to <see cref="InitialRank"/>. Default 8.</summary>
        public int TargetRank = 8;

        /// <summary>Steps before the first singular value is set to zero. Default 0.</summary>
        public int WarmUpSteps;

        /// <summary>Steps at the end in which no choice changes any more. Default 0.</summary>
        public int FinalSteps;

        /// <summary>
        /// The steps over which ranks go down from the initial to the target one, warm-up and final ones included; null takes
        /// those of <see cref="TrainingOptions.MaximumEpochs"/> epochs, or <see cref="TrainingOptions.MaximumSteps"/>
        /// where those are fewer. Default null.
        /// </summary>
        public int? TotalSteps;

        /// <summary>Steps from one choice to the next. Default 1.</summary>
        public int Interval = 1;

        /// <summary>Decay of the average of a weight's importance. Default 0.85.</summary>
        public float Beta1 = 0.85f;

        /// <summary>Decay of the average of how much that importance changes. Default 0.85.</summary>
        public float Beta2 = 0.85f;

        /// <summary>What the matrices' distance from orthogonal ones weighs in the loss. Default 0.5.</summary>
        public float OrthogonalityWeight = 0.5f;

        private protected override int FirstRank => InitialRank;

        internal override string FaultOfAverages => "an average of weights has not the ranks that it gives out";

        private protected override void CheckRanks()
        {
            OptionsChecks.AtLeast(1, InitialRank, "Adaptation.InitialRank");
            OptionsChecks.Require(
                TargetRank >= 1 && TargetRank <= InitialRank,
                TargetRank,
                "Adaptation.TargetRank",
                $"from 1 to InitialRank, which is {InitialRank}"
            );
            OptionsChecks.AtLeast(0, WarmUpSteps, "Adaptation.WarmUpSteps");
            OptionsChecks.AtLeast(0, FinalSteps, "Adaptation.FinalSteps");
            OptionsChecks.AtLeast(1, Interval, "Adaptation.Interval");
            OptionsChecks.Share(Beta1, "Adaptation.Beta1");
            OptionsChecks.Share(Beta2, "Adaptation.Beta2");
            OptionsChecks.Require(
                OrthogonalityWeight >= 0 && float.IsFinite(OrthogonalityWeight),
                OrthogonalityWeight,
                "Adaptation.OrthogonalityWeight",
                "a number of at least 0"
            );
            if (TotalSteps is { } total)
            {
                CheckSteps(total);
            }
        }

        private protected override TextItemEncoder Create(ItemEncoderPlan plan, TextEncoder pretrained)
        {
            long steps = TotalSteps ?? plan.Steps;
            CheckSteps(steps);
            return new AdaLoRAEncoder(
                plan.Parameters,
                new AdaLoRAEncoderShape(
                    pretrained.Configuration,
                    pretrained.Precision,
                    TargetProjections,
                    InitialRank,
                    Alpha,
                    Dropout,
                    OrthogonalityWeight,
                    new RankSchedule(TargetRank, WarmUpSteps, FinalSteps, steps, Interval, Beta1, Beta2)
                ),
                plan.Dimension,
                plan.Device,
                Training(pretrained)
            );
        }

        private void CheckSteps(long total) =>
            OptionsChecks.Require(
                WarmUpSteps + (long)FinalSteps < total,
                WarmUpSteps + (long)FinalSteps,
                "Adaptation.WarmUpSteps and FinalSteps",
                $"less than the {total} steps of training together"
            );
    }
}
