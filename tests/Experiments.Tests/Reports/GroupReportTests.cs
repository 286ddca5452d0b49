using Experiments.Reports;
using Experiments.Runs;
using Experiments.Statistics;

namespace Experiments.Tests.Reports;

[TestClass]
public sealed class GroupReportTests
{
    private static readonly TestGroup[] s_groups =
    [
        new(Splits.Target, "new", null, [0, 3]),
        new(Splits.Target, "repeated", null, [1, 2]),
        new(Splits.Popularity, "head", 7, [1]),
        new(Splits.Popularity, "tail", 9, []),
    ];

    [TestMethod]
    public void Groups_of_cases_are_measured_apart_by_either_protocol()
    {
        TestRanks[] tests =
        [
            new(100, [1, 2, 60, 11], [1, 1, 1, 1]) { Groups = s_groups },
            new(100, [11, 2, 2, 11], [1, 1, 60, 1]) { Groups = s_groups },
        ];
        IReadOnlyList<GroupReport> groups = GroupReport.Of(tests);
        Assert.HasCount(4, groups);
        GroupReport repeated = groups[1];
        Assert.AreEqual("repeated", repeated.Name);
        Assert.AreEqual(2, repeated.CaseCount);
        Measure recall10 = Measure.All[0];
        Assert.AreEqual(0.75, repeated.Figure(Protocol.All, recall10).Value.Mean, 1e-12);
        Assert.AreEqual(0.25, groups[0].Figure(Protocol.All, recall10).Value.Mean, 1e-12);
        Assert.AreEqual(1, groups[0].Figure(Protocol.All, Measure.All[1]).Value.Mean, 1e-12);
        Assert.AreEqual(0.75, repeated.Figure(Protocol.ExcludeSeen, recall10).Value.Mean, 1e-12);
        Assert.AreEqual(
            ((1 / Math.Log2(3) / 2) + (1 / Math.Log2(3))) / 2,
            repeated.Figure(Protocol.All, Measure.All[2]).Value.Mean,
            1e-12
        );
        // Over both seeds the two users have 1 and 1/2: half of their deviation's root is 1/4.
        Assert.AreEqual(0.25, repeated.Figure(Protocol.All, recall10).StandardError!.Value, 1e-12);
        Assert.AreEqual(
            Math.Sqrt(0.125),
            repeated.Figure(Protocol.All, recall10).Value.Deviation!.Value,
            1e-12,
            "the seeds' deviation is another thing: 1/2 and 1"
        );
    }

    [TestMethod]
    public void One_case_has_no_standard_error_and_no_case_no_figures()
    {
        IReadOnlyList<GroupReport> groups = GroupReport.Of([new(9, [1, 2, 3, 4], [1, 1, 1, 1]) { Groups = s_groups }]);
        Assert.AreEqual(7, groups[2].Items);
        Assert.IsNull(groups[2].Figure(Protocol.All, Measure.All[0]).StandardError);
        Assert.IsEmpty(groups[3].Figures);
        Assert.IsEmpty(GroupReport.Of([new(9, [1], [1])]), "the run did not tell");
    }

    [TestMethod]
    public void Lists_are_told_over_the_seeds()
    {
        TestRanks Run(double coverage, double diversity) =>
            new(9, [1], [1]) { Lists = [new(Protocol.All, 10, new(coverage, 0.1), new(diversity, 0.2))] };
        ListReport list = ListReport.Of([Run(0.5, 0.75), Run(0.25, 0.25)]).Single();
        Assert.AreEqual(0.375, list.Coverage.Value.Mean, 1e-12);
        Assert.AreEqual(0.1, list.Coverage.StandardError, 1e-12);
        Assert.AreEqual(0.5, list.Diversity!.Value.Mean, 1e-12);
        Assert.AreEqual(0.2, list.Diversity.StandardError, 1e-12);
    }
}
