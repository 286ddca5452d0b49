using Experiments.Runs;
using Experiments.Statistics;

namespace Experiments.Reports;

/// <summary>What each test case adds to a measure, over several runs of the same cases.</summary>
internal static class CaseMeans
{
    /// <summary>Each case's mean over the runs.</summary>
    /// <param name="tests">The runs' ranks.</param>
    /// <param name="protocol">Which items compete.</param>
    /// <param name="measure">The measure.</param>
    public static double[] Of(IReadOnlyList<TestRanks> tests, Protocol protocol, Measure measure)
    {
        var means = new double[tests[0].All.Count];
        foreach (TestRanks test in tests)
        {
            IReadOnlyList<int> ranks = test.Of(protocol);
            for (int user = 0; user < means.Length; user++)
            {
                means[user] += measure.Gain(ranks[user]) / tests.Count;
            }
        }
        return means;
    }
}
