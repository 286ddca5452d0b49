using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Model;

/// <summary>Everything that decides which weights a model has: what must be known before a file of weights can be read.</summary>
/// <param name="LayerCount">Feature layers with an adapter each: the paper's a.</param>
/// <param name="FeatureWidth">Width of a feature layer: the paper's D.</param>
/// <param name="Dimension">Width of item and user embeddings: the paper's d.</param>
/// <param name="AdapterHeads">Projection heads of an adapter: the paper's n_p.</param>
/// <param name="Integration">How the layers are joined.</param>
/// <param name="SequenceBlocks">Transformer blocks of the sequence model.</param>
/// <param name="AttentionHeads">Attention heads of a block.</param>
/// <param name="InnerSize">Width inside a block's feed-forward part.</param>
/// <param name="MaximumSequenceLength">Most recent items of a sequence that are looked at.</param>
internal sealed record SsnaModelShape(
    int LayerCount,
    int FeatureWidth,
    int Dimension,
    int AdapterHeads,
    LayerIntegration Integration,
    int SequenceBlocks,
    int AttentionHeads,
    int InnerSize,
    int MaximumSequenceLength
);
