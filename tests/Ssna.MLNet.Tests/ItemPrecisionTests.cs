using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class ItemPrecisionTests
{
    private static readonly MLContext s_context = RingShopModel.Context;

    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    [DataRow(ItemPrecision.Float16, 2e-3f)]
    [DataRow(ItemPrecision.Int8, 2e-2f)]
    public void Scores_are_near_those_of_float32_and_survive_saving_to_the_last_bit(
        ItemPrecision precision,
        float tolerance
    )
    {
        IDataView users = RingShop.TrainingUsers<string>(s_context, 300);
        using SsnaTransformer rounded = Model.WithItemPrecision(precision);
        Assert.AreEqual(precision, rounded.ItemPrecision);
        float[][] exact = Scores(Model, users);
        float[][] near = Scores(rounded, users);
        for (int i = 0; i < exact.Length; i++)
        {
            for (int item = 0; item < RingShop.ItemCount; item++)
            {
                Assert.AreEqual(exact[i][item], near[i][item], tolerance);
            }
        }

        using var zip = new MemoryStream();
        s_context.Model.Save(rounded, null, zip);
        using var loaded = (SsnaTransformer)s_context.Model.Load(zip, out _);
        Assert.AreEqual(precision, loaded.ItemPrecision);
        CollectionAssert.AreEqual(
            DataViews.Lines(rounded.Transform(users)).ToArray(),
            DataViews.Lines(loaded.Transform(users)).ToArray()
        );
    }

    [TestMethod]
    public void A_saved_catalogue_is_smaller_by_what_the_precision_saves()
    {
        // Per item: the numbers of the embedding, its length, and the scale of int8.
        const int numbers = 16 * RingShop.ItemCount;
        Assert.AreEqual(2 * numbers, Size(ItemPrecision.Float32) - Size(ItemPrecision.Float16), 200);
        Assert.AreEqual(
            numbers - (4 * RingShop.ItemCount),
            Size(ItemPrecision.Float16) - Size(ItemPrecision.Int8),
            200
        );
    }

    [TestMethod]
    [DataRow(ItemPrecision.Float16)]
    [DataRow(ItemPrecision.Int8)]
    public void Items_come_and_go_as_in_float32(ItemPrecision precision)
    {
        using SsnaTransformer rounded = Model.WithItemPrecision(precision);
        using SsnaTransformer without = rounded.WithoutItems(["item07", "item11"]);
        using SsnaTransformer again = without.WithItems(RingShop.Items<string>(s_context, [7, 11]));
        Assert.AreEqual(precision, again.ItemPrecision);
        Dictionary<string, float> expected = ScoreOf(rounded);
        foreach ((string item, float score) in ScoreOf(again))
        {
            Assert.AreEqual(expected[item], score, 1e-6f);
        }
    }

    [TestMethod]
    public void What_was_rounded_away_is_not_promised_back()
    {
        using SsnaTransformer rounded = Model.WithItemPrecision(ItemPrecision.Float16);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => rounded.WithItemPrecision(ItemPrecision.Float32));
        StringAssert.Contains(error.Message, "Float16 or Int8");
        Assert.Throws<ArgumentOutOfRangeException>(() => Model.WithItemPrecision((ItemPrecision)7));
    }

    private static Dictionary<string, float> ScoreOf(SsnaTransformer model) =>
        model
            .Recommend(["item03", "item04"], RingShop.ItemCount, excludeHistory: false)
            .ToDictionary(item => item.Item, item => item.Score);

    private static float[][] Scores(SsnaTransformer model, IDataView users) =>
        [
            .. s_context
                .Data.CreateEnumerable<RingShop.Recommendations<string>>(model.Transform(users), reuseRowObject: false)
                .Select(row => row.Score),
        ];

    private static long Size(ItemPrecision precision)
    {
        using SsnaTransformer rounded = Model.WithItemPrecision(precision);
        using var zip = new MemoryStream();
        s_context.Model.Save(rounded, null, zip);
        using var archive = new System.IO.Compression.ZipArchive(zip);
        return archive.Entries.Single(entry => entry.Name == "Tensors.safetensors").Length;
    }
}
