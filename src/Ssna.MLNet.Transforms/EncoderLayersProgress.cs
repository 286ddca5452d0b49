namespace Microsoft.ML.Transforms;

/// <summary>What an extraction reports after each batch of texts.</summary>
/// <param name="Texts">Texts computed so far; texts that were found in memory or in the cache folder do not count.</param>
/// <param name="Tokens">Their tokens, special ones included, padding left out.</param>
/// <param name="TruncatedTexts">Those of them that were longer than the encoder or the options allow, and were cut.</param>
/// <param name="Elapsed">The time spent on tokenizing and computing them.</param>
public sealed record EncoderLayersProgress(long Texts, long Tokens, long TruncatedTexts, TimeSpan Elapsed);
