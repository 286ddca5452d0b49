using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class RecommendTests
{
    private static readonly MLContext s_context = RingShopModel.Context;

    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public void Chooses_from_the_allowed_items_alone()
    {
        string[] allow = ["item40", "item07", "item07", "no such item", "item06", "item30"];
        IReadOnlyList<ScoredItem<string>> best = Model.Recommend(["item04", "item05"], allow: allow);
        string[] all = Ids(Model.Recommend(["item04", "item05"], RingShop.ItemCount));
        CollectionAssert.AreEqual(all.Where(allow.Contains).ToArray(), Ids(best));
        Assert.IsEmpty(Model.Recommend(["item04"], allow: ["no such item"]));
    }

    [TestMethod]
    public void Leaves_the_denied_items_out()
    {
        string[] all = Ids(Model.Recommend(["item04", "item05"], RingShop.ItemCount));
        string[] deny = [all[0], all[2], "no such item"];
        CollectionAssert.AreEqual(
            all.Except(deny).Take(5).ToArray(),
            Ids(Model.Recommend(["item04", "item05"], deny: deny))
        );
        CollectionAssert.AreEqual(
            new[] { all[1] },
            Ids(Model.Recommend(["item04", "item05"], allow: all[..2], deny: deny))
        );
    }

    [TestMethod]
    public void History_is_left_out_or_not_as_asked()
    {
        string[] history = [.. RingShop.Walk(0, 50).Select(RingShop.Id<string>)];
        Assert.HasCount(10, Model.Recommend(history, RingShop.ItemCount));
        Assert.HasCount(RingShop.ItemCount, Model.Recommend(history, RingShop.ItemCount, excludeHistory: false));
    }

    [TestMethod]
    public void Zero_items_are_none_and_fewer_an_error()
    {
        Assert.IsEmpty(Model.Recommend(["item04"], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Model.Recommend(["item04"], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Model.RecommendMany(
                [
                    ["item04"],
                ],
                -1
            )
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => Model.GetSimilarItems("item04", -1));
    }

    [TestMethod]
    public void Many_users_get_what_each_gets_alone()
    {
        string[][] histories =
        [
            .. Enumerable.Range(0, 600).Select(i => RingShop.Walk(i, i % 12).Select(RingShop.Id<string>).ToArray()),
        ];
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> many = Model.RecommendMany(histories, 3);
        Assert.HasCount(histories.Length, many);
        for (int i = 0; i < histories.Length; i += 7)
        {
            CollectionAssert.AreEqual(Ids(Model.Recommend(histories[i], 3)), Ids(many[i]));
        }
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            Model.RecommendMany(histories, cancellationToken: source.Token)
        );
    }

    [TestMethod]
    [DataRow(null, true)]
    [DataRow(true, true)]
    [DataRow(false, false)]
    public void Many_users_choose_from_the_allowed_items_without_the_denied_ones_and_each_ones_own(
        bool? excludeHistory,
        bool excluded
    )
    {
        string[][] histories = [.. Enumerable.Range(0, 300).Select(i => History(i, 1 + (i % 12)))];
        string[] allow = [.. History(10, 30), "no such item"];
        string[] deny = [.. History(20, 3), "neither this one"];
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> many = Model.RecommendMany(
            histories,
            4,
            allow,
            deny,
            excludeHistory
        );
        Assert.HasCount(histories.Length, many);
        bool anyOfOwn = false;
        for (int i = 0; i < histories.Length; i++)
        {
            string[] all = Ids(Model.Recommend(histories[i], RingShop.ItemCount, excludeHistory: false));
            IEnumerable<string> open = all.Where(item => allow.Contains(item) && !deny.Contains(item));
            CollectionAssert.AreEqual(
                open.Where(item => !excluded || !histories[i].Contains(item)).Take(4).ToArray(),
                Ids(many[i])
            );
            anyOfOwn |= open.Take(4).Any(histories[i].Contains);
        }
        Assert.IsTrue(anyOfOwn, "without this, leaving histories out changes nothing");

        static string[] History(int from, int length) => [.. RingShop.Walk(from, length).Select(RingShop.Id<string>)];
    }

    [TestMethod]
    public void Threads_get_the_same_as_one()
    {
        string[][] histories =
        [
            .. Enumerable.Range(0, 64).Select(i => RingShop.Walk(i, 6).Select(RingShop.Id<string>).ToArray()),
        ];
        string[][] alone = [.. histories.Select(history => Ids(Model.Recommend(history, 4)))];
        Parallel.For(
            0,
            8 * histories.Length,
            i =>
                CollectionAssert.AreEqual(
                    alone[i % histories.Length],
                    Ids(Model.Recommend(histories[i % histories.Length], 4))
                )
        );
    }

    [TestMethod]
    public void Neither_tensor_threads_nor_neighbours_change_more_than_rounding()
    {
        string[][] histories =
        [
            .. Enumerable
                .Range(0, 300)
                .Select(i => RingShop.Walk(i, 1 + (i % 12)).Select(RingShop.Id<string>).ToArray()),
        ];
        int before = TorchSharp.torch.get_num_threads();
        try
        {
            foreach (int threads in new[] { 1, 3 })
            {
                TorchSharp.torch.set_num_threads(threads);
                IReadOnlyList<IReadOnlyList<ScoredItem<string>>> many = Model.RecommendMany(
                    histories,
                    RingShop.ItemCount
                );
                for (int i = 0; i < histories.Length; i++)
                {
                    Dictionary<string, float> alone = Model
                        .Recommend(histories[i], RingShop.ItemCount)
                        .ToDictionary(item => item.Item, item => item.Score);
                    Assert.HasCount(alone.Count, many[i]);
                    foreach (ScoredItem<string> item in many[i])
                    {
                        Assert.AreEqual(alone[item.Item], item.Score, 1e-5f);
                    }
                }
            }
        }
        finally
        {
            TorchSharp.torch.set_num_threads(before);
        }
    }

    [TestMethod]
    public void Similar_items_are_the_nearest_embeddings_without_the_item_itself()
    {
        float[][] embeddings =
        [
            .. s_context
                .Data.CreateEnumerable<Embedded>(Model.GetItemEmbeddings(), reuseRowObject: false)
                .Select(row => row.Embedding),
        ];
        IReadOnlyList<ScoredItem<string>> similar = Model.GetSimilarItems("item12", 6);
        int[] expected =
        [
            .. Enumerable
                .Range(0, RingShop.ItemCount)
                .Where(item => item != 12)
                .OrderByDescending(item => Dot(embeddings[item], embeddings[12]))
                .Take(6),
        ];
        CollectionAssert.AreEqual(expected.Select(RingShop.Id<string>).ToArray(), Ids(similar));
        Assert.AreEqual(Dot(embeddings[expected[0]], embeddings[12]), similar[0].Score, 1e-5);
        var error = Assert.Throws<ArgumentException>(() => Model.GetSimilarItems("item99"));
        StringAssert.Contains(error.Message, "item99");
    }

    [TestMethod]
    public void Embeddings_of_items_and_users_multiply_to_the_scores()
    {
        Embedded[] items =
        [
            .. s_context.Data.CreateEnumerable<Embedded>(Model.GetItemEmbeddings(), reuseRowObject: false),
        ];
        Assert.AreEqual("item07", items[7].Item);
        IDataView users = s_context.Data.LoadFromEnumerable([
            new { Sequence = new[] { "item03", "item04" } },
            new { Sequence = new[] { "no such item" } },
        ]);
        float[][] embedded =
        [
            .. s_context
                .Data.CreateEnumerable<Embedded>(
                    Model.GetUserEmbeddings(users),
                    reuseRowObject: false,
                    ignoreMissingColumns: true
                )
                .Select(row => row.Embedding),
        ];
        foreach (ScoredItem<string> item in Model.Recommend(["item03", "item04"]))
        {
            Assert.AreEqual(Dot(items.Single(row => row.Item == item.Item).Embedding, embedded[0]), item.Score, 1e-5);
        }
        Assert.HasCount(Model.Dimension, embedded[1]);
        Assert.IsTrue(embedded[1].All(value => value == 0));
        StringAssert.Contains(
            Assert
                .Throws<ArgumentOutOfRangeException>(() => Model.GetUserEmbeddings(Model.GetItemEmbeddings()))
                .Message,
            "Sequence"
        );
    }

    [TestMethod]
    public void Ids_of_another_type_are_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => Model.Recommend([1, 2]));
        StringAssert.Contains(error.Message, "System.String");
        StringAssert.Contains(error.Message, "System.Int32");
        Assert.Throws<ArgumentException>(() => Model.Recommend(Array.Empty<double>()));
        Assert.Throws<ArgumentException>(() => Model.GetSimilarItems(DayOfWeek.Friday));
        error = Assert.Throws<ArgumentException>(() => Model.Recommend(["item04", null!]));
        StringAssert.Contains(error.Message, "found null");
    }

    [TestMethod]
    public void Integer_ids_may_be_of_any_integer_type()
    {
        using SsnaTransformer model = RingShop.Fit<uint>(s_context);
        uint[] own = [.. model.Recommend<uint>([1003, 1004]).Select(item => item.Item)];
        CollectionAssert.AreEqual(
            own.Select(item => (long)item).ToArray(),
            model.Recommend<long>([1003, 1004]).Select(item => item.Item).ToArray()
        );
        CollectionAssert.AreEqual(
            own.Select(item => (int)item).ToArray(),
            model.Recommend([1003, 1004, -5]).Select(item => item.Item).ToArray()
        );
        var items = s_context.Data.CreateEnumerable<EmbeddedInteger>(model.GetItemEmbeddings(), reuseRowObject: false);
        Assert.AreEqual(1000u, items.First().Item);
    }

    private static string[] Ids(IReadOnlyList<ScoredItem<string>> items) => [.. items.Select(item => item.Item)];

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private sealed class Embedded
    {
        public string Item { get; set; } = "";

        public float[] Embedding { get; set; } = [];
    }

    private sealed class EmbeddedInteger
    {
        public uint Item { get; set; }

        public float[] Embedding { get; set; } = [];
    }

    [TestMethod]
    public void A_history_that_is_null_is_named_by_its_position()
    {
        string[]?[] histories =
        [
            ["item04"],
            null,
        ];
        var error = Assert.ThrowsExactly<ArgumentException>(() => Model.RecommendMany(histories!));
        StringAssert.Contains(error.Message, "found null at position 1");
    }

    [TestMethod]
    public void A_type_that_cannot_hold_an_id_is_refused_with_both()
    {
        var ids = new Ssna.MLNet.Ids.IntegerItemIds<ulong>();
        ids.FindOrAdd(7);
        ids.FindOrAdd(ulong.MaxValue);
        var asked = new Ssna.MLNet.Ids.TypedIds<long>(ids);
        var error = Assert.ThrowsExactly<ArgumentException>(() => asked[1]);
        StringAssert.Contains(error.Message, "System.UInt64");
        StringAssert.Contains(error.Message, "found System.Int64, which cannot hold '18446744073709551615'");
    }
}
