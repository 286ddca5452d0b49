using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class TrainingLoss
{
    /// <summary>
    /// Tells a target apart from the targets of the batch and from items drawn from the catalogue, shared by all cases of the
    /// batch; logits are corrected for how likely each item is to be among them (logQ), so that the sum stands for the whole
    /// catalogue. See Yang et al., Mixed Negative Sampling for Learning Two-tower Neural Networks in Recommendations, 2020.
    /// </summary>
    public sealed class SampledCatalogue : CrossEntropy
    {
        internal const int UsualNegatives = 8192;

        /// <summary>
        /// Items drawn for every batch, evenly and with repetition, to join the batch's targets as candidates. Default 8,192.
        /// </summary>
        public int Negatives = UsualNegatives;

        internal override BatchNeeds Needs => new(Negatives: Negatives);

        internal override BatchLoss Start(TargetCounts targets, Device device)
        {
            using Tensor logQ = tensor(LogOfBeingCandidate(targets), ScalarType.Float32); // (I)
            return new Running(OfCandidates(), DeviceMemory.Upload(device, logQ));
        }

        internal override void Check()
        {
            base.Check();
            CheckNegatives(Negatives);
        }

        // The chance of each item to be a target of the batch or one of the drawn negatives, as logarithms: (I).
        private float[] LogOfBeingCandidate(TargetCounts targets)
        {
            double batch = Math.Min(targets.BatchSize, targets.Cases);
            double cases = targets.Cases;
            double notDrawn = Negatives * Math.Log(1 - (1.0 / targets.Counts.Length)); // logarithm of the chance
            return Array.ConvertAll(
                targets.Counts,
                count => (float)Math.Log(1 - Math.Exp((batch * Math.Log(1 - (count / cases))) + notDrawn))
            );
        }

        private sealed class Running(CandidateLoss loss, Tensor logQ) : BatchLoss
        {
            private readonly Tensor _logQ = logQ.DetachFromDisposeScope(); // (I)

            public override Tensor Candidates(Tensor items, LossInput batch) => items.narrow(0, 0, batch.Candidates); // (C, d)

            public override LossGradients Compute(Tensor users, Tensor candidates, LossInput batch, ForwardPass pass)
            {
                using Tensor chosen = batch.Items!.narrow(0, 0, batch.Candidates); // (C)
                using Tensor probable = _logQ.index_select(0, chosen); // (C)
                using Tensor bias = probable.neg(); // (C)
                using Tensor targets = batch.OwnTargets(); // (p)
                return loss.Compute(users, candidates, targets, mask: null, bias, batch.Targets.shape[0], pass);
            }

            public override void Dispose()
            {
                _logQ.Dispose();
                base.Dispose();
            }
        }
    }
}
