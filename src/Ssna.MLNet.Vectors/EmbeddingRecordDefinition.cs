using Microsoft.ML.Data;

namespace Microsoft.Extensions.VectorData;

/// <summary>How a vector store keeps <see cref="EmbeddingRecord"/>s.</summary>
public static class EmbeddingRecordDefinition
{
    /// <summary>
    /// What a <see cref="VectorStore"/> is told of the records that <c>mlContext.Data.ReadEmbeddings</c> gives: the id is the key, and
    /// vectors are near each other by their cosine, which is the model's score where it has learned nothing of repeats.
    /// </summary>
    /// <param name="dimension">The number of values of an embedding: the transformer's <c>Dimension</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimension"/> is less than 1.</exception>
    public static VectorStoreCollectionDefinition Create(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        return new()
        {
            Properties =
            [
                new VectorStoreKeyProperty(nameof(EmbeddingRecord.Id), typeof(string)),
                new VectorStoreVectorProperty(nameof(EmbeddingRecord.Vector), typeof(ReadOnlyMemory<float>), dimension)
                {
                    DistanceFunction = DistanceFunction.CosineSimilarity,
                },
            ],
        };
    }
}
