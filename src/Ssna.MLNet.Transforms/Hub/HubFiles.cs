using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Tokenization;

namespace Ssna.MLNet.Hub;

/// <summary>Which files of a repository are fetched: safetensors, JSON and texts, by their names, and never any other.</summary>
/// <param name="What">What they make up, for messages.</param>
/// <param name="Settings">The small ones; a repository need not have all.</param>
/// <param name="Weights">The file with the weights.</param>
/// <param name="Index">What names the files where the weights are in several, or null where they never are.</param>
/// <param name="Required">What is needed beside the weights: groups of names, one of which must be there whole.</param>
internal sealed record HubFiles(string What, string[] Settings, string Weights, string? Index, string[][][] Required)
{
    /// <summary>A text encoder and its tokenizer.</summary>
    public static readonly HubFiles Encoder = new(
        "encoder",
        [EncoderConfiguration.FileName, .. TokenizerFiles.Names, SentenceSettings.FileName],
        CheckpointFolder.SingleFile,
        CheckpointFolder.IndexFile,
        [
            [
                [EncoderConfiguration.FileName],
            ],
            TokenizerFiles.Vocabularies,
        ]
    );

    /// <summary>What is missing beside the weights, in words; null where nothing is.</summary>
    public string? Lacks(Func<string, bool> has) =>
        Required.FirstOrDefault(group => !group.Any(names => names.All(has))) is { } missing
            ? string.Join(", or ", missing.Select(names => string.Join(" and ", names)))
            : null;

    /// <summary>What a folder lacks, weights included, in words; null where it is whole.</summary>
    public string? LacksIn(string folder, Func<string, bool> has)
    {
        if (Lacks(has) is { } missing)
        {
            return missing;
        }
        if (has(Weights))
        {
            return null;
        }
        return Index is null || !has(Index)
            ? Weights
            : CheckpointFolder.ShardsOf(Path.Combine(folder, Index)).FirstOrDefault(shard => !has(shard));
    }
}
