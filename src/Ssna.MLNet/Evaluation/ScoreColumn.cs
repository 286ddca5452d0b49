using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Evaluation;

/// <summary>A column of a whole catalogue's scores, whose slot names are the items' ids as text.</summary>
internal static class ScoreColumn
{
    /// <summary>
    /// The annotation that says how often each item was taken in the training data of the model that made the scores: a vector of
    /// Int64, one an item.
    /// </summary>
    public const string TrainingCounts = nameof(TrainingCounts);

    private const string Role = "score";

    /// <summary>The column of that name, if it holds scores with slot names.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or holds something else.</exception>
    public static DataViewSchema.Column Require(IExceptionContext context, DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = SchemaChecks.Find(context, schema, Role, name);
        return
            column.Type is VectorDataViewType { IsKnownSize: true } type
            && type.ItemType.Equals(NumberDataViewType.Single)
            && column.HasSlotNames()
            ? column
            : throw SchemaChecks.Mismatch(
                context,
                Role,
                name,
                "a known-size vector of Single with the items' ids as slot names",
                column.Type + (column.HasSlotNames() ? "" : " without slot names")
            );
    }

    /// <summary>The items of a column of scores, each at its slot.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A slot name is empty, or stands for two slots.</exception>
    public static TextItemIds ReadItems(IExceptionContext context, DataViewSchema.Column scores)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        scores.GetSlotNames(ref names);
        var ids = new TextItemIds();
        foreach (ReadOnlyMemory<char> name in names.DenseValues())
        {
            int slot = ids.Count;
            if (ids.FindOrAdd(name) != slot)
            {
                throw SchemaChecks.Mismatch(
                    context,
                    Role,
                    scores.Name,
                    "a different item id as the name of every slot",
                    $"'{name}' as the name of slot {slot}" + (name.IsEmpty ? "" : " and of an earlier one")
                );
            }
        }
        return ids;
    }

    /// <summary>How often each item was taken in the training data: (I); null where the scores do not tell.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The annotation is of another type.</exception>
    public static long[]? ReadTrainingCounts(IExceptionContext context, DataViewSchema.Column scores)
    {
        if (scores.Annotations.Schema.GetColumnOrNull(TrainingCounts) is not { } annotation)
        {
            return null;
        }
        var expected = new VectorDataViewType(NumberDataViewType.Int64, ((VectorDataViewType)scores.Type).Size);
        if (!annotation.Type.Equals(expected))
        {
            throw SchemaChecks.Mismatch(
                context,
                Role,
                scores.Name,
                $"{expected} as annotation '{TrainingCounts}'",
                $"{annotation.Type}"
            );
        }
        VBuffer<long> counts = default;
        scores.Annotations.GetValue(TrainingCounts, ref counts);
        return [.. counts.DenseValues()];
    }
}
