using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Ids;

/// <summary>
/// A column of ids: text, any integer, or keys, which stand for their key values; one a row, or a vector. Its readers are how
/// the ids of a data view become indexes.
/// </summary>
internal sealed class IdColumn
{
    /// <summary>The annotation of a column of keys that says what they stand for.</summary>
    public const string KeyValues = AnnotationUtils.Kinds.KeyValues;

    private const string Scalar = "text, an integer type or a key";
    private const string Vector = "a vector of text, of an integer type or of keys";

    private IdColumn(DataViewSchema.Column column, PrimitiveDataViewType type)
    {
        (Column, Type) = (column, type);
    }

    /// <summary>The column, for who opens the cursor.</summary>
    public DataViewSchema.Column Column { get; }

    public string Name => Column.Name;

    /// <summary>
    /// The type of the ids: that of the key values for a key column that has them, and of the key's number (from 1, as ML.NET
    /// stores it) for one that does not.
    /// </summary>
    public PrimitiveDataViewType Type { get; }

    /// <summary>The column of that name, if it holds ids (and, if given, those of <paramref name="expected"/> type).</summary>
    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="schema">The schema to look in.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="role">What the column is for, named in the exception.</param>
    /// <param name="vector">Whether it must be a vector or a scalar.</param>
    /// <param name="expected">The type that the ids must have, or null for any.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or holds something else.</exception>
    public static IdColumn Require(
        IExceptionContext context,
        DataViewSchema schema,
        string name,
        string role,
        bool vector,
        PrimitiveDataViewType? expected = null
    )
    {
        DataViewSchema.Column column = SchemaChecks.Find(context, schema, role, name);
        PrimitiveDataViewType? type = TypeOf(column);
        return type is not null && column.Type is VectorDataViewType == vector && (expected ?? type).Equals(type)
            ? new IdColumn(column, type)
            : throw SchemaChecks.Mismatch(context, role, name, Describe(vector, expected), Found(column, type));
    }

    /// <summary>The type of the ids in a column that is only promised.</summary>
    /// <inheritdoc cref="Require(IExceptionContext, DataViewSchema, string, string, bool, PrimitiveDataViewType?)"/>
    public static PrimitiveDataViewType Require(
        IExceptionContext context,
        SchemaShape schema,
        string name,
        string role,
        bool vector,
        PrimitiveDataViewType? expected = null
    )
    {
        SchemaShape.Column column = SchemaChecks.Find(context, schema, role, name);
        PrimitiveDataViewType? type = TypeOf(column);
        bool isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        return type is not null && isVector == vector && (expected ?? type).Equals(type)
            ? type
            : throw SchemaChecks.Mismatch(
                context,
                role,
                name,
                Describe(vector, expected),
                column.GetTypeString() + Advice(column.ItemType)
            );
    }

    /// <summary>An empty table for the column's ids.</summary>
    public ItemIds CreateTable() => ItemIds.Create(Type);

    /// <summary>
    /// What gives the index of the current row's id in a table, or <see cref="ItemIds.Missing"/>, or (without
    /// <paramref name="add"/>) <see cref="ItemIds.Unknown"/>; with it, new ids are added.
    /// </summary>
    /// <param name="row">The row, or the cursor.</param>
    /// <param name="ids">The table. In one of text, ids of another type are looked for by their text.</param>
    /// <param name="add">Whether ids that the table, then of the column's own type, does not hold are added.</param>
    public Func<int> CreateItemReader(DataViewRow row, ItemIds ids, bool add = false)
    {
        if (ids.Type.Equals(Type))
        {
            return ids.CreateReader(row, Column, add).Item();
        }
        ItemIds own = CreateTable();
        Func<int> read = own.CreateReader(row, Column, add: true).Item();
        var places = new PlacesByText(own, (TextItemIds)ids);
        return () => places.Of(read());
    }

    /// <summary>
    /// What gives the indexes of the ids in the current row's vector, with <see cref="ItemIds.Unknown"/> for ids that the table
    /// does not hold or, with <paramref name="add"/>, adds. Missing ids (padding) are left out.
    /// </summary>
    /// <inheritdoc cref="CreateItemReader"/>
    public SequenceReader CreateSequenceReader(DataViewRow row, ItemIds ids, bool add = false)
    {
        if (ids.Type.Equals(Type))
        {
            return ids.CreateReader(row, Column, add).Sequence();
        }
        ItemIds own = CreateTable();
        SequenceReader read = own.CreateReader(row, Column, add: true).Sequence();
        var places = new PlacesByText(own, (TextItemIds)ids);
        int[] found = [];
        return () =>
        {
            ReadOnlySpan<int> indexes = read();
            if (found.Length < indexes.Length)
            {
                found = new int[2 * indexes.Length];
            }
            for (int i = 0; i < indexes.Length; i++)
            {
                found[i] = places.Of(indexes[i]);
            }
            return found.AsSpan(0, indexes.Length);
        };
    }

    private static PrimitiveDataViewType? TypeOf(DataViewSchema.Column column)
    {
        DataViewType type = column.Type.GetItemType();
        return OrNull(
            type is KeyDataViewType
                ? KeyValuesOf(column) ?? ColumnTypeExtensions.PrimitiveTypeFromType(type.RawType)
                : type
        );
    }

    private static PrimitiveDataViewType? TypeOf(SchemaShape.Column column) =>
        OrNull(
            column.IsKey && column.Annotations.TryFindColumn(KeyValues, out SchemaShape.Column values)
                ? values.ItemType
                : column.ItemType
        );

    private static DataViewType? KeyValuesOf(DataViewSchema.Column column) =>
        column.Annotations.Schema.GetColumnOrNull(KeyValues)?.Type.GetItemType();

    private static PrimitiveDataViewType? OrNull(DataViewType type) =>
        type is PrimitiveDataViewType primitive and not KeyDataViewType && ItemIds.CanHold(type.GetRawKind())
            ? primitive
            : null;

    private static string Found(DataViewSchema.Column column, PrimitiveDataViewType? type)
    {
        DataViewType? values = column.Type.GetItemType() is KeyDataViewType ? type ?? KeyValuesOf(column) : null;
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

    /// <summary>The places of a column's own ids in a table of text, which each distinct id is written as text for but once.</summary>
    private sealed class PlacesByText(ItemIds own, TextItemIds texts)
    {
        private readonly List<int> _placeOf = [];

        public int Of(int index)
        {
            while (_placeOf.Count <= index)
            {
                _placeOf.Add(texts.Find(own.TextOf(_placeOf.Count)));
            }
            return index < 0 ? index : _placeOf[index];
        }
    }
}
