using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class SsnaTransformerCatalogueTests
{
    private static readonly MLContext s_context = RingShopModel.Context;

    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public void The_catalogue_says_what_it_has()
    {
        Assert.IsTrue(Model.Contains("item07"));
        Assert.IsFalse(Model.Contains("no such item"));
        Assert.IsFalse(Model.Contains(""));
        Assert.IsTrue(Model.Contains("item07".AsMemory()));
        CollectionAssert.AreEqual(
            Enumerable.Range(0, RingShop.ItemCount).Select(RingShop.Id<string>).ToArray(),
            Model.GetItemIds<string>().ToArray()
        );
        using SsnaTransformer smaller = Model.WithoutItems(["item07"]);
        Assert.IsFalse(smaller.Contains("item07"));
        Assert.HasCount(RingShop.ItemCount - 1, smaller.GetItemIds<string>());
        foreach (string id in smaller.GetItemIds<string>().Take(3))
        {
            Assert.HasCount(2, smaller.GetSimilarItems(id, 2));
        }
        Assert.Throws<ArgumentNullException>(() => Model.Contains<string>(null!));
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Model.Contains(7)).Message, "Int32");
        Assert.Throws<ArgumentException>(() => Model.GetItemIds<int>());
    }

    [TestMethod]
    public void Integer_ids_come_in_any_integer_type()
    {
        using SsnaTransformer model = RingShop.Fit<uint>(s_context);
        Assert.IsTrue(model.Contains(1007));
        Assert.IsFalse(model.Contains(-1L));
        CollectionAssert.AreEqual(
            Enumerable.Range(1000, RingShop.ItemCount).Select(id => (long)id).ToArray(),
            model.GetItemIds<long>().ToArray()
        );
        CollectionAssert.AreEqual(new uint[] { 1000, 1001 }, model.GetItemIds<uint>().Take(2).ToArray());
    }

    // ML.NET leaves an array property that starts as null as it is where a vector has no values: docs/recipes.md says so.
    [TestMethod]
    public void A_user_who_has_taken_everything_gets_empty_arrays_where_the_row_class_starts_with_them()
    {
        string[] everything = [.. Model.GetItemIds<string>()];
        Assert.IsEmpty(Model.Recommend(everything));

        IDataView users = s_context.Data.LoadFromEnumerable([new User { Sequence = everything }]);
        Row[] rows = [.. s_context.Data.CreateEnumerable<Row>(Model.Transform(users), reuseRowObject: false)];
        Assert.IsEmpty(rows[0].RecommendedItems);
        Assert.IsEmpty(rows[0].RecommendedScores);
        NullRow[] nulls = [.. s_context.Data.CreateEnumerable<NullRow>(Model.Transform(users), reuseRowObject: false)];
        Assert.IsNull(nulls[0].RecommendedItems);
        Assert.IsNull(nulls[0].RecommendedScores);
        using var engine = s_context.Model.CreatePredictionEngine<User, Row>(
            Model,
            new PredictionEngineOptions { OwnsTransformer = false }
        );
        Assert.IsEmpty(engine.Predict(new User { Sequence = everything }).RecommendedItems);
        Assert.IsNotEmpty(engine.Predict(new User { Sequence = everything[..5] }).RecommendedItems);
        Assert.IsEmpty(engine.Predict(new User { Sequence = everything }).RecommendedScores);

        Buffers buffers = s_context.Data.CreateEnumerable<Buffers>(Model.Transform(users), false).Single();
        Assert.AreEqual(0, buffers.RecommendedScores.Length, "a VBuffer is empty");
    }

    private sealed class User
    {
        public string[] Sequence { get; set; } = [];
    }

    private sealed class Row
    {
        public string[] RecommendedItems { get; set; } = [];

        public float[] RecommendedScores { get; set; } = [];
    }

    private sealed class NullRow
    {
        public string[]? RecommendedItems { get; set; }

        public float[]? RecommendedScores { get; set; }
    }

    private sealed class Buffers
    {
        public VBuffer<float> RecommendedScores { get; set; }
    }
}
