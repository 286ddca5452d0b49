using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;

namespace Ssna.MLNet.Vectors;

/// <summary>Writes ids and embeddings as Parquet, a row group at a time.</summary>
internal sealed class EmbeddingParquet
{
    /// <summary>Numbers of the embeddings of a row group: 16 MB of them, and with what Parquet needs beside them a few times as much.</summary>
    private const int GroupNumbers = 1 << 22;

    private readonly DataField _id;
    private readonly DataField _element;
    private readonly ParquetSchema _schema;
    private readonly int _dimension;
    private readonly int _rows;

    // Of a whole row group: where lists start, and that nothing is missing.
    private readonly int[] _repetitionLevels;
    private readonly int[] _definitionLevels;

    /// <param name="idColumn">The column of ids.</param>
    /// <param name="embeddingColumn">The column of embeddings.</param>
    /// <param name="dimension">The numbers of an embedding.</param>
    public EmbeddingParquet(string idColumn, string embeddingColumn, int dimension)
    {
        _id = new DataField(idColumn, typeof(string), isNullable: false);
        _element = new DataField(ListField.ElementName, typeof(float), isNullable: false);
        _schema = new ParquetSchema(_id, new ListField(embeddingColumn, _element));
        _dimension = dimension;
        _rows = Math.Max(1, GroupNumbers / dimension);
        _repetitionLevels = new int[_rows * dimension];
        _definitionLevels = new int[_repetitionLevels.Length];
        Array.Fill(_repetitionLevels, _element.MaxRepetitionLevel);
        Array.Fill(_definitionLevels, _element.MaxDefinitionLevel);
        for (int i = 0; i < _repetitionLevels.Length; i += dimension)
        {
            _repetitionLevels[i] = 0;
        }
    }

    /// <summary>Writes all records.</summary>
    /// <param name="file">An empty file.</param>
    /// <param name="records">The records, each of as many numbers as was said.</param>
    /// <param name="progress">Told the number of records that are written.</param>
    /// <param name="cancellationToken">Stops before a record.</param>
    public async Task WriteAsync(
        Stream file,
        IEnumerable<EmbeddingRecord> records,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.None };
        ParquetWriter writer = await ParquetWriter
            .CreateAsync(_schema, file, options, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            var ids = new ReadOnlyMemory<char>[_rows];
            var numbers = new float[_repetitionLevels.Length];
            long written = 0;
            int count = 0;
            foreach (EmbeddingRecord record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ids[count] = record.Id.AsMemory();
                record.Vector.Span.CopyTo(numbers.AsSpan(count * _dimension, _dimension));
                if (++count == _rows)
                {
                    await WriteGroupAsync(count).ConfigureAwait(false);
                }
            }
            if (count > 0)
            {
                await WriteGroupAsync(count).ConfigureAwait(false);
            }

            async Task WriteGroupAsync(int rows)
            {
                int values = rows * _dimension;
                using (ParquetRowGroupWriter group = writer.CreateRowGroup())
                {
                    await group
                        .WriteAsync<ReadOnlyMemory<char>>(
                            _id,
                            ids.AsMemory(0, rows),
                            cancellationToken: cancellationToken
                        )
                        .ConfigureAwait(false);
                    await group
                        .WriteAllPartsAsync<float>(
                            _element,
                            numbers.AsMemory(0, values),
                            _definitionLevels.AsMemory(0, values),
                            _repetitionLevels.AsMemory(0, values),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                }
                count = 0;
                written += rows;
                progress?.Report(written);
            }
        }
    }
}
