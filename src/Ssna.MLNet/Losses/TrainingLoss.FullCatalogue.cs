using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class TrainingLoss
{
    /// <summary>Tells a target apart from every item of the catalogue.</summary>
    public sealed class FullCatalogue : CrossEntropy
    {
        internal override BatchNeeds Needs => new(WholeCatalogue: true);

        internal override BatchLoss Start(TargetCounts targets, Device device) => new Running(OfCandidates());

        private sealed class Running(CandidateLoss loss) : BatchLoss
        {
            public override Tensor Candidates(Tensor items, LossInput batch) => items; // (I, d)

            public override LossGradients Compute(Tensor users, Tensor candidates, LossInput batch, ForwardPass pass)
            {
                using Tensor targets = batch.OwnTargets(); // (p)
                return loss.Compute(users, candidates, targets, mask: null, bias: null, batch.Targets.shape[0], pass);
            }
        }
    }
}
