using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Features;

/// <summary>What an extraction's values depend on, beside the model, and how it works.</summary>
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
        var settings = new ExtractionSettings(
            options.Layers,
            options.MaximumTokens
                ?? Math.Min(model.Encoder.MaximumTokens, model.Tokenizer.MaximumTokens ?? int.MaxValue),
            options.LookAheadRows,
            options.TokensPerBatch,
            options.MemoryBudget,
            options.CacheFolder,
            options.StoreWeights
        );
        return settings.FaultWith(model.Encoder, options.Model) is { } fault
            ? throw new ArgumentOutOfRangeException(nameof(options), fault)
            : settings;
    }

    /// <summary>What is wrong with them, or null.</summary>
    public string? Fault =>
        Layers < 1 ? $"{nameof(Layers)}: expected at least 1, found {Layers}."
        : MaximumTokens < 2 ? $"{nameof(MaximumTokens)}: expected at least 2, found {MaximumTokens}."
        : LookAheadRows < 1 ? $"{nameof(LookAheadRows)}: expected at least 1, found {LookAheadRows}."
        : TokensPerBatch < 1 ? $"{nameof(TokensPerBatch)}: expected at least 1, found {TokensPerBatch}."
        : MemoryBudget < 0 ? $"{nameof(MemoryBudget)}: expected at least 0, found {MemoryBudget}."
        : null;

    /// <summary>What an encoder is too small for, or null.</summary>
    public string? FaultWith(TextEncoder encoder, string name) =>
        Layers > encoder.LayerCount
            ? $"{nameof(Layers)}: the encoder '{name}' has {encoder.LayerCount} layers, found {Layers}."
        : MaximumTokens > encoder.MaximumTokens
            ? $"{nameof(MaximumTokens)}: the encoder '{name}' takes at most {encoder.MaximumTokens} tokens, found {MaximumTokens}."
        : null;
}
