namespace Ssna.MLNet.Encoders;

/// <summary>What a checkpoint calls the parts of a <see cref="PostNormLayer"/>, without the model's prefix.</summary>
internal sealed record PostNormNames(
    string Query,
    string Key,
    string Value,
    string AttentionOutput,
    string AttentionNorm,
    string Inner,
    string Output,
    string Norm
)
{
    /// <summary>BERT's names, which RoBERTa has too.</summary>
    public static PostNormNames OfBert(int layer)
    {
        string start = $"encoder.layer.{layer}";
        return new(
            $"{start}.attention.self.query",
            $"{start}.attention.self.key",
            $"{start}.attention.self.value",
            $"{start}.attention.output.dense",
            $"{start}.attention.output.LayerNorm",
            $"{start}.intermediate.dense",
            $"{start}.output.dense",
            $"{start}.output.LayerNorm"
        );
    }
}
