using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model.Items;

namespace Ssna.MLNet.Model;

/// <summary>Everything that decides which weights a model has: what must be known before a file of weights can be read.</summary>
/// <param name="Items">What embeds the items.</param>
/// <param name="Dimension">Width of item and user embeddings: the paper's d.</param>
/// <param name="SequenceBlocks">Transformer blocks of the sequence model.</param>
/// <param name="AttentionHeads">Attention heads of a block.</param>
/// <param name="InnerSize">Width inside a block's feed-forward part.</param>
/// <param name="MaximumSequenceLength">Most recent items of a sequence that are looked at.</param>
internal sealed record SsnaModelShape(
    ItemEncoderShape Items,
    int Dimension,
    int SequenceBlocks,
    int AttentionHeads,
    int InnerSize,
    int MaximumSequenceLength
)
{
    /// <summary>The shape that a trainer's options ask for.</summary>
    /// <param name="options">The options.</param>
    /// <param name="items">What embeds the items.</param>
    public static SsnaModelShape Of(SsnaTrainer.Options options, ItemEncoderShape items) =>
        new(
            items,
            options.Dimension,
            options.SequenceBlocks,
            options.AttentionHeads,
            options.InnerSize,
            options.MaximumSequenceLength
        );
}
