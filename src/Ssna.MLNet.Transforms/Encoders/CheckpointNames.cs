namespace Ssna.MLNet.Encoders;

/// <summary>What names of a checkpoint's tensors mean, whichever model class wrote them.</summary>
internal static class CheckpointNames
{
    /// <summary>What may stand before every name of the encoder itself; at most one of them.</summary>
    private static readonly string[] Prefixes = [.. EncoderFamily.All.Select(family => family.Prefix), "model."];

    /// <summary>Heads on top of the encoder, by the start of their names after the prefix.</summary>
    private static readonly string[] Heads =
    [
        "pooler.",
        "cls.",
        "lm_head.",
        "vocab_",
        "classifier.",
        "pre_classifier.",
        "qa_outputs.",
        "seq_relationship.",
    ];

    /// <summary>Buffers that hold no weights, by the end of their names.</summary>
    private static readonly string[] Buffers = ["embeddings.position_ids", "embeddings.token_type_ids"];

    /// <summary>The name of a tensor without the model's prefix, and with today's names of a norm's parts.</summary>
    public static string Canonical(string name)
    {
        foreach (string prefix in Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                name = name[prefix.Length..];
                break;
            }
        }
        return name.EndsWith("LayerNorm.gamma", StringComparison.Ordinal) ? $"{name[..^"gamma".Length]}weight"
            : name.EndsWith("LayerNorm.beta", StringComparison.Ordinal) ? $"{name[..^"beta".Length]}bias"
            : name;
    }

    /// <summary>Whether a tensor, by its canonical name, is a head or buffer that the hidden states do not depend on.</summary>
    public static bool IsIgnored(string canonical) =>
        Heads.Any(head => canonical.StartsWith(head, StringComparison.Ordinal))
        || Buffers.Any(buffer => canonical.EndsWith(buffer, StringComparison.Ordinal));
}
