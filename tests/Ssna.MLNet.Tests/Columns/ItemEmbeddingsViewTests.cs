using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Columns;

/// <summary>Item embeddings as a data view, which copies them block by block.</summary>
[TestClass]
public sealed class ItemEmbeddingsViewTests
{
    private static readonly MLContext s_context = RingShopModel.Context;

    [TestMethod]
    public void Every_item_has_its_own_embedding_in_a_catalogue_of_several_blocks()
    {
        const int copies = 3000;
        using SsnaTransformer model = RingShopModel.Value.WithItems(
            s_context.Data.LoadFromEnumerable(
                Enumerable
                    .Range(0, copies)
                    .Select(copy => new RingShop.ItemRow<string>
                    {
                        Item = $"copy{copy}",
                        Layers = RingShop.Features(copy % RingShop.ItemCount),
                    })
            )
        );
        IDataView items = model.GetItemEmbeddings();
        Assert.AreEqual(RingShop.ItemCount + copies, items.GetRowCount());
        CollectionAssert.AreEqual(model.GetItemIds<string>().ToArray(), items.GetColumn<string>("Item").ToArray());
        float[][] embeddings = [.. items.GetColumn<float[]>("Embedding")];
        Assert.HasCount(RingShop.ItemCount + copies, embeddings);
        for (int i = 0; i < embeddings.Length; i++)
        {
            float[] original = embeddings[i % RingShop.ItemCount];
            Assert.AreEqual(0, embeddings[i].Zip(original, (a, b) => Math.Abs(a - b)).Max(), 1e-5);
        }
    }

    [TestMethod]
    public void Columns_are_read_together_and_alone_as_often_as_one_likes()
    {
        IDataView items = RingShopModel.Value.GetItemEmbeddings();
        string[] lines = [.. DataViews.Lines(items)];
        Assert.HasCount(RingShop.ItemCount, lines);
        CollectionAssert.AreEqual(lines, DataViews.Lines(items).ToArray());
        CollectionAssert.AreEqual(lines, DataViews.Lines(s_context.Data.Cache(items)).ToArray());
        Assert.AreEqual("item59", DataViews.Values(items, "Item")[59]);
    }

    [TestMethod]
    public void A_cursor_that_is_open_keeps_the_memory_and_later_ones_are_refused()
    {
        SsnaTransformer model = RingShopModel.Value.WithoutItems(["item01"]);
        IDataView items = model.GetItemEmbeddings();
        string[] expected = [.. DataViews.Lines(items, "Item", "Embedding")];
        using (DataViewRowCursor cursor = items.GetRowCursor(items.Schema))
        {
            model.Dispose();
            CollectionAssert.AreEqual(expected, DataViews.Lines(cursor, "Item", "Embedding").ToArray());
        }
        Assert.Throws<ObjectDisposedException>(() => DataViews.Lines(items));
        Assert.Throws<ObjectDisposedException>(model.GetItemEmbeddings);
    }

    [TestMethod]
    public void Values_are_there_while_a_row_is_and_of_active_columns_alone()
    {
        IDataView items = RingShopModel.Value.GetItemEmbeddings();
        using DataViewRowCursor cursor = items.GetRowCursor([items.Schema["Embedding"]]);
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(items.Schema["Item"]));
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(items.Schema["Embedding"]);
        VBuffer<float> value = default;
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
        Assert.IsTrue(cursor.MoveNext());
        getter(ref value);
        Assert.AreEqual(RingShopModel.Value.Dimension, value.Length);
    }
}
