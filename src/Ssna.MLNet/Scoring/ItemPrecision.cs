namespace Microsoft.ML.Trainers.Recommender;

/// <summary>In which numbers a transformer keeps its items' embeddings.</summary>
public enum ItemPrecision
{
    /// <summary>4 bytes a number, as trained.</summary>
    Float32,

    /// <summary>2 bytes a number, of 11 significant bits; scores differ in the fourth digit.</summary>
    Float16,

    /// <summary>
    /// 1 byte a number: whole numbers from -127 to 127 and a scale for each item, rounded to the nearest. On a CPU scores are
    /// exact sums of whole products with the user's embedding, which is rounded to 16 bits.
    /// </summary>
    Int8,
}
