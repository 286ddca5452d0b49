using CsCheck;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Evaluation;
using Ssna.MLNet.Ids;

namespace Ssna.MLNet.Tests.Evaluation;

[TestClass]
public class RankingAccumulatorTests
{
    // Few distinct scores, so that ties are common; rows longer than a vector register.
    private static readonly Gen<(float[] Scores, int Target, int[] History)> Row = Gen.Int[1, 70]
        .SelectMany(items =>
            Gen.Select(
                Gen.Int[-3, 3].Select(score => score / 2f).Array[items],
                Gen.Int[0, items - 1],
                Gen.Int[-1, items - 1].Array[0, 20]
            )
        );

    [TestMethod]
    public void Agrees_with_the_reference_implementation_when_ties_count_against()
    {
        RankingReference reference = RankingReference.Read();
        var accumulator = new RankingAccumulator(reference.Scores[0].Length, reference.Cutoffs);
        for (int i = 0; i < reference.Scores.Length; i++)
        {
            Assert.IsTrue(accumulator.Add(reference.Scores[i], reference.Relevant[i], reference.Seen[i]));
        }
        reference.AssertEqual(accumulator.ToMetrics());
    }

    [TestMethod]
    public void Ranks_equal_those_of_a_full_sort()
    {
        Row.Sample(row =>
        {
            ItemRankingMetrics metrics = Rank(row.Scores, row.Target, row.History);
            Assert.AreEqual(NaiveRank(row.Scores, row.Target, []), metrics.All.Ranks[0]);
            Assert.AreEqual(NaiveRank(row.Scores, row.Target, row.History), metrics.ExcludeSeen!.Ranks[0]);
        });
    }

    [TestMethod]
    public void Coverage_counts_the_items_of_fully_sorted_lists()
    {
        Gen.Int[1, 60]
            .SelectMany(items =>
                Gen.Select(
                    Gen.Int[0, 9].Select(score => (float)score).Array[items],
                    Gen.Int[0, items - 1],
                    Gen.Int[0, items - 1].Array[0, 9]
                ).Array[1, 5]
            )
            .Sample(rows =>
            {
                int items = rows[0].Item1.Length;
                int[] cutoffs = [1, 3, 12];
                var accumulator = new RankingAccumulator(items, cutoffs);
                foreach ((float[] scores, int target, int[] history) in rows)
                {
                    accumulator.Add(scores, target, history);
                }
                ItemRankingMetrics metrics = accumulator.ToMetrics();
                foreach (int cutoff in cutoffs)
                {
                    double Expected(Func<(float[], int, int[]), IEnumerable<int>> excluded) =>
                        rows.SelectMany(row =>
                                Enumerable
                                    .Range(0, items)
                                    .Except(excluded(row))
                                    .OrderByDescending(i => row.Item1[i])
                                    .ThenBy(i => i)
                                    .Take(cutoff)
                            )
                            .Distinct()
                            .Count() / (double)items;
                    Assert.AreEqual(Expected(_ => []), metrics.All.CatalogueCoverage(cutoff));
                    Assert.AreEqual(
                        Expected(row => row.Item3.Where(i => i != row.Item2)),
                        metrics.ExcludeSeen!.CatalogueCoverage(cutoff)
                    );
                }
            });
    }

    [TestMethod]
    public void Renumbering_the_items_changes_nothing()
    {
        Row.Sample(row =>
        {
            int[] order = [.. Enumerable.Range(0, row.Scores.Length)];
            new Random(row.Target).Shuffle(order);
            var scores = new float[order.Length];
            for (int i = 0; i < order.Length; i++)
            {
                scores[order[i]] = row.Scores[i];
            }
            ItemRankingMetrics one = Rank(row.Scores, row.Target, row.History);
            ItemRankingMetrics other = Rank(
                scores,
                order[row.Target],
                [.. row.History.Select(item => item < 0 ? item : order[item])]
            );
            Assert.AreEqual(one.All.Ranks[0], other.All.Ranks[0]);
            Assert.AreEqual(one.ExcludeSeen!.Ranks[0], other.ExcludeSeen!.Ranks[0]);
        });
    }

    [TestMethod]
    public void The_target_counts_even_where_the_history_holds_it()
    {
        ItemRankingMetrics metrics = Rank([3, 2, 1, 0], target: 1, history: [0, 1, 1]);
        Assert.AreEqual(2, metrics.All.Ranks[0]);
        Assert.AreEqual(1, metrics.ExcludeSeen!.Ranks[0]);
    }

    [TestMethod]
    public void Each_row_that_counts_says_whether_its_target_is_a_repeat()
    {
        var accumulator = new RankingAccumulator(4, [2]);
        accumulator.Add([3, 2, 1, 0], target: 1, history: [0, 1]);
        accumulator.Add([3, 2, float.NaN, 0], target: 1, history: [1]);
        accumulator.Add([3, 2, 1, 0], target: 1, history: [-1, 0]);
        IReadOnlyList<ItemRankingGroup> groups = accumulator.ToMetrics().ByTarget!;
        CollectionAssert.AreEqual(new[] { 1 }, groups[0].Rows.ToArray());
        CollectionAssert.AreEqual(new[] { 0 }, groups[1].Rows.ToArray());
        Assert.IsNull(new RankingAccumulator(4, [2], withHistory: false).ToMetrics().ByTarget);
    }

    [TestMethod]
    public void Rows_that_cannot_be_ranked_are_counted_by_reason()
    {
        var accumulator = new RankingAccumulator(3, [2]);
        Assert.IsFalse(accumulator.Add([1, 2, 3], ItemIds.Unknown, []));
        Assert.IsFalse(accumulator.Add([1, 2, 3], ItemIds.Missing, []));
        Assert.IsFalse(accumulator.Add([1, float.NaN, 3], 0, []));
        Assert.IsFalse(accumulator.Add([1, float.NaN, 3], 1, []));
        ItemRankingMetrics metrics = accumulator.ToMetrics();
        Assert.AreEqual(0, metrics.RowCount);
        Assert.AreEqual(1, metrics.UnknownLabelRows);
        Assert.AreEqual(1, metrics.MissingLabelRows);
        Assert.AreEqual(2, metrics.InvalidScoreRows);
        Assert.IsTrue(double.IsNaN(metrics.All.Recall(2)));
    }

    [TestMethod]
    public void Scores_of_another_number_are_refused()
    {
        var accumulator = new RankingAccumulator(3, [1]);
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add([1, 2], 0, []));
        StringAssert.Contains(error.Message, "Expected 3 scores, found 2");
    }

    [TestMethod]
    public void Coverage_is_refused_at_a_cutoff_that_was_not_asked_for()
    {
        ItemRankingMetrics metrics = Rank([1, 2], 0, []);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => metrics.All.CatalogueCoverage(7));
    }

    [TestMethod]
    public void Cutoffs_below_one_are_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RankingAccumulator(3, [10, 0]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RankingAccumulator(3, []));
    }

    private static ItemRankingMetrics Rank(float[] scores, int target, int[] history)
    {
        var accumulator = new RankingAccumulator(scores.Length, [1, 5]);
        accumulator.Add(scores, target, history);
        return accumulator.ToMetrics();
    }

    private static int NaiveRank(float[] scores, int target, int[] excluded) =>
        Enumerable
            .Range(0, scores.Length)
            .Where(item => item == target || !excluded.Contains(item))
            .OrderByDescending(item => scores[item])
            .ThenBy(item => item == target) // ties against: the target last among its equals
            .ToList()
            .IndexOf(target) + 1;
}
