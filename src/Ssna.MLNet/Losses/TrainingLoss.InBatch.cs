using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class TrainingLoss
{
    /// <summary>Tells a target apart from the targets of the other users in the batch: the paper's equation 8.</summary>
    public sealed class InBatch : CrossEntropy
    {
        /// <summary>Whether items of a case's own history are no negatives of it. Default false.</summary>
        public bool MaskHistory;

        /// <summary>Whether logits are corrected for how often an item is a target (logQ). Default false.</summary>
        public bool LogQCorrection;

        internal override bool StaysInBatch => true;

        internal override BatchNeeds Needs => new(FindSeen: MaskHistory, OtherUsers: true);

        internal override BatchLoss Start(TargetCounts targets, Device device)
        {
            using var scope = NewDisposeScope();
            Tensor? logQ = LogQCorrection
                ? DeviceMemory.Upload(
                    device,
                    tensor(targets.Counts, ScalarType.Float32).Over((float)targets.Cases).log()
                ) // (I)
                : null;
            return new Running(OfCandidates(), logQ);
        }

        private sealed class Running(CandidateLoss loss, Tensor? logQ) : BatchLoss
        {
            private readonly Tensor? _logQ = logQ?.DetachFromDisposeScope(); // (I)

            public override Tensor Candidates(Tensor items, LossInput batch) => items.index_select(0, batch.Targets); // (P, d)

            public override LossGradients Compute(Tensor users, Tensor candidates, LossInput batch, ForwardPass pass)
            {
                using var scope = NewDisposeScope();
                Tensor targets = batch.Targets; // (P)
                var mask = new InBatchMask(targets, batch.Users, batch.Seen);
                Tensor? bias = _logQ?.index_select(0, batch.Items!).index_select(0, targets).neg(); // (P)
                (long first, long count) = batch.Own;
                Tensor own = TensorArithmetic.Counting(targets.shape[0], targets.device).narrow(0, first, count); // (p)
                return loss.Compute(users, candidates, own, Mask, bias, targets.shape[0], pass)
                    .MoveToOuterDisposeScope();

                Tensor Mask(long from, long rows) => mask.Rows(first + from, rows);
            }

            public override void Dispose()
            {
                _logQ?.Dispose();
                base.Dispose();
            }
        }
    }
}
