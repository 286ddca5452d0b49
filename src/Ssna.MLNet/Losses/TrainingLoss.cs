using Ssna.MLNet.Losses;
using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>What training minimises: how the item that came next is told apart from others. One of the nested kinds.</summary>
/// <remarks>
/// Logits are the cosines of user and item embeddings divided by <see cref="Temperature"/>. A kind is its settings alone, and
/// answers what a batch must hold for it and what computes it in one training.
/// </remarks>
public abstract partial class TrainingLoss
{
    private protected TrainingLoss() { }

    /// <summary>What cosines are divided by: the paper's tau. Default 0.07.</summary>
    public float Temperature = 0.07f;

    /// <summary>The kind's name, such as Auto.</summary>
    public sealed override string ToString() => GetType().Name;

    /// <summary>Whether a batch's own items are all that its targets are told apart from.</summary>
    internal virtual bool StaysInBatch => false;

    /// <summary>What a batch must hold. Not asked of a kind that leaves it to the catalogue: see <see cref="For"/>.</summary>
    internal abstract BatchNeeds Needs { get; }

    /// <summary>The kind that this one means for a catalogue.</summary>
    /// <param name="itemCount">The items of the catalogue.</param>
    internal virtual TrainingLoss For(int itemCount) => this;

    /// <summary>What computes the loss in one training.</summary>
    /// <param name="targets">How often each item is to be predicted.</param>
    /// <param name="device">Where it is computed.</param>
    internal abstract BatchLoss Start(TargetCounts targets, torch.Device device);

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range; the message names it.</exception>
    internal virtual void Check() => OptionsChecks.Positive(Temperature, "Loss.Temperature");

    // More than that many would be drawn longer than a step may take, and each is an index in memory.
    private protected static void CheckNegatives(int negatives) =>
        OptionsChecks.Within(1, 1 << 24, negatives, "Loss.Negatives");

    internal TrainingLoss Clone() => (TrainingLoss)MemberwiseClone();

    /// <summary>Cross entropy over candidates, of which one is the target (the paper's equation 8, with the positive below the line).</summary>
    public abstract class CrossEntropy : TrainingLoss
    {
        private protected CrossEntropy() { }

        /// <summary>
        /// The share of the target's probability that is spread over all candidates. Default 0.1: it lifts validation recall
        /// and NDCG a little.
        /// </summary>
        public float LabelSmoothing = 0.1f;

        internal override void Check()
        {
            base.Check();
            OptionsChecks.Share(LabelSmoothing, "Loss.LabelSmoothing");
        }

        private protected CandidateLoss OfCandidates() => new(Temperature, LabelSmoothing);
    }
}
