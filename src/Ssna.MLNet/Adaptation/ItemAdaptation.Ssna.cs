using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Model;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// An adapter beside each of the top layers of stored features, and their integration: the paper's SSNA. With one layer and
    /// <see cref="LayerIntegration.None"/> it is the paper's TMoE.
    /// </summary>
    public sealed class Ssna : Adapters
    {
        internal override ItemEncoder Create(ItemEncoderPlan plan) =>
            new SsnaEncoder(plan.Parameters, Shape(plan), plan.Dimension, Noise, plan.Device);
    }
}
