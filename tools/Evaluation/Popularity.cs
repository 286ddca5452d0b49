using Microsoft.ML;

namespace Tools;

/// <summary>Scores every item by how often it was taken in the training data, for everybody alike.</summary>
/// <param name="mlContext">The context.</param>
/// <param name="items">The items' ids.</param>
/// <param name="counts">How often each was taken.</param>
internal sealed class Popularity(MLContext mlContext, string[] items, long[] counts)
{
    /// <summary>The rows with the scores added.</summary>
    public IDataView Transform(IDataView rows)
    {
        float[] scores = Array.ConvertAll(counts, count => (float)count);
        return ScoredRows.Create(
            mlContext,
            items,
            mlContext
                .Data.CreateEnumerable<TestRow>(rows, reuseRowObject: false)
                .Select(row => new ScoredRow
                {
                    Sequence = row.Sequence,
                    Label = row.Label,
                    Score = scores,
                }),
            counts
        );
    }

    /// <summary>How often each item was taken in the training data: rows with a sequence.</summary>
    public static long[] Count(MLContext mlContext, string[] items, IDataView training)
    {
        Dictionary<string, int> indexes = items.Select((item, index) => (item, index)).ToDictionary();
        var counts = new long[items.Length];
        foreach (UserRow user in mlContext.Data.CreateEnumerable<UserRow>(training, reuseRowObject: true))
        {
            foreach (string item in user.Sequence)
            {
                if (indexes.TryGetValue(item, out int index))
                {
                    counts[index]++;
                }
            }
        }
        return counts;
    }
}

/// <summary>A user to train on.</summary>
internal sealed class UserRow
{
    public string User { get; set; } = "";

    public string[] Sequence { get; set; } = [];
}

/// <summary>A user to test on.</summary>
internal sealed class TestRow
{
    public string[] Sequence { get; set; } = [];

    public string Label { get; set; } = "";
}
