using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Model;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// SSNA, to which every item that is trained on adds an embedding of its own: text and id, as UniSRec's transductive setting
    /// has it (Hou et al., Towards Universal Sequence Representation Learning for Recommender Systems, KDD 2022). An item that is
    /// added later, or described anew, has its text alone.
    /// </summary>
    public sealed class SsnaWithIds : Adapters
    {
        internal override ItemEncoder Create(ItemEncoderPlan plan) =>
            new SsnaWithIdsEncoder(
                plan.Parameters,
                new SsnaWithIdsEncoderShape(Shape(plan), plan.Items.Count),
                plan.Dimension,
                Noise,
                plan.Device
            );

        internal override IEnumerable<MemoryPart> Memory(TrainingSize size) =>
            base.Memory(size).Append(ItemTableShape.Memory(size));
    }
}
