using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Ids;

/// <summary>Which columns hold ids, and of what type: text, any integer, or keys, which stand for their key values.</summary>
internal static class IdColumn
{
    private const string Scalar = "text, an integer type or a key";
    private const string Vector = "a vector of text, of an integer type or of keys";

    /// <summary>Whether values of this kind can be ids.</summary>
    public static bool IsIdKind(InternalDataKind kind) =>
        kind == InternalDataKind.TX || (kind is >= InternalDataKind.I1 and <= InternalDataKind.U8);

    /// <summary>
    /// The type of the ids in a column (a scalar or a vector), or null where it holds none. It is that of the key values for a
    /// key column that has them, and of the key's number (from 1, as ML.NET stores it) for one that does not.
    /// </summary>
    public static PrimitiveDataViewType? TypeOf(DataViewSchema.Column column)
    {
        DataViewType type = column.Type.GetItemType();
        if (type is KeyDataViewType)
        {
            type =
                column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type.GetItemType()
                ?? ColumnTypeExtensions.PrimitiveTypeFromType(type.RawType);
        }
        return OrNull(type);
    }

    /// <summary>The same for a column whose schema is only promised.</summary>
    public static PrimitiveDataViewType? TypeOf(SchemaShape.Column column)
    {
        DataViewType type = column.ItemType;
        if (column.IsKey)
        {
            type = column.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out SchemaShape.Column values)
                ? values.ItemType
                : type;
        }
        return OrNull(type);
    }

    /// <summary>The column of that name, if it holds ids (and, if given, those of <paramref name="expected"/> type).</summary>
    /// <param name="schema">The schema to look in.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="role">What the column is for, named in the exception.</param>
    /// <param name="vector">Whether it must be a vector or a scalar.</param>
    /// <param name="expected">The type that the ids must have, or null for any.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or holds something else.</exception>
    public static DataViewSchema.Column Require(
        DataViewSchema schema,
        string name,
        string role,
        bool vector,
        PrimitiveDataViewType? expected = null
    )
    {
        DataViewSchema.Column? column = schema.GetColumnOrNull(name);
        if (column is null)
        {
            throw Contracts.ExceptSchemaMismatch(nameof(schema), role, name);
        }
        Check(column.Value, role, vector, expected);
        return column.Value;
    }

    /// <summary>Throws where <paramref name="column"/> does not hold ids of the expected shape and type.</summary>
    /// <inheritdoc cref="Require(DataViewSchema, string, string, bool, PrimitiveDataViewType?)"/>
    public static void Check(
        DataViewSchema.Column column,
        string role,
        bool vector,
        PrimitiveDataViewType? expected = null
    )
    {
        PrimitiveDataViewType? type = TypeOf(column);
        if (type is null || column.Type is VectorDataViewType != vector || !(expected ?? type).Equals(type))
        {
            throw Contracts.ExceptSchemaMismatch(
                nameof(column),
                role,
                column.Name,
                Describe(vector, expected),
                Found(column, type)
            );
        }
    }

    /// <summary>The same check of a column whose schema is only promised.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or holds something else.</exception>
    public static SchemaShape.Column Require(
        SchemaShape schema,
        string name,
        string role,
        bool vector,
        PrimitiveDataViewType? expected = null
    )
    {
        if (!schema.TryFindColumn(name, out SchemaShape.Column column))
        {
            throw Contracts.ExceptSchemaMismatch(nameof(schema), role, name);
        }
        PrimitiveDataViewType? type = TypeOf(column);
        bool isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        if (type is null || isVector != vector || !(expected ?? type).Equals(type))
        {
            throw Contracts.ExceptSchemaMismatch(
                nameof(schema),
                role,
                name,
                Describe(vector, expected),
                column.GetTypeString() + Advice(column.ItemType)
            );
        }
        return column;
    }

    private static string Found(DataViewSchema.Column column, PrimitiveDataViewType? type)
    {
        DataViewType? values =
            column.Type.GetItemType() is KeyDataViewType
                ? type ?? column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type.GetItemType()
                : null;
        string found = values is null ? $"{column.Type}" : $"{column.Type} with key values of type {values}";
        return found + Advice(values ?? column.Type.GetItemType());
    }

    // Whole numbers from 2^24 (2^53) on are the same Single (Double) as their neighbours: two items would be one.
    private static string Advice(DataViewType type) =>
        type == NumberDataViewType.Single || type == NumberDataViewType.Double
            ? ", which cannot tell large neighbouring numbers apart: load or convert ids as Int64"
            : "";

    private static string Describe(bool vector, PrimitiveDataViewType? expected) =>
        expected is null
            ? (vector ? Vector : Scalar)
            : $"{(vector ? "a vector of " : "")}{expected}, or keys with values of that type";

    private static PrimitiveDataViewType? OrNull(DataViewType type) =>
        type is PrimitiveDataViewType primitive and not KeyDataViewType && IsIdKind(type.GetRawKind())
            ? primitive
            : null;
}
