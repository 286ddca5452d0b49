using static Ssna.MLNet.Encoders.EncoderParameterKind;

namespace Ssna.MLNet.Encoders;

/// <summary>The parameters of an encoder, in a fixed order, and the names that its family gives them.</summary>
internal static class EncoderLayout
{
    /// <summary>What checkpoints put before every name of the encoder itself; at most one of them.</summary>
    private static readonly string[] Prefixes = ["bert.", "roberta.", "distilbert.", "model."];

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

    public static IReadOnlyList<EncoderParameter> Of(EncoderConfiguration configuration)
    {
        bool distilled = configuration.Family == EncoderFamily.DistilBert;
        long width = configuration.Width;
        long inner = configuration.InnerWidth;
        var parameters = new List<EncoderParameter>();

        void Add(string name, EncoderParameterKind kind, long[] shape, params string[] sources) =>
            parameters.Add(new EncoderParameter(name, shape, kind, sources));
        void Norm(string name, string source)
        {
            Add($"{name}.weight", NormWeight, [width], $"{source}.weight");
            Add($"{name}.bias", NormBias, [width], $"{source}.bias");
        }
        void Linear(string name, long outputs, long inputs, params string[] sources)
        {
            Add($"{name}.weight", LinearWeight, [outputs, inputs], [.. sources.Select(source => $"{source}.weight")]);
            Add($"{name}.bias", LinearBias, [outputs], [.. sources.Select(source => $"{source}.bias")]);
        }

        Add("words", Embedding, [configuration.VocabularySize, width], "embeddings.word_embeddings.weight");
        Add("positions", Embedding, [configuration.MaximumPositions, width], "embeddings.position_embeddings.weight");
        if (configuration.TokenTypes > 0)
        {
            Add("types", Embedding, [configuration.TokenTypes, width], "embeddings.token_type_embeddings.weight");
        }
        Norm("norm", "embeddings.LayerNorm");
        for (int i = 0; i < configuration.LayerCount; i++)
        {
            string ours = $"layer.{i}";
            if (distilled)
            {
                string theirs = $"transformer.layer.{i}";
                string attention = $"{theirs}.attention";
                Linear(
                    $"{ours}.attention.qkv",
                    3 * width,
                    width,
                    $"{attention}.q_lin",
                    $"{attention}.k_lin",
                    $"{attention}.v_lin"
                );
                Linear($"{ours}.attention.output", width, width, $"{attention}.out_lin");
                Norm($"{ours}.attention.norm", $"{theirs}.sa_layer_norm");
                Linear($"{ours}.feedforward.inner", inner, width, $"{theirs}.ffn.lin1");
                Linear($"{ours}.feedforward.output", width, inner, $"{theirs}.ffn.lin2");
                Norm($"{ours}.feedforward.norm", $"{theirs}.output_layer_norm");
            }
            else
            {
                string theirs = $"encoder.layer.{i}";
                string attention = $"{theirs}.attention.self";
                Linear(
                    $"{ours}.attention.qkv",
                    3 * width,
                    width,
                    $"{attention}.query",
                    $"{attention}.key",
                    $"{attention}.value"
                );
                Linear($"{ours}.attention.output", width, width, $"{theirs}.attention.output.dense");
                Norm($"{ours}.attention.norm", $"{theirs}.attention.output.LayerNorm");
                Linear($"{ours}.feedforward.inner", inner, width, $"{theirs}.intermediate.dense");
                Linear($"{ours}.feedforward.output", width, inner, $"{theirs}.output.dense");
                Norm($"{ours}.feedforward.norm", $"{theirs}.output.LayerNorm");
            }
        }
        return parameters;
    }

    /// <summary>The name of a checkpoint's tensor without the model's prefix, and with today's names of a norm's parts.</summary>
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
