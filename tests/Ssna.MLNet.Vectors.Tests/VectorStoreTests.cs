using Microsoft.Extensions.VectorData;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Vectors.Tests;

[TestClass]
public sealed class VectorStoreTests
{
    private static readonly MLContext s_context = ShopModel.Context;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task A_store_that_is_given_the_records_finds_what_the_model_recommends()
    {
        CancellationToken token = TestContext.CancellationTokenSource.Token;
        SsnaTransformer model = ShopModel.Value;
        using var items = new InMemoryCollection("items", EmbeddingRecordDefinition.Create(model.Dimension));
        Assert.AreEqual(DistanceFunction.CosineSimilarity, items.VectorProperty.DistanceFunction);
        foreach (EmbeddingRecord[] batch in s_context.Data.ReadEmbeddings(model.GetItemEmbeddings()).Chunk(25))
        {
            await items.UpsertAsync(batch, token);
        }
        Assert.AreEqual(model.ItemCount, items.Count);

        EmbeddingRecord[] users = [.. s_context.Data.ReadEmbeddings(model.GetUserEmbeddings(ShopModel.Users), "User")];
        var found = new List<VectorSearchResult<EmbeddingRecord>>();
        await foreach (var result in items.SearchAsync(users[0].Vector, 7, cancellationToken: token))
        {
            found.Add(result);
        }
        IReadOnlyList<ScoredItem<string>> recommended = model.Recommend(
            ["item03", "item04"],
            k: 7,
            excludeHistory: false
        );
        CollectionAssert.AreEqual(
            recommended.Select(item => item.Item).ToArray(),
            found.Select(result => result.Record.Id).ToArray()
        );
        Assert.AreEqual(recommended[0].Score, found[0].Score!.Value, 1e-5);
        EmbeddingRecord? item = await items.GetAsync("item07", cancellationToken: token);
        CollectionAssert.AreEqual(
            model.GetItemEmbeddings().GetColumn<float[]>("Embedding").ElementAt(7),
            item!.Vector.ToArray()
        );
    }

    [TestMethod]
    public void A_dimension_that_no_embedding_has_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddingRecordDefinition.Create(0));
}
