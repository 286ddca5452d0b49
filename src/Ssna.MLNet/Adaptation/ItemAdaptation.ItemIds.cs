using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// A learned embedding an item, and nothing of its text: plain SASRec, to compare with. Items need no features; an item
    /// that was not trained on cannot be recommended.
    /// </summary>
    public sealed class ItemIds : ItemAdaptation
    {
        internal override ItemInputs Inputs() => new IdInputs();

        internal override ItemEncoder Create(ItemEncoderPlan plan) =>
            new ItemTableEncoder(plan.Parameters, new ItemTableShape(plan.Items.Count), plan.Dimension);

        internal override IEnumerable<MemoryPart> Memory(TrainingSize size) => [ItemTableShape.Memory(size)];
    }
}
