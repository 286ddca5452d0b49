using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Tests.Evaluation;

/// <summary>Scored views made by hand, as a model of any trainer gives them.</summary>
internal static class ScoredView
{
    /// <param name="context">The context.</param>
    /// <param name="names">The items' ids, or null for scores without slot names.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="trainingCounts">How often each item was taken in the training data, or null to tell nothing of it.</param>
    public static IDataView Create<T>(
        MLContext context,
        string[]? names,
        IEnumerable<Row<T>> rows,
        long[]? trainingCounts = null
    )
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row<T>));
        SchemaDefinition.Column score = schema[nameof(Row<T>.Score)];
        Row<T>[] all = [.. rows];
        int items = names?.Length ?? all[0].Score.Length;
        score.ColumnType = new VectorDataViewType(NumberDataViewType.Single, items);
        if (names is not null)
        {
            var buffer = new VBuffer<ReadOnlyMemory<char>>(items, [.. names.Select(name => name.AsMemory())]);
            score.AddAnnotation("SlotNames", buffer, new VectorDataViewType(TextDataViewType.Instance, items));
        }
        if (trainingCounts is not null)
        {
            int counted = trainingCounts.Length;
            score.AddAnnotation(
                "TrainingCounts",
                new VBuffer<long>(counted, trainingCounts),
                new VectorDataViewType(NumberDataViewType.Int64, counted)
            );
        }
        return context.Data.LoadFromEnumerable(all, schema);
    }

    public sealed class Row<T>
    {
        public float[] Score { get; set; } = [];

        public T Label { get; set; } = default!;

        public T[] Sequence { get; set; } = [];
    }
}
