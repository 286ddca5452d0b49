using Microsoft.ML.Data;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Vectors;

namespace Microsoft.ML;

/// <summary>Embeddings of items and users as Parquet files.</summary>
public static class ParquetDataCatalog
{
    /// <summary>
    /// Writes ids and embeddings, such as those of <c>GetItemEmbeddings</c> and <c>GetUserEmbeddings</c>, as a Parquet file of two
    /// columns: the id as a string, and the embedding as a list of float. They are named as in the data view.
    /// </summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="data">One row an item or user. It is read once, and written as it is read, some megabytes at a time.</param>
    /// <param name="path">The file; replaced where it exists, once the new one is complete.</param>
    /// <param name="idColumnName">The ids: text, an integer type or a key, which stands for its key value.</param>
    /// <param name="embeddingColumnName">The embeddings: a vector of <see cref="float"/>.</param>
    /// <param name="progress">Told the number of rows that are written, after each row group.</param>
    /// <param name="cancellationToken">Stops before a row; the file that was there stays.</param>
    /// <remarks>Nothing is compressed: embeddings hardly are by what Parquet has.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// An id is missing or there twice, or an embedding holds a value that is no finite number.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task SaveAsParquetAsync(
        this DataOperationsCatalog catalog,
        IDataView data,
        string path,
        string idColumnName = "Item",
        string embeddingColumnName = "Embedding",
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        IEnumerable<EmbeddingRecord> records = catalog.ReadEmbeddings(data, idColumnName, embeddingColumnName);
        int dimension = ((VectorDataViewType)data.Schema[embeddingColumnName].Type).Size;
        var parquet = new EmbeddingParquet(idColumnName, embeddingColumnName, dimension);
        return WholeFile.WriteAsync(path, file => parquet.WriteAsync(file, records, progress, cancellationToken));
    }
}
