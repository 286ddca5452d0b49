using Ssna.MLNet.Training;

namespace Ssna.MLNet.Sequences;

[TestClass]
public sealed class ValidationCasesTests
{
    [TestMethod]
    public void The_last_item_is_held_out_where_two_are_left_to_train_on()
    {
        var sequences = new SequenceSet([1, 2, 3, 4, 5, 6, 7, 8], [0, 3, 5, 6, 6, 8]);
        (SequenceSet training, ValidationCases cases) = ValidationCases.HoldOutLast(sequences);
        Assert.AreEqual("1 2|4 5|6||7 8", Text(training));
        Assert.AreEqual("1 2", Text(cases.Histories));
        CollectionAssert.AreEqual((int[])[3], cases.Targets);
    }

    private static string Text(SequenceSet set) =>
        string.Join('|', Enumerable.Range(0, set.Count).Select(i => string.Join(' ', set[i].ToArray())));

    [TestMethod]
    public void A_sample_keeps_cases_whole_in_their_order_and_depends_on_the_seed_alone()
    {
        (_, ValidationCases all) = ValidationCases.HoldOutLast(CircleShop.Sequences(200));
        ValidationCases sample = all.Sample(20, seed: 1);
        Assert.AreEqual(20, sample.Count);
        Assert.AreSame(all, all.Sample(all.Count, seed: 1));
        CollectionAssert.AreEqual(sample.Targets, all.Sample(20, seed: 1).Targets);
        CollectionAssert.AreNotEqual(sample.Targets, all.Sample(20, seed: 2).Targets);
        int next = 0;
        for (int i = 0; i < sample.Count; i++)
        {
            while (!(all.Targets[next] == sample.Targets[i] && all.Histories[next].SequenceEqual(sample.Histories[i])))
            {
                next++;
            }
            next++;
        }
        Assert.IsLessThanOrEqualTo(all.Count, next);
    }
}
