namespace Ssna.MLNet.Encoders;

/// <summary>What a family's <c>config.json</c> calls the sizes.</summary>
/// <param name="Width">Numbers in a hidden state.</param>
/// <param name="Layers">Their count.</param>
/// <param name="Heads">Attention heads in a layer.</param>
/// <param name="Inner">Width of the feed-forward block.</param>
/// <param name="Activation">The function between the two matrices of that block.</param>
/// <param name="TokenTypes">Rows of the token type embeddings; null where the family has none.</param>
/// <param name="NormEpsilon">What is added to the variance in a layer norm; null where it is 1e-12, always.</param>
internal sealed record ConfigurationFields(
    string Width,
    string Layers,
    string Heads,
    string Inner,
    string Activation,
    string? TokenTypes,
    string? NormEpsilon
)
{
    /// <summary>BERT's, which most families have taken over.</summary>
    public static readonly ConfigurationFields Common = new(
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "hidden_act",
        "type_vocab_size",
        "layer_norm_eps"
    );
}
