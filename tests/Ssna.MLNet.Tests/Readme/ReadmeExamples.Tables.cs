using Microsoft.ML.Data;

namespace Ssna.MLNet.Tests.Readme;

internal sealed class Item
{
    [LoadColumn(0), ColumnName("Item")]
    public string Id { get; set; } = "";

    [LoadColumn(1)]
    public string Text { get; set; } = "";
}

internal sealed class Interaction
{
    [LoadColumn(0)]
    public string User { get; set; } = "";

    [LoadColumn(1)]
    public string Item { get; set; } = "";

    [LoadColumn(2)]
    public DateTime Time { get; set; }
}

internal sealed class History
{
    public string User { get; set; } = "";

    public string[] Sequence { get; set; } = [];
}

internal sealed class Recommendation
{
    public string User { get; set; } = "";

    public string[] RecommendedItems { get; set; } = [];

    public float[] RecommendedScores { get; set; } = [];
}
