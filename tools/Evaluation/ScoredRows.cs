using Microsoft.ML;
using Microsoft.ML.Data;

namespace Tools;

/// <summary>A user's history, the wanted item, and a score for every item.</summary>
internal sealed class ScoredRow
{
    public string[] Sequence { get; set; } = [];

    public string Label { get; set; } = "";

    public float[] Score { get; set; } = [];
}

/// <summary>Scored rows in the columns that a trained model gives, so that one evaluation measures every method.</summary>
internal static class ScoredRows
{
    /// <summary>Rows as a data view.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="items">The items' ids, one a score.</param>
    /// <param name="rows">Made again each time the view is read.</param>
    /// <param name="trainingCounts">How often each item was taken in the training data; null where that is not told.</param>
    public static IDataView Create(
        MLContext mlContext,
        string[] items,
        IEnumerable<ScoredRow> rows,
        long[]? trainingCounts = null
    )
    {
        var schema = SchemaDefinition.Create(typeof(ScoredRow));
        SchemaDefinition.Column score = schema[nameof(ScoredRow.Score)];
        score.ColumnType = new VectorDataViewType(NumberDataViewType.Single, items.Length);
        score.AddAnnotation(
            "SlotNames",
            new VBuffer<ReadOnlyMemory<char>>(items.Length, [.. items.Select(item => item.AsMemory())]),
            new VectorDataViewType(TextDataViewType.Instance, items.Length)
        );
        if (trainingCounts is not null)
        {
            score.AddAnnotation(
                "TrainingCounts",
                new VBuffer<long>(items.Length, trainingCounts),
                new VectorDataViewType(NumberDataViewType.Int64, items.Length)
            );
        }
        return mlContext.Data.LoadFromEnumerable(rows, schema);
    }

    /// <summary>The same rows scored over some of the items alone.</summary>
    public static IDataView Among(MLContext mlContext, IDataView scored, Func<string, bool> keep)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema[nameof(ScoredRow.Score)].GetSlotNames(ref names);
        string[] items = [.. names.DenseValues().Select(name => name.ToString())];
        int[] kept = [.. Enumerable.Range(0, items.Length).Where(item => keep(items[item]))];
        return Create(
            mlContext,
            [.. kept.Select(item => items[item])],
            mlContext
                .Data.CreateEnumerable<ScoredRow>(scored, reuseRowObject: false)
                .Select(row => new ScoredRow
                {
                    Sequence = row.Sequence,
                    Label = row.Label,
                    Score = [.. kept.Select(item => row.Score[item])],
                })
        );
    }
}
