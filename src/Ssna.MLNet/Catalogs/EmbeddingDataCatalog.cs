using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Columns;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML;

/// <summary>Embeddings of items and users, on their way to other systems.</summary>
public static class EmbeddingDataCatalog
{
    /// <summary>
    /// Reads ids and embeddings one by one, such as those of <c>GetItemEmbeddings</c> and <c>GetUserEmbeddings</c>: as vector stores
    /// and indexes take them.
    /// </summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="data">One row an item or user. It is read when the records are.</param>
    /// <param name="idColumnName">The ids: text, an integer type or a key.</param>
    /// <param name="embeddingColumnName">The embeddings: a vector of <see cref="float"/>.</param>
    /// <returns>A record a row, in the order of the rows; ids are kept as long as they are read, embeddings are not.</returns>
    /// <remarks>
    /// Embeddings are <see cref="float"/> whatever the model's <c>ItemPrecision</c>, whose rounding they have. A user of whom the
    /// model knows nothing has zeros, which have no direction: no index has neighbours of it.
    /// <para>
    /// While it is read: <see cref="InvalidOperationException"/> where an id is missing or there twice, or an embedding holds a value
    /// that is no finite number.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static IEnumerable<EmbeddingRecord> ReadEmbeddings(
        this DataOperationsCatalog catalog,
        IDataView data,
        string idColumnName = "Item",
        string embeddingColumnName = "Embedding"
    )
    {
        IHost host = Register(catalog, data, nameof(ReadEmbeddings));
        _ = EmbeddingRows.Require(host, data.Schema, idColumnName, embeddingColumnName);
        return Read();

        IEnumerable<EmbeddingRecord> Read()
        {
            var run = new RunContext(host, channel: null, CancellationToken.None);
            using var rows = new EmbeddingRows(host, data, idColumnName, embeddingColumnName, run);
            while (rows.MoveNext())
            {
                yield return new EmbeddingRecord
                {
                    Id = rows.Ids.ToText(rows.Ids.Count - 1),
                    Vector = rows.Embedding.ToArray(),
                };
            }
        }
    }

    /// <summary>
    /// Writes ids and embeddings as a safetensors file: <c>embeddings</c>, float32 of (rows, dimension), and the ids as text:
    /// <c>ids</c>, their UTF-8 end to end, and <c>id_offsets</c>, int32 of (rows + 1), where each starts and the last one ends.
    /// </summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="data">As of <see cref="ReadEmbeddings"/>. It is read once, now, and written as it is read.</param>
    /// <param name="path">The file; replaced where it exists, once the new one is complete.</param>
    /// <param name="idColumnName">As of <see cref="ReadEmbeddings"/>.</param>
    /// <param name="embeddingColumnName">As of <see cref="ReadEmbeddings"/>.</param>
    /// <param name="progress">Told the number of rows that are written.</param>
    /// <param name="cancellationToken">Stops before a row; the file that was there stays.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// An id is missing or there twice, an embedding holds a value that is no finite number, or the ids together are 2 GiB or more.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static void SaveAsSafetensors(
        this DataOperationsCatalog catalog,
        IDataView data,
        string path,
        string idColumnName = "Item",
        string embeddingColumnName = "Embedding",
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        IHost host = Register(catalog, data, nameof(SaveAsSafetensors));
        ArgumentException.ThrowIfNullOrEmpty(path);
        var run = new RunContext(host, channel: null, cancellationToken);
        using var rows = new EmbeddingRows(host, data, idColumnName, embeddingColumnName, run);
        WholeFile.Write(path, file => EmbeddingTensors.Write(file, rows, progress));
    }

    private static IHost Register(DataOperationsCatalog catalog, IDataView data, string name)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        return catalog.GetEnvironment().Register(name);
    }
}
