using Experiments.Reports;
using Experiments.Runs;

namespace Experiments.Tests.Reports;

[TestClass]
public sealed class TargetSplitTests
{
    [TestMethod]
    public void Repeated_and_new_targets_are_measured_apart_over_all_items()
    {
        bool[] repeated = [false, true, true, false];
        TargetSplit split = TargetSplit.Of([
            new(100, [1, 2, 60, 11], [1, 1, 1, 1], repeated),
            new(100, [11, 2, 2, 11], [1, 1, 1, 1], repeated),
        ])!;
        Assert.AreEqual(2, split.RepeatedCount);
        Assert.AreEqual(2, split.NewCount);
        Assert.AreEqual(0.75, split.Repeated["recall@10"].Mean, 1e-12);
        Assert.AreEqual(0.25, split.New["recall@10"].Mean, 1e-12);
        Assert.AreEqual(1, split.New["recall@50"].Mean, 1e-12);
        Assert.AreEqual(((1 / Math.Log2(3) / 2) + (1 / Math.Log2(3))) / 2, split.Repeated["ndcg@10"].Mean, 1e-12);
    }

    [TestMethod]
    public void There_is_none_where_runs_do_not_tell_or_one_kind_is_missing()
    {
        Assert.IsNull(TargetSplit.Of([new(100, [1, 2], [1, 2])]));
        Assert.IsNull(TargetSplit.Of([new(100, [1, 2], [1, 2], [false, false])]));
        Assert.IsNull(TargetSplit.Of([null]));
    }
}
