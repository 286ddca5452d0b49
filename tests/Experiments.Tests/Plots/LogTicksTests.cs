using Experiments.Plots;

namespace Experiments.Tests.Plots;

[TestClass]
public sealed class LogTicksTests
{
    [TestMethod]
    public void Wide_axes_have_ticks_at_1_2_and_5() =>
        CollectionAssert.AreEqual(
            new[] { 10.0, 20, 50, 100, 200, 500 },
            Charting.LogTicks(Math.Log10(8), Math.Log10(900)).Select(value => Math.Round(value, 9)).ToArray()
        );

    [TestMethod]
    public void However_near_the_ends_are_three_labels_or_more_are_to_be_seen()
    {
        // A plot's axis goes from a seventh of a power of ten before its points to as much behind: never less than this apart.
        for (double from = -3; from < 4; from += 0.01)
        {
            foreach (double width in new[] { 0.3, 0.45, 0.8, 1.5, 4 })
            {
                double[] ticks = Charting.LogTicks(from, from + width);
                Assert.IsGreaterThanOrEqualTo(3, ticks.Length, $"from {from}, {width} wide");
                Assert.IsLessThanOrEqualTo(14, ticks.Length, $"from {from}, {width} wide");
                CollectionAssert.AreEqual(ticks.Order().Distinct().ToArray(), ticks);
                Assert.IsTrue(ticks.All(tick => Math.Log10(tick) >= from && Math.Log10(tick) <= from + width));
            }
        }
    }
}
