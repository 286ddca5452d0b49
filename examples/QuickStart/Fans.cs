using Microsoft.ML;

namespace QuickStart;

/// <summary>A customer to whom an article is recommended.</summary>
/// <param name="Sequence">What the customer bought.</param>
/// <param name="Recommended">What is recommended, the best first.</param>
/// <param name="Place">The article's place among them, from 0.</param>
/// <param name="Score">The article's score.</param>
internal sealed record Fan(string[] Sequence, string[] Recommended, int Place, float Score);

/// <summary>Finds the customers to tell of a new article.</summary>
internal static class Fans
{
    private sealed class RecommendedRow
    {
        public string[] Sequence { get; set; } = [];

        public string[] RecommendedItems { get; set; } = [];

        public float[] RecommendedScores { get; set; } = [];
    }

    /// <summary>Every customer who gets <paramref name="item"/> recommended, the highest place first.</summary>
    public static List<Fan> Find(MLContext mlContext, ITransformer model, IDataView sequences, string item)
    {
        var fans = new List<Fan>();
        foreach (
            var row in mlContext.Data.CreateEnumerable<RecommendedRow>(
                model.Transform(sequences),
                reuseRowObject: false
            )
        )
        {
            var place = Array.IndexOf(row.RecommendedItems, item);
            if (place >= 0)
            {
                fans.Add(new Fan(row.Sequence, row.RecommendedItems, place, row.RecommendedScores[place]));
            }
        }

        return [.. fans.OrderBy(fan => fan.Place).ThenByDescending(fan => fan.Score)];
    }
}
