using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class NearestInHistoryTests
{
    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    [DataRow(ItemPrecision.Float32)]
    [DataRow(ItemPrecision.Float16)]
    [DataRow(ItemPrecision.Int8)]
    public void They_are_the_items_of_the_history_with_the_highest_cosines(ItemPrecision precision)
    {
        using SsnaTransformer model = Model.WithItemPrecision(precision);
        Dictionary<string, float[]> embeddings = Embeddings(model);
        string[] history = ["item30", "item04", "no such item", "item04", "item55", "item17"];
        string[] items = [.. model.Recommend(history, 8, excludeHistory: false).Select(item => item.Item), "item17"];
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> nearest = model.GetNearestInHistory(items, history, 3);
        Assert.HasCount(items.Length, nearest);
        for (int i = 0; i < items.Length; i++)
        {
            (string Item, float Cosine)[] expected =
            [
                .. history
                    .Distinct()
                    .Where(item => embeddings.ContainsKey(item) && item != items[i])
                    .Select(item => (item, Dot(embeddings[items[i]], embeddings[item])))
                    .OrderByDescending(pair => pair.Item2)
                    .Take(3),
            ];
            // Int8 has products of its own, which may order what is all but equal the other way.
            for (int place = 0; place < expected.Length; place++)
            {
                Assert.AreEqual(expected[place].Cosine, nearest[i][place].Score, 2e-3f);
            }
            CollectionAssert.IsSubsetOf(nearest[i].Select(item => item.Item).ToArray(), history);
            Assert.HasCount(3, nearest[i].Select(item => item.Item).Distinct().ToArray());
            Assert.DoesNotContain(item => item.Item == items[i], nearest[i]);
            if (precision == ItemPrecision.Float32)
            {
                CollectionAssert.AreEqual(
                    expected.Select(pair => pair.Item).ToArray(),
                    nearest[i].Select(item => item.Item).ToArray()
                );
            }
        }
    }

    [TestMethod]
    public void Among_the_whole_catalogue_they_are_the_similar_items()
    {
        string[] all = [.. Model.GetItemIds<string>()];
        CollectionAssert.AreEqual(
            Model.GetSimilarItems("item21", 7).ToArray(),
            Model.GetNearestInHistory(["item21"], all, 7)[0].ToArray()
        );
    }

    [TestMethod]
    public void There_are_none_of_a_history_of_nothing_known_or_of_the_item_alone()
    {
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> nearest = Model.GetNearestInHistory(
            ["item01", "item02"],
            ["no such item"]
        );
        Assert.HasCount(2, nearest);
        Assert.IsEmpty(nearest[0]);
        Assert.IsEmpty(Model.GetNearestInHistory(["item01"], ["item01", "item01"])[0]);
        Assert.IsEmpty(Model.GetNearestInHistory<string>([], ["item01"]));
        Assert.IsEmpty(Model.GetNearestInHistory(["item01"], ["item02"], 0)[0]);
    }

    [TestMethod]
    public void An_item_that_the_catalogue_lacks_is_named()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            Model.GetNearestInHistory(["item01", "no such item"], ["item02"])
        );
        StringAssert.Contains(error.Message, "no such item");
        Assert.Throws<ArgumentException>(() => Model.GetNearestInHistory([1], [2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Model.GetNearestInHistory(["item01"], ["item02"], -1));
        Assert.Throws<ArgumentNullException>(() => Model.GetNearestInHistory(["item01"], null!));
    }

    private static Dictionary<string, float[]> Embeddings(SsnaTransformer model) =>
        RingShopModel
            .Context.Data.CreateEnumerable<Embedded>(model.GetItemEmbeddings(), reuseRowObject: false)
            .ToDictionary(row => row.Item, row => row.Embedding);

    private static float Dot(float[] left, float[] right) => left.Zip(right, (a, b) => a * b).Sum();

    private sealed class Embedded
    {
        public string Item { get; set; } = "";

        public float[] Embedding { get; set; } = [];
    }
}
