using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Columns;

/// <summary>Goes through a table of ids and embeddings, row by row.</summary>
internal sealed class EmbeddingRows : IDisposable
{
    private const string IdRole = "id";

    private readonly IExceptionContext _context;
    private readonly string _column;
    private readonly ItemRows _rows;
    private readonly ValueGetter<VBuffer<float>> _getter;
    private readonly float[] _embedding;
    private VBuffer<float> _value;

    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="data">The table.</param>
    /// <param name="idColumn">The column of ids: text, an integer type or keys.</param>
    /// <param name="embeddingColumn">The column of embeddings: vectors of Single.</param>
    /// <param name="run">What stops it, before a row.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public EmbeddingRows(
        IExceptionContext context,
        IDataView data,
        string idColumn,
        string embeddingColumn,
        RunContext run
    )
    {
        (_context, _column) = (context, embeddingColumn);
        DataViewSchema.Column column = Require(context, data.Schema, idColumn, embeddingColumn);
        _embedding = new float[((VectorDataViewType)column.Type).Size];
        _rows = new ItemRows(context, data, idColumn, idType: null, run, column, IdRole);
        _getter = _rows.Row.GetGetter<VBuffer<float>>(column);
    }

    /// <summary>The ids of the rows so far, in their order: all distinct.</summary>
    public ItemIds Ids => _rows.Ids;

    /// <summary>The number of values of an embedding.</summary>
    public int Dimension => _embedding.Length;

    /// <summary>The embedding of the row at hand, good until the next row.</summary>
    public ReadOnlySpan<float> Embedding => _embedding;

    /// <summary>The column of embeddings, if both columns will do.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static DataViewSchema.Column Require(
        IExceptionContext context,
        DataViewSchema schema,
        string idColumn,
        string embeddingColumn
    )
    {
        _ = IdColumn.Require(context, schema, idColumn, IdRole, vector: false);
        return SchemaChecks.Require(
            context,
            schema,
            "embedding",
            embeddingColumn,
            type => type is VectorDataViewType { Size: > 0 } vector && vector.ItemType == NumberDataViewType.Single,
            "a vector of Single of a known size"
        );
    }

    /// <summary>Goes to the next row, if there is one.</summary>
    /// <exception cref="InvalidOperationException">
    /// The id is missing or was there before, or the embedding holds a value that is no finite number.
    /// </exception>
    public bool MoveNext()
    {
        if (!_rows.MoveNext())
        {
            return false;
        }
        _getter(ref _value);
        _value.CopyTo(_embedding);
        foreach (float value in _embedding)
        {
            if (!float.IsFinite(value))
            {
                throw _context.Fault(
                    $"Embedding column '{_column}', id '{Ids.ToText(Ids.Count - 1)}': expected finite numbers, found {value}."
                );
            }
        }
        return true;
    }

    public void Dispose() => _rows.Dispose();
}
