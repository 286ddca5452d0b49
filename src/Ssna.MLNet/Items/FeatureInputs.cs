using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Items;

/// <summary>Stored features, such as a frozen encoder's: (V, a, D), float32, top layer first.</summary>
/// <param name="Column">The column of features.</param>
/// <param name="Layers">How many layers are read, from the top.</param>
/// <param name="Width">The width that the layers must have, or null for any.</param>
internal sealed record FeatureInputs(string Column, int Layers, int? Width) : ItemInputs
{
    private const string Expected = "a vector of Single of known layers and width, top layer first";

    public override bool AreIn(DataViewSchema items) => items.GetColumnOrNull(Column) is not null;

    public override void CheckColumns(IExceptionContext context, SchemaShape items) =>
        SchemaChecks.Require(
            context,
            items,
            "features",
            Column,
            column =>
                column.Kind != SchemaShape.Column.VectorKind.Scalar
                && !column.IsKey
                && column.ItemType.Equals(NumberDataViewType.Single),
            Expected,
            "The option ItemPipeline makes the features (option FeaturesColumnName) from the items' other columns, by "
                + "ExtractEncoderLayers say; without a pipeline, Items must have them."
        );

    public override ItemInputs Of(Tensor values) => this with { Width = (int)values.shape[2] };

    public override ItemTable Read(
        IExceptionContext context,
        IDataView items,
        string itemColumn,
        RunContext run,
        PrimitiveDataViewType? idType = null,
        Ranks? ranks = null
    )
    {
        ranks ??= Ranks.One;
        DataViewSchema.Column features = SchemaChecks.Require(
            context,
            items.Schema,
            "features",
            Column,
            type => type is VectorDataViewType vector && vector.ItemType.Equals(NumberDataViewType.Single),
            Expected
        );
        var vector = (VectorDataViewType)features.Type;
        if (vector.IsKnownSize && vector.Dimensions.Length > 2)
        {
            throw SchemaChecks.Mismatch(context, "features", Column, Expected, vector.ToString());
        }
        int given = vector is { IsKnownSize: true, Dimensions.Length: 2 } ? vector.Dimensions[0] : 1;
        if (given < Layers)
        {
            throw SchemaChecks.Mismatch(
                context,
                "features",
                Column,
                $"at least {Layers} layers (option LayerCount)",
                $"{vector}, which has {given}"
            );
        }

        using var rows = new ItemRows(context, items, itemColumn, idType, run, features);
        ItemIds ids = rows.Ids;
        ValueGetter<VBuffer<float>> getFeatures = rows.Row.GetGetter<VBuffer<float>>(features);
        using var values = new RowStore();
        using var hash = new ItemsHash();
        int held = 0;
        VBuffer<float> buffer = default;
        float[] dense = [];
        // The length of a plain vector of no known size is that of the first row.
        int expected = Width * given ?? (vector.IsKnownSize ? vector.Size : 0);
        while (rows.MoveNext())
        {
            getFeatures(ref buffer);
            int item = ids.Count - 1;
            if (buffer.Length == 0)
            {
                throw Bad(context, Column, ids, item, "features", "an empty vector");
            }
            if (expected == 0)
            {
                expected = buffer.Length;
            }
            if (buffer.Length != expected)
            {
                throw Bad(context, Column, ids, item, $"{expected} values", $"{buffer.Length}");
            }
            if (dense.Length < buffer.Length)
            {
                dense = new float[buffer.Length];
            }
            buffer.CopyTo(dense);
            // The first layers are the top ones.
            Span<float> kept = dense.AsSpan(0, Layers * (expected / given));
            int wrong = IndexOfNotFinite(kept);
            if (wrong >= 0)
            {
                throw Bad(context, Column, ids, item, "finite numbers", FormattableString.Invariant($"{kept[wrong]}"));
            }
            hash.Add<float>(kept);
            if (ranks.HolderOf(item) == ranks.Rank)
            {
                values.Add(kept);
                held++;
            }
        }
        RequireRows(context, ids, $"Item columns '{itemColumn}' and '{Column}'");
        Tensor tensor = values.ToTensor(held, Layers, expected / given); // (v, a, D)
        return new ItemTable(ids, new HeldItems(tensor, ids.Count, ranks, hash.Finish()));
    }

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
    ) => context.Fault($"Features column '{column}', item '{ids.ToText(item)}': expected {expected}, found {found}.");
}
