using Microsoft.ML;
using Microsoft.ML.Data;
using static Ssna.MLNet.Tests.Evaluation.ScoredView;

namespace Ssna.MLNet.Tests.Evaluation;

/// <summary>Two recommenders' scores of the same rows, compared row by row.</summary>
[TestClass]
public sealed class CompareRankingTests
{
    private static readonly MLContext s_context = new(1);
    private static readonly string[] s_names = ["a", "b", "c"];

    [TestMethod]
    public void Differences_of_two_rows_are_those_of_two_coins()
    {
        // The first row gains recall 1, the second none: the mean of two drawn rows is 0, 1/2 or 1.
        ItemRankingComparison found = Compare(
            View(Row("b", [1, 3, 2]), Row("c", [1, 2, 3])),
            View(Row("b", [3, 2, 1]), Row("c", [1, 2, 3]))
        );
        ItemRankingDifference recall = found.All.Recall(1);
        Assert.AreEqual(0.5, recall.Value);
        Assert.AreEqual(0.5, recall.StandardError, 1e-15);
        Assert.AreEqual(0, recall.LowerBound);
        Assert.AreEqual(1, recall.UpperBound);
        Assert.IsFalse(recall.IsSignificant);
        Assert.AreEqual(0, found.All.Recall(2).Value);
        Assert.AreEqual((1 - (1 / Math.Log2(3))) / 2, found.All.Ndcg(2).Value, 1e-15);
        Assert.AreEqual(0.25, found.All.Mrr(2).Value, 1e-15);
        Assert.AreEqual(1, found.Metrics.All.Recall(1));
        Assert.AreEqual(0.5, found.Baseline.All.Recall(1));
        Assert.AreEqual(10_000, found.Resamples);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => found.All.Recall(3));
    }

    [TestMethod]
    public void What_every_row_gains_is_significant_and_swapped_it_is_lost()
    {
        Row<string>[] rows = [.. Enumerable.Range(0, 20).Select(_ => Row("b", [1, 3, 2]))];
        Row<string>[] worse = [.. Enumerable.Range(0, 20).Select(_ => Row("b", [3, 2, 1]))];
        ItemRankingDifference gained = Compare(View(rows), View(worse)).ExcludeSeen!.Recall(1);
        Assert.AreEqual(new ItemRankingDifference(1, 0, 1, 1), gained);
        Assert.IsTrue(gained.IsSignificant);
        Assert.AreEqual(
            new ItemRankingDifference(-1, 0, -1, -1),
            Compare(View(worse), View(rows)).ExcludeSeen!.Recall(1)
        );
        Assert.IsFalse(Compare(View(rows), View(rows)).All.Recall(1).IsSignificant);
    }

    [TestMethod]
    public void Intervals_are_the_paired_bootstraps_of_the_ranks()
    {
        (IDataView scored, IDataView baseline) = Drawn(users: 60);
        ItemRankingComparison found = s_context
            .Recommendation()
            .CompareRanking(scored, baseline, cutoffs: [2], resamples: 500, seed: 9);
        double[][] means = PairedBootstrap.Means(
            [Ndcg(found.Metrics.ExcludeSeen!), Ndcg(found.Baseline.ExcludeSeen!)],
            500,
            seed: 9
        );
        (double low, double high) = PairedBootstrap.Interval(means[0].Zip(means[1], (mine, its) => mine - its));
        ItemRankingDifference ndcg = found.ExcludeSeen!.Ndcg(2);
        Assert.AreEqual(low, ndcg.LowerBound, 1e-12);
        Assert.AreEqual(high, ndcg.UpperBound, 1e-12);
        Assert.AreEqual(found.Metrics.ExcludeSeen!.Ndcg(2) - found.Baseline.ExcludeSeen!.Ndcg(2), ndcg.Value, 1e-12);
        Assert.AreEqual(
            (high - low) / 2 / 1.96,
            ndcg.StandardError,
            ndcg.StandardError * 0.2,
            "as of the central limit"
        );

        static double[] Ndcg(ItemRankingFigures figures) =>
            [.. figures.Ranks.Select(rank => rank <= 2 ? 1 / Math.Log2(rank + 1) : 0)];
    }

    [TestMethod]
    public void Each_side_is_what_evaluation_finds_of_it_alone()
    {
        (IDataView scored, IDataView baseline) = Drawn(users: 40);
        ItemRankingComparison found = Compare(scored, baseline);
        foreach (
            (IDataView view, ItemRankingMetrics metrics) in new[]
            {
                (scored, found.Metrics),
                (baseline, found.Baseline),
            }
        )
        {
            ItemRankingMetrics alone = s_context.Recommendation().EvaluateRanking(view, cutoffs: [1, 2]);
            Assert.AreEqual(alone.ToString(), metrics.ToString());
            CollectionAssert.AreEqual(alone.All.Ranks.ToArray(), metrics.All.Ranks.ToArray());
        }
    }

    [TestMethod]
    public void Seeds_decide_what_is_drawn_and_the_contexts_is_the_default()
    {
        (IDataView scored, IDataView baseline) = Drawn(users: 30);
        ItemRankingDifference Of(int? seed, MLContext? context = null) =>
            (context ?? s_context)
                .Recommendation()
                .CompareRanking(scored, baseline, cutoffs: [3], resamples: 50, seed: seed)
                .All.Ndcg(3);
        Assert.AreEqual(Of(1), Of(null));
        Assert.AreEqual(Of(5), Of(null, new MLContext(5)));
        Assert.AreEqual(Of(1), Of(null, new MLContext()));
        Assert.AreNotEqual(Of(1), Of(2));
    }

    [TestMethod]
    public void Items_may_stand_in_another_order_and_ids_be_of_another_type()
    {
        IDataView text = Create(s_context, ["10", "20", "30"], [Row("20", [3, 2, 1], ["10", "7"])]);
        IDataView numbers = Create(
            s_context,
            ["30", "10", "20"],
            [
                new Row<long>
                {
                    Label = 20,
                    Score = [1, 3, 2],
                    Sequence = [10, 7],
                },
            ]
        );
        ItemRankingComparison found = Compare(text, numbers);
        Assert.AreEqual(0, found.All.Mrr(2).Value);
        Assert.AreEqual(0, found.ExcludeSeen!.Mrr(2).Value);
        Assert.AreEqual(0.5, found.Baseline.All.Mrr(2));
        Assert.AreEqual(1, found.Baseline.ExcludeSeen!.Mrr(2));
    }

    [TestMethod]
    public void Rows_that_either_cannot_rank_count_for_neither()
    {
        ItemRankingComparison found = Compare(
            View(Row("a", [1, float.NaN, 2]), Row("b", [1, 3, 2]), Row("b", [1, 3, 2]), Row("nowhere", [1, 2, 3])),
            View(Row("a", [1, 2, 3]), Row("b", [1, 3, float.NaN]), Row("b", [3, 2, 1]), Row("nowhere", [1, 2, 3]))
        );
        foreach (ItemRankingMetrics metrics in new[] { found.Metrics, found.Baseline })
        {
            Assert.AreEqual(1, metrics.RowCount);
            Assert.AreEqual(2, metrics.InvalidScoreRows);
            Assert.AreEqual(1, metrics.UnknownLabelRows);
        }
        Assert.AreEqual(1, found.All.Recall(1).Value);
    }

    [TestMethod]
    public void Views_of_other_rows_are_refused_with_what_differs()
    {
        IDataView one = View(Row("b", [1, 3, 2], ["a"]), Row("c", [1, 2, 3], ["a"]));
        AssertRefused(View(Row("c", [1, 2, 3], ["a"]), Row("b", [1, 3, 2], ["a"])), "Row 1", "'Label'", "'b'", "'c'");
        AssertRefused(View(Row("b", [1, 3, 2], ["a"])), "1 in the second", "more in the first");
        AssertRefused(
            View(Row("b", [1, 3, 2], ["a"]), Row("c", [1, 2, 3], ["a"]), Row("c", [1, 2, 3], ["a"])),
            "2 in the first",
            "more in the second"
        );
        AssertRefused(View(Row("b", [1, 3, 2], ["a"]), Row("", [1, 2, 3], ["a"])), "Row 2", "'c'", "none");
        AssertRefused(View(Row("b", [1, 3, 2], ["a"]), Row("z", [1, 2, 3], ["a"])), "Row 2", "without a score");
        AssertRefused(View(Row("b", [1, 3, 2], ["a", "b"])), "Row 1", "'Sequence'", "1 items", "2");
        AssertRefused(View(Row("b", [1, 3, 2], ["c"])), "Row 1", "'Sequence'", "'a' as item 1", "'c'");

        void AssertRefused(IDataView other, params string[] named)
        {
            var error = Assert.ThrowsExactly<InvalidOperationException>(() => Compare(one, other));
            foreach (string part in named)
            {
                StringAssert.Contains(error.Message, part);
            }
        }
    }

    [TestMethod]
    public void Scores_of_other_items_are_refused_by_the_item()
    {
        IDataView one = View(Row("b", [1, 3, 2]));
        IDataView more = Create(s_context, ["a", "b", "c", "new"], [Row("b", [1, 3, 2, 0])]);
        foreach (
            (IDataView first, IDataView second, string where) in new[] { (one, more, "second"), (more, one, "first") }
        )
        {
            var error = Assert.ThrowsExactly<InvalidOperationException>(() => Compare(first, second));
            StringAssert.Contains(error.Message, $"'new' in the {where} alone");
            StringAssert.Contains(error.Message, "'Score'");
        }
    }

    [TestMethod]
    public void Nothing_to_compare_wrong_columns_and_too_few_resamples_are_errors()
    {
        IDataView one = View(Row("b", [1, 3, 2]));
        IDataView nothing = View(Row("z", [1, 3, 2]));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Compare(nothing, nothing)).Message,
            "found none"
        );
        StringAssert.Contains(
            Assert
                .ThrowsExactly<ArgumentOutOfRangeException>(() =>
                    s_context.Recommendation().CompareRanking(one, one, labelColumnName: "Nope")
                )
                .Message,
            "'Nope'"
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            s_context.Recommendation().CompareRanking(one, one, resamples: 0)
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            s_context.Recommendation().CompareRanking(one, one, cutoffs: [0])
        );
    }

    [TestMethod]
    public void It_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        IDataView one = View(Row("b", [1, 3, 2]));
        Assert.Throws<OperationCanceledException>(() =>
            s_context.Recommendation().CompareRanking(one, one, cancellationToken: cancellation.Token)
        );
    }

    [TestMethod]
    public void Without_a_sequence_column_all_items_are_compared_alone()
    {
        IDataView one = View(Row("b", [1, 3, 2]));
        ItemRankingComparison found = s_context
            .Recommendation()
            .CompareRanking(one, one, sequenceColumnName: null, resamples: 10);
        Assert.IsNull(found.ExcludeSeen);
        Assert.AreEqual(0, found.All.Recall(10).Value);
    }

    [TestMethod]
    public void It_prints_as_a_table()
    {
        ItemRankingComparison found = s_context
            .Recommendation()
            .CompareRanking(View(Row("b", [1, 3, 2])), View(Row("b", [3, 2, 1])), cutoffs: [1], resamples: 10);
        string[] expected =
        [
            "1 rows, less the baseline; [95 % of 10 resamples of the rows].",
            "                                        Recall                          NDCG                           MRR",
            "all, best 1         +1.0000 [+1.0000, +1.0000]    +1.0000 [+1.0000, +1.0000]    +1.0000 [+1.0000, +1.0000]",
            "unseen, best 1      +1.0000 [+1.0000, +1.0000]    +1.0000 [+1.0000, +1.0000]    +1.0000 [+1.0000, +1.0000]",
        ];
        CollectionAssert.AreEqual(expected, found.ToString().ReplaceLineEndings("\n").Split('\n'));
    }

    private static ItemRankingComparison Compare(IDataView scored, IDataView baseline) =>
        s_context.Recommendation().CompareRanking(scored, baseline, cutoffs: [1, 2]);

    private static (IDataView Scored, IDataView Baseline) Drawn(int users)
    {
        var random = new Random(4);
        Row<string>[] rows =
        [
            .. Enumerable
                .Range(0, users)
                .Select(_ =>
                    Row(
                        s_names[random.Next(3)],
                        [random.NextSingle(), random.NextSingle(), random.NextSingle()],
                        [s_names[random.Next(3)]]
                    )
                ),
        ];
        Row<string>[] others =
        [
            .. rows.Select(row =>
                Row(row.Label, [random.NextSingle(), random.NextSingle(), random.NextSingle()], row.Sequence)
            ),
        ];
        return (View(rows), View(others));
    }

    private static IDataView View(params Row<string>[] rows) => Create(s_context, s_names, rows);

    private static Row<string> Row(string label, float[] scores, string[]? sequence = null) =>
        new()
        {
            Label = label,
            Score = scores,
            Sequence = sequence ?? [],
        };
}
