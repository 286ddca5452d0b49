using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Evaluation;
using static Ssna.MLNet.Tests.Evaluation.ScoredView;

namespace Ssna.MLNet.Tests.Evaluation;

/// <summary>Rows split by what was wanted, by their histories, and by popularity.</summary>
[TestClass]
public sealed class RankingGroupsTests
{
    private static readonly MLContext s_context = new(1);
    private static readonly string[] s_names = ["a", "b", "c", "d", "e", "f"];

    // 20 interactions: a alone has more than a fifth; those above c have 16, four fifths.
    private static readonly long[] s_counts = [10, 6, 2, 1, 1, 0];

    [TestMethod]
    public void Repeated_and_new_targets_are_apart()
    {
        ItemRankingMetrics metrics = Evaluate(
            Row("b", [9, 8, 7, 6, 5, 4], ["a", "b"]), // rank 2, and 1 without a
            Row("c", [9, 8, 7, 6, 5, 4], ["a"]), // rank 3, and 2 without a
            Row("a", [9, 8, 7, 6, 5, 4], ["b"]) // rank 1
        );
        ItemRankingGroup[] groups = [.. metrics.ByTarget!];
        CollectionAssert.AreEqual(new[] { "new", "repeated" }, Names(groups));
        CollectionAssert.AreEqual(new[] { 1, 2 }, groups[0].Rows.ToArray());
        CollectionAssert.AreEqual(new[] { 0 }, groups[1].Rows.ToArray());
        Assert.AreEqual(0.5, groups[0].All.Recall(1));
        Assert.AreEqual(0.5, groups[0].All.RecallStandardError(1), 1e-15);
        Assert.AreEqual(0.5, groups[0].ExcludeSeen!.Recall(1));
        Assert.AreEqual(0, groups[1].All.Recall(1));
        Assert.AreEqual(1, groups[1].ExcludeSeen!.Recall(1));
        Assert.AreEqual((1 / 2.0 + 1) / 2, groups[0].All.Ndcg(3), 1e-15);
        Assert.IsNull(groups[0].ItemCount);
        Assert.AreEqual(2, groups[0].RowCount);
    }

    [TestMethod]
    public void A_group_without_rows_is_there_and_has_no_figures()
    {
        ItemRankingGroup repeated = Evaluate(Row("b", [1, 2, 3, 4, 5, 6], ["a"])).ByTarget![1];
        Assert.AreEqual("repeated", repeated.Name);
        Assert.AreEqual(0, repeated.RowCount);
        Assert.IsTrue(double.IsNaN(repeated.All.Recall(1)));
    }

    [TestMethod]
    public void Histories_are_grouped_by_powers_of_two_of_all_their_items()
    {
        int[] lengths = [0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 33, 64, 65];
        ItemRankingMetrics metrics = Evaluate([
            .. lengths.Select(length => Row("b", [1, 2, 3, 4, 5, 6], [.. Enumerable.Repeat("unknown", length)])),
        ]);
        CollectionAssert.AreEqual(
            new[] { "0", "1", "2", "3-4", "5-8", "9-16", "17-32", "33-64", "65-128" },
            Names(metrics.ByHistoryLength!)
        );
        CollectionAssert.AreEqual(
            new[] { 1, 1, 1, 2, 2, 2, 1, 2, 1 },
            metrics.ByHistoryLength!.Select(group => group.RowCount).ToArray()
        );
    }

    [TestMethod]
    public void Lengths_without_rows_are_left_out()
    {
        ItemRankingMetrics metrics = Evaluate(
            Row("b", [1, 2, 3, 4, 5, 6], ["a", "", "a"]), // the missing id is padding
            Row("b", [1, 2, 3, 4, 5, 6], ["a", "b", "c", "d", "e"])
        );
        CollectionAssert.AreEqual(new[] { "2", "5-8" }, Names(metrics.ByHistoryLength!));
    }

    [TestMethod]
    public void Head_middle_tail_and_what_was_never_trained_are_told_by_the_scores_annotation()
    {
        ItemRankingMetrics metrics = Evaluate([
            .. s_names.Select(name => Row(name, [9, 8, 7, 6, 5, 4], [])),
            Row("c", [9, 8, 10, 6, 5, 4], []),
        ]);
        ItemRankingGroup[] groups = [.. metrics.ByPopularity!];
        CollectionAssert.AreEqual(new[] { "head", "middle", "tail", "never trained" }, Names(groups));
        CollectionAssert.AreEqual(
            new int?[] { 1, 1, 3, 1 },
            groups.Select(group => group.ItemCount).ToArray(),
            "a; b; c, d, e; f"
        );
        CollectionAssert.AreEqual(new[] { 0 }, groups[0].Rows.ToArray());
        CollectionAssert.AreEqual(new[] { 1 }, groups[1].Rows.ToArray());
        CollectionAssert.AreEqual(new[] { 2, 3, 4, 6 }, groups[2].Rows.ToArray());
        CollectionAssert.AreEqual(new[] { 5 }, groups[3].Rows.ToArray());
        Assert.AreEqual(0.5, groups[2].All.Recall(3), "ranks 3, 4, 5 and 1");
    }

