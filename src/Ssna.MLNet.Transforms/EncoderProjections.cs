namespace Microsoft.ML.Transforms;

/// <summary>The linear maps of an encoder's layer, which low-rank adaptation can add to.</summary>
[Flags]
public enum EncoderProjections
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>The queries of self-attention: <c>query</c> in BERT and RoBERTa, <c>q_lin</c> in DistilBERT, <c>attn.q</c> in MPNet.</summary>
    Query = 1,

    /// <summary>The keys of self-attention: <c>key</c>, <c>k_lin</c>, <c>attn.k</c>.</summary>
    Key = 2,

    /// <summary>The values of self-attention: <c>value</c>, <c>v_lin</c>, <c>attn.v</c>.</summary>
    Value = 4,

    /// <summary>What joins the attention heads: <c>attention.output.dense</c>, <c>out_lin</c>, <c>attn.o</c>.</summary>
    AttentionOutput = 8,

    /// <summary>The first map of the feed-forward block: <c>intermediate.dense</c>, <c>lin1</c>.</summary>
    FeedForwardInner = 16,

    /// <summary>The second map of the feed-forward block: <c>output.dense</c>, <c>lin2</c>.</summary>
    FeedForwardOutput = 32,
}
