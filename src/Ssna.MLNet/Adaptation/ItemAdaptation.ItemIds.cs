using Ssna.MLNet.Ids;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model.Items;
using TorchSharp;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// A learned embedding an item, and nothing of its text: plain SASRec, to compare with. Items need no features; an item
    /// that was not trained on cannot be recommended.
    /// </summary>
    public sealed class ItemIds : ItemAdaptation
    {
        internal override IReadOnlyCollection<string> Reads => [];

        internal override ItemInputs InputsOf(SsnaTrainer.Options options) => new IdInputs();

        internal override ItemEncoderShape ShapeOf(SsnaTrainer.Options options, torch.Tensor inputs, long steps) =>
            new ItemTableShape((int)inputs.shape[0]);
    }
}
