namespace Microsoft.ML.Data;

/// <summary>An id and its embedding: a row of <c>GetItemEmbeddings</c> or <c>GetUserEmbeddings</c>, as other systems take it.</summary>
public sealed class EmbeddingRecord
{
    /// <summary>The id as text, whatever its type in the data view: the key value where it is a key.</summary>
    public string Id { get; set; } = "";

    /// <summary>The embedding, of as many numbers as the transformer's <c>Dimension</c>. It is a copy.</summary>
    public ReadOnlyMemory<float> Vector { get; set; }
}
