using DataFolders;
using Experiments.Runs;
using Microsoft.ML;
using Ssna.MLNet.Testing;
using Tools;

namespace Experiments.Tests.Runs;

[TestClass]
public sealed class ExperimentDataTests
{
    private static readonly ColdItems s_cold = new(Share: 0.25, Seed: 1);

    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Nothing_that_is_trained_on_is_cold_and_warm_and_added_items_together_are_all()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentData data = Read(folder, s_cold);
        string[] cold = [.. data.Ids.Where(data.IsCold)];
        Assert.HasCount(2, cold, "a quarter of eight items");
        Assert.AreEqual(TinyShop.Items - 2, data.WarmCount);
        CollectionAssert.AreEqual(data.Ids.Except(cold).ToArray(), Items(data.WarmItems));
        CollectionAssert.AreEqual(cold, Items(data.AddedItems!));

        // The users are all there, with everything but their last item and the cold ones.
        string[][] expected =
        [
            .. Sequences(Read(folder, cold: null).Training)
                .Select(sequence => sequence.Where(item => !cold.Contains(item)).ToArray()),
        ];
        string[][] found = Sequences(data.Training);
        Assert.HasCount(TinyShop.Users, found);
        for (int user = 0; user < found.Length; user++)
        {
            CollectionAssert.AreEqual(expected[user], found[user], $"user {user + 1}");
        }
        Assert.Contains(sequence => sequence.Length < 4, found, "somebody took a cold item");
    }

    [TestMethod]
    public void Test_cases_are_split_by_whether_their_last_item_is_cold()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentData data = Read(folder, s_cold);
        string[] all = Labels(data.Test);
        Assert.HasCount(TinyShop.Users, all);
        CollectionAssert.AreEqual(all.Where(data.IsCold).ToArray(), Labels(data.ColdTest!));
        CollectionAssert.AreEqual(all.Where(item => !data.IsCold(item)).ToArray(), Labels(data.WarmTest!));
    }

    [TestMethod]
    public void The_seed_decides_which_items_are_cold()
    {
        using TemporaryFolder folder = TinyShop.Write();
        string[] first = Cold(1);
        CollectionAssert.AreEqual(first, Cold(1));
        Assert.Contains(seed => !first.SequenceEqual(Cold(seed)), Enumerable.Range(2, 5));

        string[] Cold(int seed)
        {
            ExperimentData data = Read(folder, s_cold with { Seed = seed });
            return [.. data.Ids.Where(data.IsCold)];
        }
    }

    [TestMethod]
    public void Without_cold_items_everything_is_trained_on()
    {
        using TemporaryFolder folder = TinyShop.Write();
        ExperimentData data = Read(folder, cold: null);
        CollectionAssert.AreEqual(data.Ids, Items(data.WarmItems));
        Assert.IsTrue(Sequences(data.Training).All(sequence => sequence.Length == 4), "five but the last");
        Assert.IsNull(data.AddedItems);
        Assert.IsNull(data.WarmTest);
        Assert.IsNull(data.ColdTest);
    }

    private ExperimentData Read(TemporaryFolder folder, ColdItems? cold) =>
        new(_context, new DataFolder(_context, folder.Path), features: null, cold);

    private static string[] Items(IDataView view) => [.. DataViews.Values(view, "Item")];

    private static string[] Labels(IDataView view) => [.. DataViews.Values(view, "Label")];

    private string[][] Sequences(IDataView view) =>
        [.. _context.Data.CreateEnumerable<UserRow>(view, reuseRowObject: false).Select(row => row.Sequence)];
}
