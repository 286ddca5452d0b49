using CsCheck;
using Microsoft.ML.Data;
using Ssna.MLNet.Evaluation;

namespace Ssna.MLNet.Tests.Evaluation;

/// <summary>How sure the figures are.</summary>
[TestClass]
public sealed class StandardErrorTests
{
    // Rows of scores over the same items; few distinct scores, so that lists share items and have ties.
    private static readonly Gen<float[][]> s_rows = Gen.Int[2, 30]
        .SelectMany(items => Gen.Int[0, 9].Select(score => (float)score).Array[items].Array[2, 8]);

    [TestMethod]
    public void Errors_of_means_are_those_computed_by_hand()
    {
        var figures = new ItemRankingFigures([1, 3, 11, 2]);
        // Recall: 1, 1, 0, 1. MRR: 1, 1/3, 0, 1/2. NDCG: 1, 1/2, 0, 1 / log2(3).
        Assert.AreEqual(0.75, figures.Recall(10));
        Assert.AreEqual(0.25, figures.RecallStandardError(10), 1e-15);
        Assert.AreEqual(11 / 24.0, figures.Mrr(10), 1e-15);
        Assert.AreEqual(5 / 24.0, figures.MrrStandardError(10), 1e-15);
        Assert.AreEqual(0.5327324383928644, figures.Ndcg(10), 1e-15);
        Assert.AreEqual(0.20673190172251918, figures.NdcgStandardError(10), 1e-15);
        Assert.AreEqual(0, figures.RecallStandardError(11), "all four are found");
    }

    [TestMethod]
    public void One_row_has_no_standard_error_and_no_row_no_figure()
    {
        var one = new ItemRankingFigures([1]);
        Assert.AreEqual(1, one.Recall(1));
        Assert.IsTrue(double.IsNaN(one.RecallStandardError(1)));
        var none = new ItemRankingFigures([]);
        Assert.IsTrue(double.IsNaN(none.Ndcg(1)) && double.IsNaN(none.NdcgStandardError(1)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => one.RecallStandardError(0));
    }

    [TestMethod]
    public void It_is_what_the_figures_of_other_users_deviate_by()
    {
        // Of 2,000 samples of 200 users, a quarter of whom is found: the deviation of their recalls.
        var random = new Random(3);
        ItemRankingFigures[] samples =
        [
            .. Enumerable
                .Range(0, 2_000)
                .Select(_ => new ItemRankingFigures([
                    .. Enumerable.Range(0, 200).Select(_ => random.Next(4) == 0 ? 1 : 11),
                ])),
        ];
        double mean = samples.Average(sample => sample.Recall(10));
        double deviation = Math.Sqrt(samples.Average(sample => Math.Pow(sample.Recall(10) - mean, 2)));
        Assert.AreEqual(deviation, samples[0].RecallStandardError(10), deviation * 0.15);
    }

    [TestMethod]
    public void Of_coverage_it_is_the_jackknifes_computed_by_hand()
    {
        var accumulator = new RankingAccumulator(4, [1]);
        accumulator.Add([9, 1, 1, 1], 0, []);
        accumulator.Add([9, 1, 1, 1], 0, []);
        accumulator.Add([1, 9, 1, 1], 0, []);
        ItemRankingFigures figures = accumulator.ToMetrics().All;
        // Without the third row one of the two covered items of four is lost: 1/2, 1/2, 1/4, whose jackknife is 1/6.
        Assert.AreEqual(0.5, figures.CatalogueCoverage(1));
        Assert.AreEqual(1 / 6.0, figures.CatalogueCoverageStandardError(1), 1e-15);
    }

    [TestMethod]
    public void Of_coverage_it_is_that_of_leaving_each_row_out() =>
        s_rows.Sample(rows =>
        {
            int[] cutoffs = [1, 3, 12];
            ItemRankingFigures figures = Accumulate(rows, cutoffs).All;
            foreach (int cutoff in cutoffs)
            {
                double[] without =
                [
                    .. rows.Select(
                        (_, left) =>
                            Accumulate([.. rows.Where((_, row) => row != left)], cutoffs).All.CatalogueCoverage(cutoff)
                    ),
                ];
                double mean = without.Average();
                double expected = Math.Sqrt(
                    (rows.Length - 1.0) / rows.Length * without.Sum(value => (value - mean) * (value - mean))
                );
                Assert.AreEqual(expected, figures.CatalogueCoverageStandardError(cutoff), 1e-12);
            }
        });

    [TestMethod]
    public void The_order_of_the_rows_changes_nothing() =>
        Gen.Select(s_rows, Gen.Int)
            .Sample(
                (rows, seed) =>
                {
                    float[][] shuffled = [.. rows];
                    new Random(seed).Shuffle(shuffled);
                    int[] cutoffs = [1, 4];
                    ItemRankingFigures one = Accumulate(rows, cutoffs).All;
                    ItemRankingFigures other = Accumulate(shuffled, cutoffs).All;
                    foreach (int cutoff in cutoffs)
                    {
                        Assert.AreEqual(one.Ndcg(cutoff), other.Ndcg(cutoff), 1e-12);
                        Assert.AreEqual(one.NdcgStandardError(cutoff), other.NdcgStandardError(cutoff), 1e-12);
                        Assert.AreEqual(one.CatalogueCoverage(cutoff), other.CatalogueCoverage(cutoff));
                        Assert.AreEqual(
                            one.CatalogueCoverageStandardError(cutoff),
                            other.CatalogueCoverageStandardError(cutoff),
                            1e-12
                        );
                    }
                }
            );

    private static ItemRankingMetrics Accumulate(float[][] rows, int[] cutoffs)
    {
        var accumulator = new RankingAccumulator(rows[0].Length, cutoffs, withHistory: false);
        foreach (float[] scores in rows)
        {
            accumulator.Add(scores, 0, []);
        }
        return accumulator.ToMetrics();
    }
}
