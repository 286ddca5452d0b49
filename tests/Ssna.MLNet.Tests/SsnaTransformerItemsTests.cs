using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class SsnaTransformerItemsTests
{
    private static readonly MLContext s_context = RingShopModel.Context;

    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public void A_new_item_scores_as_its_features_say()
    {
        // A new item with the features of item 20 is as good as item 20.
        IDataView added = Rows(("new", RingShop.Features(20)));
        using SsnaTransformer model = Model.WithItems(added);
        Assert.AreEqual(RingShop.ItemCount + 1, model.ItemCount);
        Assert.AreEqual(RingShop.ItemCount, Model.ItemCount);
        ScoredItem<string>[] best = [.. model.Recommend(["item17", "item18", "item19"], model.ItemCount)];
        Assert.AreEqual(
            best.Single(item => item.Item == "item20").Score,
            best.Single(item => item.Item == "new").Score,
            1e-5f
        );
        Assert.AreEqual("item20", model.GetSimilarItems("new", 1)[0].Item);
        // It can be part of a history as well.
        Assert.HasCount(5, model.Recommend(["item18", "item19", "new"]));
    }

    [TestMethod]
    public void A_replaced_item_keeps_its_place_and_takes_its_new_features()
    {
        using SsnaTransformer model = Model.WithItems(Rows(("item05", RingShop.Features(40))));
        Assert.AreEqual(RingShop.ItemCount, model.ItemCount);
        Assert.AreEqual("item40", model.GetSimilarItems("item05", 1)[0].Item);
        CollectionAssert.AreEqual(
            DataViews.Values(Model.GetItemEmbeddings(), "Item").ToArray(),
            DataViews.Values(model.GetItemEmbeddings(), "Item").ToArray()
        );
    }

    [TestMethod]
    public void Removed_items_are_scored_and_recommended_no_more()
    {
        string[] best = [.. Model.Recommend(["item18", "item19"]).Select(item => item.Item)];
        using SsnaTransformer model = Model.WithoutItems([best[0], best[0], "no such item"]);
        Assert.AreEqual(RingShop.ItemCount - 1, model.ItemCount);
        CollectionAssert.AreEqual(
            best[1..],
            model.Recommend(["item18", "item19"], 4).Select(item => item.Item).ToArray()
        );
        DataViewSchema schema = model.GetOutputSchema(RingShop.Users<string>(s_context, [1]).Schema);
        Assert.AreEqual(RingShop.ItemCount - 1, ((VectorDataViewType)schema["Score"].Type).Size);
        var error = Assert.Throws<ArgumentException>(() =>
            Model.WithoutItems(Enumerable.Range(0, RingShop.ItemCount).Select(RingShop.Id<string>))
        );
        StringAssert.Contains(error.Message, $"{RingShop.ItemCount}");
    }

    [TestMethod]
    public void Each_transformer_is_disposed_on_its_own()
    {
        SsnaTransformer first = RingShop.Fit<string>(s_context);
        SsnaTransformer second = first.WithoutItems(["item01"]);
        SsnaTransformer third = second.WithItems(Rows(("new", RingShop.Features(99))));
        first.Dispose();
        Assert.HasCount(5, second.Recommend(["item05"]));
        second.Dispose();
        second.Dispose();
        Assert.HasCount(5, third.Recommend(["item05"]));
        third.Dispose();
        Assert.Throws<ObjectDisposedException>(() => third.Recommend(["item05"]));
        Assert.Throws<ObjectDisposedException>(() => third.WithoutItems(["item05"]));
    }

    [TestMethod]
    public void A_changed_catalogue_is_saved_and_loaded()
    {
        using SsnaTransformer changed = Model
            .WithItems(Rows(("new", RingShop.Features(99))))
            .WithoutItems(["item03", "item04"]);
        IDataView users = RingShop.TrainingUsers<string>(s_context, 20);
        using var loaded = (SsnaTransformer)EstimatorChecks.SaveAndLoad(s_context, changed, users.Schema, out _);
        CollectionAssert.AreEqual(
            DataViews.Lines(changed.Transform(users)).ToArray(),
            DataViews.Lines(loaded.Transform(users)).ToArray()
        );
    }

    [TestMethod]
    public void Items_that_do_not_fit_the_model_are_refused_by_name()
    {
        Refuses(Rows(("new", new float[3])), "Layers", "layers");
        IDataView wide = s_context.Data.LoadFromEnumerable([new WideRow { Item = "new" }]);
        Refuses(wide, "new", "16", "18");
        Refuses(Rows(("new", [.. Enumerable.Repeat(float.NaN, RingShop.Layers * RingShop.Width)])), "new", "NaN");
        Refuses(
            Rows(
                ("fine", RingShop.Features(1)),
                ("huge", [.. Enumerable.Repeat(3e38f, RingShop.Layers * RingShop.Width)])
            ),
            "item 'huge'",
            "so large that its embedding is none"
        );
        Refuses(RingShop.Items<int>(s_context), "Item", "Int32");
        Refuses(s_context.Data.LoadFromEnumerable([new { Item = "new" }]), "Layers");
        Refuses(RingShop.Items<string>(s_context, []), "Item", "no rows");

        static void Refuses(IDataView items, params string[] words)
        {
            var error = Assert.Throws<Exception>(() => Model.WithItems(items));
            foreach (string word in words)
            {
                StringAssert.Contains(error.Message, word);
            }
        }
    }

    [TestMethod]
    [DataRow("Layers")]
    [DataRow("Text")] // written over the column that it is made from
    public void Item_pipeline_is_saved_and_applied_to_raw_items_again(string features)
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        options.Items = s_context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, RingShop.ItemCount)
                .Select(item => new TextRow { Item = RingShop.Id<string>(item), Text = Text(item) })
        );
        options.Ssna().FeaturesColumnName = features;
        options.ItemPipeline = s_context.Transforms.Text.ExtractEncoderLayers(features, "Text", folder.Path, layers: 2);
        options.MaximumEpochs = 2;
        IDataView users = RingShop.TrainingUsers<string>(s_context, 40);
        using SsnaTransformer model = s_context.Recommendation().Trainers.Ssna(options).Fit(users);
        using var loaded = (SsnaTransformer)EstimatorChecks.SaveAndLoad(s_context, model, users.Schema, out _);
        IDataView added = s_context.Data.LoadFromEnumerable([new TextRow { Item = "new", Text = Text(5) }]);
        foreach (SsnaTransformer transformer in new[] { model, loaded })
        {
            using SsnaTransformer extended = transformer.WithItems(added);
            Assert.AreEqual("item05", extended.GetSimilarItems("new", 1)[0].Item);
            Assert.AreEqual(1, extended.GetSimilarItems("new", 1)[0].Score, 1e-4);
        }
    }

    [TestMethod]
    public void Item_pipeline_that_scales_features_in_place_scales_those_of_added_items()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        options.Items = Rows([
            .. Enumerable.Range(0, RingShop.ItemCount).Select(item => (RingShop.Id<string>(item), Raw(item))),
        ]);
        options.ItemPipeline = s_context.Transforms.NormalizeMeanVariance("Layers", fixZero: false);
        options.MaximumEpochs = 1;
        IDataView users = RingShop.TrainingUsers<string>(s_context, 40);
        using SsnaTransformer model = s_context.Recommendation().Trainers.Ssna(options).Fit(users);
        using var loaded = (SsnaTransformer)EstimatorChecks.SaveAndLoad(s_context, model, users.Schema, out _);
        foreach (SsnaTransformer transformer in new[] { model, loaded })
        {
            using SsnaTransformer extended = transformer.WithItems(Rows(("new", Raw(20))));
            ScoredItem<string> nearest = extended.GetSimilarItems("new", 1)[0];
            Assert.AreEqual("item20", nearest.Item);
            Assert.AreEqual(1, nearest.Score, 1e-4);
        }

        static float[] Raw(int item) => [.. RingShop.Features(item).Select(value => (100 * value) + 500)];
    }

    private static string Text(int item) => $"{TinyEncoder.Words[item % 12]} {TinyEncoder.Words[item / 12]}";

    private static IDataView Rows(params (string Item, float[] Features)[] rows)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(RingShop.ItemRow<string>));
        int length = rows[0].Features.Length;
        schema["Layers"].ColumnType =
            length == RingShop.Layers * RingShop.Width
                ? new VectorDataViewType(NumberDataViewType.Single, RingShop.Layers, RingShop.Width)
                : new VectorDataViewType(NumberDataViewType.Single, length);
        return s_context.Data.LoadFromEnumerable(
            rows.Select(row => new RingShop.ItemRow<string> { Item = row.Item, Layers = row.Features }),
            schema
        );
    }

    private sealed class WideRow
    {
        public string Item { get; set; } = "";

        [VectorType(RingShop.Layers, RingShop.Width + 1)]
        public float[] Layers { get; set; } = new float[RingShop.Layers * (RingShop.Width + 1)];
    }

    private sealed class TextRow
    {
        public string Item { get; set; } = "";

        public string Text { get; set; } = "";
    }
}
