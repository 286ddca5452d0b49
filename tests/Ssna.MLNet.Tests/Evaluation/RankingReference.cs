using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Evaluation;

/// <summary>Scores with ties, and what a reference implementation makes of them.</summary>
internal sealed class RankingReference
{
    private readonly JsonElement results;

    private RankingReference(JsonElement root)
    {
        Scores = root.GetProperty("scores").Deserialize<float[][]>()!;
        Relevant = root.GetProperty("relevant").Deserialize<int[]>()!;
        Seen = root.GetProperty("seen").Deserialize<int[][]>()!;
        results = root.GetProperty("results");
        Cutoffs = [.. results.EnumerateObject().Select(result => int.Parse(result.Name.Split('/')[2])).Distinct()];
    }

    public float[][] Scores { get; }

    public int[] Relevant { get; }

    public int[][] Seen { get; }

    public int[] Cutoffs { get; }

    public static RankingReference Read() =>
        new(JsonDocument.Parse(File.ReadAllText(SharedFolder.Require("refs", "ssna", "metrics.json"))).RootElement);

    public void AssertEqual(ItemRankingMetrics metrics)
    {
        Assert.AreEqual(Relevant.Length, metrics.RowCount);
        foreach (int cutoff in Cutoffs)
        {
            AssertEqual("all", cutoff, metrics.All);
            AssertEqual("exclude_seen", cutoff, metrics.ExcludeSeen!);
        }
    }

    private void AssertEqual(string protocol, int cutoff, ItemRankingFigures figures)
    {
        JsonElement expected = results.GetProperty($"{protocol}/worst/{cutoff}");
        Equal("recall", figures.Recall(cutoff));
        Equal("ndcg", figures.Ndcg(cutoff));
        Equal("mrr", figures.Mrr(cutoff));

        // The ranks are integers; only the order of summation may differ.
        void Equal(string name, double found) =>
            Assert.AreEqual(expected.GetProperty(name).GetDouble(), found, 1e-12, $"{protocol} {name}@{cutoff}");
    }
}