    [TestMethod]
    public void Popularity_is_null_where_the_scores_do_not_tell()
    {
        IDataView scored = Create(s_context, s_names, [Row("b", [1, 2, 3, 4, 5, 6], ["a"])]);
        ItemRankingMetrics metrics = s_context.Recommendation().EvaluateRanking(scored);
        Assert.IsNull(metrics.ByPopularity);
        Assert.IsNotNull(metrics.ByTarget);
    }

    [TestMethod]
    public void Without_histories_only_popularity_is_told()
    {
        IDataView scored = Create(s_context, s_names, [Row("b", [1, 2, 3, 4, 5, 6], ["a"])], s_counts);
        ItemRankingMetrics metrics = s_context.Recommendation().EvaluateRanking(scored, sequenceColumnName: null);
        Assert.IsNull(metrics.ByTarget);
        Assert.IsNull(metrics.ByHistoryLength);
        Assert.AreEqual(1, metrics.ByPopularity![1].RowCount);
        Assert.IsNull(metrics.ByPopularity[1].ExcludeSeen);
    }

    [TestMethod]
    public void Training_counts_of_another_number_of_items_are_refused_by_name()
    {
        IDataView scored = Create(s_context, s_names, [Row("b", [1, 2, 3, 4, 5, 6], ["a"])], [1, 2]);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            s_context.Recommendation().EvaluateRanking(scored)
        );
        StringAssert.Contains(error.Message, "'TrainingCounts'");
        StringAssert.Contains(error.Message, "Vector<Int64, 6>");
        StringAssert.Contains(error.Message, "Vector<Int64, 2>");
    }

    [TestMethod]
    public void What_is_known_of_all_rows_alone_is_refused_of_a_group()
    {
        ItemRankingGroup group = Evaluate(Row("b", [1, 2, 3, 4, 5, 6], ["a"])).ByTarget![0];
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => group.All.CatalogueCoverage(10));
        StringAssert.Contains(error.Message, "not of a group");
    }

    [TestMethod]
    [DataRow(new long[] { 5, 5, 5, 5 }, new[] { 0, 0, 0, 0 })] // equally popular: all of one group
    [DataRow(new long[] { 2, 1, 1, 1, 1, 1, 1, 1, 1 }, new[] { 0, 1, 1, 1, 1, 1, 1, 1, 1 })] // a fifth exactly is no less
    [DataRow(new long[] { 8, 2 }, new[] { 0, 2 })] // four fifths exactly are no less
    [DataRow(new long[] { 0, 0 }, new[] { 3, 3 })]
    [DataRow(new long[] { 0, 7, -1 }, new[] { 3, 0, 3 })]
    [DataRow(new long[] { }, new int[] { })]
    public void Groups_of_popularity_are_those_computed_by_hand(long[] counts, int[] groups) =>
        CollectionAssert.AreEqual(groups, PopularityGroups.Of(counts));

    [TestMethod]
    public void An_item_is_of_the_group_that_the_interactions_above_it_say() =>
        Gen.Long[0, 20]
            .Array[1, 40]
            .Sample(counts =>
            {
                int[] groups = PopularityGroups.Of(counts);
                long all = counts.Sum();
                for (int item = 0; item < counts.Length; item++)
                {
                    long above = counts.Where(count => count > counts[item]).Sum();
                    int expected =
                        counts[item] == 0 ? 3
                        : above * 10 < all * 2 ? 0
                        : above * 10 < all * 8 ? 1
                        : 2;
                    Assert.AreEqual(expected, groups[item]);
                }
            });

    [TestMethod]
    public void Groups_hold_every_row_once_and_together_make_the_whole() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5].Array[0, 9])
            .Array[1, 20]
            .Sample(rows =>
            {
                var accumulator = new RankingAccumulator(6, [2], withHistory: true, s_counts);
                foreach ((int target, int[] history) in rows)
                {
                    accumulator.Add([3, 1, 4, 1, 5, 9], target, history);
                }
                ItemRankingMetrics metrics = accumulator.ToMetrics();
                foreach (
                    IReadOnlyList<ItemRankingGroup> groups in new[]
                    {
                        metrics.ByTarget!,
                        metrics.ByHistoryLength!,
                        metrics.ByPopularity!,
                    }
                )
                {
                    CollectionAssert.AreEquivalent(
                        Enumerable.Range(0, rows.Length).ToArray(),
                        groups.SelectMany(group => group.Rows).ToArray()
                    );
                    Assert.AreEqual(
                        metrics.All.Recall(2) * rows.Length,
                        groups.Where(group => group.RowCount > 0).Sum(group => group.All.Recall(2) * group.RowCount),
                        1e-12
                    );
                }
            });

    private static string[] Names(IEnumerable<ItemRankingGroup> groups) => [.. groups.Select(group => group.Name)];

    private static ItemRankingMetrics Evaluate(params Row<string>[] rows) =>
        s_context.Recommendation().EvaluateRanking(Create(s_context, s_names, rows, s_counts));

    private static Row<string> Row(string label, float[] scores, string[] sequence) =>
        new()
        {
            Label = label,
            Score = scores,
            Sequence = sequence,
        };
}
