using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class TrainingLoss
{
    /// <summary>
    /// Binary cross entropy of a target and of items drawn from the catalogue, shared by all cases of the batch, calibrated so
    /// that few negatives do not make the model overconfident. See Petrov and Macdonald, gSASRec: Reducing Overconfidence in
    /// Sequential Recommendation Trained with Negative Sampling, RecSys 2023 (the generalised binary cross entropy, gBCE).
    /// </summary>
    /// <remarks>
    /// The loss of a case is -beta log sigmoid(target's logit) - sum over its negatives of log(1 - sigmoid(logit)), with
    /// beta = 1 - t (1 - a), t the <see cref="Calibration"/> and a the share of the other items that are drawn. A negative that
    /// is the case's own target does not count. Logits are lowered by log(<see cref="Negatives"/> / beta), which no ranking sees:
    /// cosines are bounded, and would spend the first epochs on all becoming negative (Zhai et al., Sigmoid Loss for
    /// Language Image Pre-Training, 2023, start from such an offset for the same reason).
    /// </remarks>
    public sealed class BinaryCrossEntropy : TrainingLoss
    {
        /// <summary>Items drawn for every batch, evenly and with repetition. Default 256, as in gSASRec.</summary>
        public int Negatives = 256;

        /// <summary>
        /// The paper's t, from 0 (plain binary cross entropy) to 1 (scores that estimate probabilities over the whole
        /// catalogue). Default 0.75, as in gSASRec.
        /// </summary>
        public float Calibration = 0.75f;

        internal override BatchNeeds Needs => new(Negatives: Negatives);

        internal override BatchLoss Start(TargetCounts targets, Device device)
        {
            float beta = PositiveWeight(targets.Counts.Length);
            return new Running(new BinaryLoss(Temperature, beta, offset: MathF.Log(Negatives / beta)));
        }

        internal override void Check()
        {
            base.Check();
            CheckNegatives(Negatives);
            OptionsChecks.Require(Calibration is >= 0 and <= 1, Calibration, "Loss.Calibration", "from 0 to 1");
        }

        /// <summary>beta of the remarks.</summary>
        internal float PositiveWeight(int itemCount)
        {
            double drawn = Math.Min(1, Negatives / Math.Max(1.0, itemCount - 1));
            return (float)(1 - (Calibration * (1 - drawn))); // at least the share that is drawn, so never 0
        }

        private sealed class Running(BinaryLoss loss) : BatchLoss
        {
            public override Tensor Candidates(Tensor items, LossInput batch) => items.narrow(0, 0, batch.Candidates); // (C, d)

            public override LossGradients Compute(Tensor users, Tensor candidates, LossInput batch, ForwardPass pass)
            {
                // bincount would have a GPU wait, to find the largest.
                using Tensor once = ones_like(batch.Negatives); // (K)
                using Tensor times = zeros(candidates.shape[0], dtype: ScalarType.Int64, device: users.device); // (C)
                times.scatter_add_(0, batch.Negatives, once);
                using Tensor targets = batch.OwnTargets(); // (p)
                return loss.Compute(users, candidates, targets, times, batch.Targets.shape[0], pass);
            }
        }
    }
}
