using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Features;

/// <summary>What an extraction's values depend on, beside the model, and how it works; a saved transformer holds it.</summary>
/// <param name="Layers">Layers from the top.</param>
/// <param name="MaximumTokens">The most tokens of a text, special ones included.</param>
/// <param name="LookAheadRows">Rows of a window.</param>
/// <param name="TokensPerBatch">Tokens computed at once, padding included.</param>
/// <param name="MemoryBudget">Bytes of results in memory at most.</param>
/// <param name="CacheFolder">The folder of results, or null.</param>
/// <param name="StoreWeights">Whether a saved transformer holds the weights.</param>
internal sealed record ExtractionSettings(
    int Layers,
    int MaximumTokens,
    int LookAheadRows,
    int TokensPerBatch,
    long MemoryBudget,
    string? CacheFolder,
    bool StoreWeights
)
{
    /// <summary>The options, checked against the encoder that they are for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The encoder is too small for what they ask.</exception>
    public static ExtractionSettings Create(EncoderLayersEstimator.Options options, EncoderModel model)
    {
        TextEncoder encoder = model.Encoder;
        int tokens =
            options.MaximumTokens ?? Math.Min(encoder.MaximumTokens, model.Tokenizer.MaximumTokens ?? int.MaxValue);
        string? fault =
            options.Layers > encoder.LayerCount
                ? $"{nameof(options.Layers)}: the encoder '{options.Model}' has {encoder.LayerCount} layers, found {options.Layers}."
            : tokens > encoder.MaximumTokens
                ? $"{nameof(options.MaximumTokens)}: the encoder '{options.Model}' takes at most {encoder.MaximumTokens} tokens, found {tokens}."
            : null;
        if (fault is not null)
        {
            throw new ArgumentOutOfRangeException(nameof(options), fault);
        }
        return new(
            options.Layers,
            tokens,
            options.LookAheadRows,
            options.TokensPerBatch,
            options.MemoryBudget,
            options.CacheFolder,
            options.StoreWeights
        );
    }
}
