using Microsoft.Extensions.VectorData;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Vectors.Tests.Readme;

/// <summary>The code of docs/vectors.md. Edit both together.</summary>
[TestClass]
public sealed class VectorsExamples
{
    [TestMethod]
    public async Task The_examples_of_vectors_run()
    {
        using var folder = new TemporaryFolder();
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.Path;
        try
        {
            await WriteAsync(ShopModel.Context, ShopModel.Value, ShopModel.Users, CancellationToken.None);
            CollectionAssert.AreEquivalent(
                new[] { "items.parquet", "items.safetensors", "users.parquet" },
                Directory.GetFiles(folder.Path).Select(Path.GetFileName).ToArray()
            );
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
        using var items = new InMemoryCollection("items", EmbeddingRecordDefinition.Create(ShopModel.Value.Dimension));
        await FillAsync(ShopModel.Context, ShopModel.Value, items, CancellationToken.None);
        Assert.AreEqual(RingShop.ItemCount, items.Count);
        string[] history = ["item03", "item04"];
        CollectionAssert.AreEqual(
            ShopModel.Value.Recommend(history, 10).ToArray(),
            (await RecommendAsync(ShopModel.Context, ShopModel.Value, items, history, CancellationToken.None)).ToArray()
        );
    }

    private static async Task WriteAsync(
        MLContext mlContext,
        SsnaTransformer model,
        IDataView sequences,
        CancellationToken cancellationToken
    )
    {
        // Files: an id and as many float32 as the model's Dimension a row.
        IDataView items = model.GetItemEmbeddings();
        IDataView users = model.GetUserEmbeddings(sequences);
        await mlContext.Data.SaveAsParquetAsync(items, "items.parquet", cancellationToken: cancellationToken);
        await mlContext.Data.SaveAsParquetAsync(users, "users.parquet", "User", cancellationToken: cancellationToken);
        mlContext.Data.SaveAsSafetensors(items, "items.safetensors", cancellationToken: cancellationToken);
    }

    private static async Task FillAsync(
        MLContext mlContext,
        SsnaTransformer model,
        VectorStoreCollection<string, EmbeddingRecord> collection,
        CancellationToken cancellationToken
    )
    {
        // A vector store: store.GetCollection<string, EmbeddingRecord>("items", EmbeddingRecordDefinition.Create(model.Dimension))
        await collection.EnsureCollectionExistsAsync(cancellationToken);
        foreach (EmbeddingRecord[] batch in mlContext.Data.ReadEmbeddings(model.GetItemEmbeddings()).Chunk(1000))
        {
            await collection.UpsertAsync(batch, cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<ScoredItem<string>>> RecommendAsync(
        MLContext mlContext,
        SsnaTransformer model,
        VectorStoreCollection<string, EmbeddingRecord> collection,
        string[] history,
        CancellationToken cancellationToken
    )
    {
        // The nearest items to a user, and of those the best, as the model scores them: without the history, and with repeats.
        IDataView row = mlContext.Data.LoadFromEnumerable([new { Sequence = history }]);
        ReadOnlyMemory<float> user = model.GetUserEmbeddings(row).GetColumn<float[]>("Embedding").Single();
        List<string> candidates = [.. history];
        await foreach (var found in collection.SearchAsync(user, 100, cancellationToken: cancellationToken))
        {
            candidates.Add(found.Record.Id);
        }
        return model.Recommend(history, k: 10, allow: candidates);
    }
}
