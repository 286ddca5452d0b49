using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Interop;
using static TorchSharp.torch;

namespace Ssna.MLNet.Data;

/// <summary>A table of items: their ids and the features of their top layers, row by row.</summary>
/// <param name="ids">The ids.</param>
/// <param name="values">The features, <c>(V, a, D)</c>, in float32 on the CPU; owned.</param>
internal sealed class ItemFeatures(ItemIds ids, Tensor values) : IDisposable
{
    private const string Expected = "a vector of Single of known layers and width, top layer first";

    /// <summary>The items' ids, in the order of the rows of <see cref="Values"/>.</summary>
    public ItemIds Ids => ids;

    /// <summary>The features, <c>(V, a, D)</c>, top layer first.</summary>
    public Tensor Values => values;

    /// <summary>Checks the features column of a schema, real or promised, as far as a schema tells.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public static void CheckColumn(IExceptionContext context, SchemaShape items, string name) =>
        SchemaChecks.Require(
            context,
            items,
            "features",
            name,
            column =>
                column.Kind != SchemaShape.Column.VectorKind.Scalar
                && !column.IsKey
                && column.ItemType.Equals(NumberDataViewType.Single),
            Expected
        );

    /// <summary>Reads ids and features in one pass.</summary>
    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="items">The table.</param>
    /// <param name="itemColumn">The column of ids.</param>
    /// <param name="featuresColumn">The column of features.</param>
    /// <param name="layers">How many layers are wanted, from the top.</param>
    /// <param name="checkAlive">Called before every row; throws to stop.</param>
    /// <param name="idType">The type that the ids must have, or null for any.</param>
    /// <param name="width">The width that the layers must have, or null for any.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or has too few layers.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, an id is missing or there twice, or an item's features are missing, no numbers or of another width.
    /// </exception>
    public static ItemFeatures Read(
        IExceptionContext context,
        IDataView items,
        string itemColumn,
        string featuresColumn,
        int layers,
        Action checkAlive,
        PrimitiveDataViewType? idType = null,
        int? width = null
    )
    {
        DataViewSchema.Column idColumn = IdColumn.Require(items.Schema, itemColumn, "item", vector: false, idType);
        DataViewSchema.Column features = SchemaChecks.Require(
            context,
            items.Schema,
            "features",
            featuresColumn,
            type => type is VectorDataViewType vector && vector.ItemType.Equals(NumberDataViewType.Single),
            Expected
        );
        var vector = (VectorDataViewType)features.Type;
        if (vector.IsKnownSize && vector.Dimensions.Length > 2)
        {
            throw SchemaChecks.Mismatch(context, "features", featuresColumn, Expected, vector.ToString());
        }
        int given = vector is { IsKnownSize: true, Dimensions.Length: 2 } ? vector.Dimensions[0] : 1;
        if (given < layers)
        {
            throw SchemaChecks.Mismatch(
                context,
                "features",
                featuresColumn,
                $"at least {layers} layers (option LayerCount)",
                $"{vector}, which has {given}"
            );
        }

        ItemIds ids = ItemIds.Create(IdColumn.TypeOf(idColumn)!);
        using DataViewRowCursor cursor = items.GetRowCursor([idColumn, features]);
        Action addId = ids.CreateAdder(cursor, idColumn);
        ValueGetter<VBuffer<float>> getFeatures = cursor.GetGetter<VBuffer<float>>(features);
        var rows = new RowStore();
        VBuffer<float> buffer = default;
        float[] dense = [];
        // The length of a plain vector of no known size is that of the first row.
        int expected = width * given ?? (vector.IsKnownSize ? vector.Size : 0);
        while (cursor.MoveNext())
        {
            checkAlive();
            addId();
            getFeatures(ref buffer);
            int item = ids.Count - 1;
            if (buffer.Length == 0)
            {
                throw Bad(context, featuresColumn, ids, item, "features", "an empty vector");
            }
            if (expected == 0)
            {
                expected = buffer.Length;
            }
            if (buffer.Length != expected)
            {
                throw Bad(context, featuresColumn, ids, item, $"{expected} values", $"{buffer.Length}");
            }
            if (dense.Length < buffer.Length)
            {
                dense = new float[buffer.Length];
            }
            buffer.CopyTo(dense);
            // The first layers are the top ones.
            Span<float> kept = dense.AsSpan(0, layers * (expected / given));
            int wrong = IndexOfNotFinite(kept);
            if (wrong >= 0)
            {
                throw Bad(
                    context,
                    featuresColumn,
                    ids,
                    item,
                    "finite numbers",
                    FormattableString.Invariant($"{kept[wrong]}")
                );
            }
            rows.Add(kept);
        }
        if (ids.Count == 0)
        {
            throw context.Except(
                $"Item columns '{itemColumn}' and '{featuresColumn}': expected at least one item, found no rows."
            );
        }
        return new ItemFeatures(ids, rows.ToTensor(ids.Count, layers, expected / given));
    }

    public void Dispose() => values.Dispose();

    private static int IndexOfNotFinite(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }
        return -1;
    }

    private static Exception Bad(
        IExceptionContext context,
        string column,
        ItemIds ids,
        int item,
        string expected,
        string found
    ) => context.Except($"Features column '{column}', item '{ids.ToText(item)}': expected {expected}, found {found}.");
}
