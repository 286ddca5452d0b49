using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Sequences;

[TestClass]
public sealed class WindowCoverageTests
{
    [TestMethod]
    public void What_is_counted_is_what_is_cut()
    {
        var random = new Random(7);
        for (int window = 1; window < 8; window++)
        {
            SequenceSet sequences = OfLengths([.. Enumerable.Range(0, 40).Select(_ => random.Next(0, 25))]);
            var coverage = WindowCoverage.Of(sequences, window);
            BatchPlanner all = Planner(sequences, window, EarlierWindows.On);
            BatchPlanner last = Planner(sequences, window, EarlierWindows.Off);
            Assert.AreEqual(
                (all.CaseCount, all.CaseCount - last.CaseCount, all.WindowCount, last.WindowCount),
                (coverage.Cases, coverage.EarlierCases, coverage.Windows, coverage.LastWindows)
            );
        }
    }

    [TestMethod]
    [DataRow(new[] { 61, 41 }, false, DisplayName = "exactly a tenth: 10 of 100 cases")]
    [DataRow(new[] { 61, 40 }, true, DisplayName = "a little more: 10 of 99")]
    [DataRow(new[] { 61, 42 }, false, DisplayName = "a little less: 10 of 101")]
    [DataRow(new[] { 51, 2, 2 }, false, DisplayName = "none")]
    [DataRow(new[] { 0, 1 }, false, DisplayName = "no case at all")]
    public void More_than_a_tenth_of_the_cases_has_to_be_lost(int[] lengths, bool earlier)
    {
        SequenceSet sequences = OfLengths(lengths);
        var coverage = WindowCoverage.Of(sequences, 50);
        Assert.AreEqual(earlier, coverage.TakesEarlier(EarlierWindows.Auto));
        Assert.IsTrue(coverage.TakesEarlier(EarlierWindows.On));
        Assert.IsFalse(coverage.TakesEarlier(EarlierWindows.Off));
        BatchPlanner planner = Planner(sequences, 50, EarlierWindows.Auto);
        Assert.AreEqual(coverage.Cases - (earlier ? 0 : coverage.EarlierCases), planner.CaseCount);
        Assert.AreEqual(earlier ? coverage.Windows : coverage.LastWindows, planner.WindowCount);
    }

    private static BatchPlanner Planner(SequenceSet sequences, int window, EarlierWindows earlier) =>
        new(sequences, 30, new BatchPlanner.Settings(window, 100, earlier, new BatchNeeds(WholeCatalogue: true)));

    private static SequenceSet OfLengths(int[] lengths)
    {
        var sequences = new SequenceSetBuilder();
        foreach (int length in lengths)
        {
            sequences.Add([.. Enumerable.Range(0, length).Select(i => i % 30)]);
        }
        return sequences.ToSet();
    }
}
