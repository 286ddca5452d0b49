using Experiments.Statistics;

namespace Experiments.Tests.Statistics;

[TestClass]
public sealed class MeasureTests
{
    [TestMethod]
    public void Ranks_count_up_to_the_cutoff()
    {
        int[] ranks = [1, 3, 10, 11, 50, 51];
        double[] figures = [.. Measure.All.Select(measure => measure.Of(ranks))];
        Assert.AreEqual(3 / 6.0, figures[0], 1e-12);
        Assert.AreEqual(5 / 6.0, figures[1], 1e-12);
        double ndcg10 = 1 + (1 / 2.0) + (1 / Math.Log2(11));
        Assert.AreEqual(ndcg10 / 6, figures[2], 1e-12);
        Assert.AreEqual((ndcg10 + (1 / Math.Log2(12)) + (1 / Math.Log2(51))) / 6, figures[3], 1e-12);
    }

    [TestMethod]
    public void Chance_is_the_mean_over_all_places()
    {
        const int items = 37;
        foreach (Measure measure in Measure.All)
        {
            Assert.AreEqual(measure.Of([.. Enumerable.Range(1, items)]), measure.OfChance(items), 1e-12, measure.Name);
        }
    }

    [TestMethod]
    public void A_deviation_needs_two_seeds()
    {
        Assert.AreEqual(new Spread(0.5, null, 1), Sample.Spread([0.5]));
        Spread spread = Sample.Spread([1, 2, 3, 4]);
        Assert.AreEqual(2.5, spread.Mean);
        Assert.AreEqual(Math.Sqrt(5 / 3.0), spread.Deviation!.Value, 1e-12);
        Assert.AreEqual(2.5, Sample.Median([4, 1, 3, 2]));
    }
}
