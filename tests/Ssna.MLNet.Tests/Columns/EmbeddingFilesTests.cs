using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Columns;

/// <summary>Ids and embeddings as records and as safetensors.</summary>
[TestClass]
public sealed class EmbeddingFilesTests : IDisposable
{
    private static readonly MLContext s_context = RingShopModel.Context;

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["embeddings.safetensors"];

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(ItemPrecision.Float32)]
    [DataRow(ItemPrecision.Float16)]
    [DataRow(ItemPrecision.Int8)]
    public void Safetensors_hold_the_items_and_their_embeddings_bit_for_bit_as_the_model_has_them(
        ItemPrecision precision
    )
    {
        using SsnaTransformer model = RingShopModel.Value.WithItemPrecision(precision);
        IDataView items = model.GetItemEmbeddings();
        s_context.Data.SaveAsSafetensors(items, Path);
        (string[] ids, float[][] embeddings) = Read();
        CollectionAssert.AreEqual(model.GetItemIds<string>().ToArray(), ids);
        AssertSame([.. items.GetColumn<float[]>("Embedding")], embeddings);
    }

    [TestMethod]
    public void Safetensors_hold_users_and_ids_of_any_characters()
    {
        IDataView users = RingShopModel.Value.GetUserEmbeddings(
            s_context.Data.LoadFromEnumerable([
                new { User = "Ærøskøbing 🛒", Sequence = new[] { "item03", "item04" } },
                new { User = "二", Sequence = new[] { "no such item" } },
            ]),
            "Vector"
        );
        s_context.Data.SaveAsSafetensors(users, Path, "User", "Vector");
        (string[] ids, float[][] embeddings) = Read();
        CollectionAssert.AreEqual(new[] { "Ærøskøbing 🛒", "二" }, ids);
        AssertSame([.. users.GetColumn<float[]>("Vector")], embeddings);
        Assert.IsTrue(embeddings[1].All(value => value == 0), "nothing is known of the second user");
    }

    [TestMethod]
    public void A_table_without_rows_is_a_file_without_rows()
    {
        IDataView none = Rows([]);
        s_context.Data.SaveAsSafetensors(none, Path);
        (string[] ids, float[][] embeddings) = Read();
        Assert.IsEmpty(ids);
        Assert.IsEmpty(embeddings);
    }

    [TestMethod]
    public void Records_have_integers_and_keys_as_text()
    {
        using SsnaTransformer model = RingShop.Fit<ulong>(s_context);
        EmbeddingRecord[] integers = [.. s_context.Data.ReadEmbeddings(model.GetItemEmbeddings())];
        Assert.AreEqual("1007", integers[7].Id);

        IDataView items = RingShopModel.Value.GetItemEmbeddings();
        IDataView keys = s_context.Transforms.Conversion.MapValueToKey("Item").Fit(items).Transform(items);
        EmbeddingRecord[] texts = [.. s_context.Data.ReadEmbeddings(keys)];
        Assert.AreEqual("item07", texts[7].Id);
        AssertSame(
            [.. items.GetColumn<float[]>("Embedding")],
            Array.ConvertAll(texts, record => record.Vector.ToArray())
        );
    }

    [TestMethod]
    public void Sparse_vectors_are_filled_up()
    {
        IDataView sparse = s_context
            .Transforms.Text.ProduceHashedWordBags("Embedding", "Item", numberOfBits: 5, ngramLength: 1)
            .Fit(RingShop.Items<string>(s_context))
            .Transform(RingShop.Items<string>(s_context));
        float[][] dense = [.. sparse.GetColumn<float[]>("Embedding")];
        AssertSame(dense, [.. s_context.Data.ReadEmbeddings(sparse).Select(record => record.Vector.ToArray())]);
    }

    [TestMethod]
    public void Cancelled_half_way_the_old_file_stays_and_nothing_beside_it()
    {
        File.WriteAllText(Path, "old");
        using var cancellation = new CancellationTokenSource();
        IDataView rows = Rows(
            Enumerable
                .Range(0, 10)
                .Select(row =>
                {
                    if (row == 6)
                    {
                        cancellation.Cancel();
                    }
                    return new Row { Item = $"{row}" };
                })
        );
        Assert.Throws<OperationCanceledException>(() =>
            s_context.Data.SaveAsSafetensors(rows, Path, cancellationToken: cancellation.Token)
        );
        AssertOldFile();
    }

    [TestMethod]
    public void Rows_that_will_not_do_are_refused_by_name_and_leave_the_old_file()
    {
        File.WriteAllText(Path, "old");
        foreach (
            (Row second, string message) in new[]
            {
                (new Row { Item = "" }, "Id column 'Item', row 1: expected an id, found a missing or empty one."),
                (new Row { Item = "a" }, "Id column 'Item', row 1: expected every id once, found 'a' again."),
                (
                    new Row { Item = "b", Embedding = [0, float.PositiveInfinity, 0] },
                    "Embedding column 'Embedding', id 'b': expected finite numbers, found Infinity."
                ),
            }
        )
        {
            IDataView rows = Rows([new Row { Item = "a" }, second]);
            var error = Assert.Throws<InvalidOperationException>(() => s_context.Data.SaveAsSafetensors(rows, Path));
            StringAssert.Contains(error.Message, message);
            error = Assert.Throws<InvalidOperationException>(() => s_context.Data.ReadEmbeddings(rows).Count());
            StringAssert.Contains(error.Message, message);
            AssertOldFile();
        }
    }

    [TestMethod]
    public void Columns_that_will_not_do_are_named_at_once()
    {
        IDataView items = RingShopModel.Value.GetItemEmbeddings();
        foreach (
            (string id, string embedding, string message) in new[]
            {
                ("User", "Embedding", "id column 'User'"),
                ("Embedding", "Embedding", "text, an integer type or a key"),
                ("Item", "Vector", "embedding column 'Vector'"),
                ("Item", "Item", "a vector of Single of a known size"),
            }
        )
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
                s_context.Data.ReadEmbeddings(items, id, embedding)
            );
            StringAssert.Contains(error.Message, message);
            error = Assert.Throws<ArgumentOutOfRangeException>(() =>
                s_context.Data.SaveAsSafetensors(items, Path, id, embedding)
            );
            StringAssert.Contains(error.Message, message);
        }
        Assert.IsEmpty(Directory.GetFiles(_folder.Path));
    }

    [TestMethod]
    public void Progress_is_told_and_ends_with_all_rows()
    {
        const int rows = 40_000;
        var told = new List<long>();
        s_context.Data.SaveAsSafetensors(
            Rows(Enumerable.Range(0, rows).Select(row => new Row { Item = $"{row}" })),
            Path,
            progress: new Listed(told)
        );
        CollectionAssert.AreEqual(told.Order().Distinct().ToArray(), told);
        Assert.IsGreaterThan(2, told.Count);
        Assert.AreEqual(rows, told[^1]);
        Assert.HasCount(rows, Read().Ids);
    }

    private static IDataView Rows(IEnumerable<Row> rows) => s_context.Data.LoadFromEnumerable(rows);

    private (string[] Ids, float[][] Embeddings) Read()
    {
        using var file = SafetensorsFile.Open(Path);
        using DisposeScope scope = NewDisposeScope();
        Tensor embeddings = file.ReadRaw("embeddings"); // (N, d)
        Assert.AreEqual(ScalarType.Float32, embeddings.dtype);
        int[] offsets = file.ReadRaw("id_offsets").data<int>().ToArray(); // (N + 1)
        byte[] ids = file.ReadRaw("ids").bytes.ToArray(); // (bytes)
        int width = (int)embeddings.shape[1];
        return (
            [
                .. Enumerable
                    .Range(0, offsets.Length - 1)
                    .Select(i => Encoding.UTF8.GetString(ids[offsets[i]..offsets[i + 1]])),
            ],
            [.. MemoryMarshal.Cast<byte, float>(embeddings.bytes).ToArray().Chunk(width)]
        );
    }

    private void AssertOldFile()
    {
        Assert.AreEqual("old", File.ReadAllText(Path));
        Assert.HasCount(1, Directory.GetFiles(_folder.Path));
    }

    private static void AssertSame(float[][] expected, float[][] found)
    {
        Assert.HasCount(expected.Length, found);
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], found[i]);
        }
    }

    private sealed class Row
    {
        public string Item { get; set; } = "";

        [VectorType(3)]
        public float[] Embedding { get; set; } = [1, 2, 3];
    }

    private sealed class Listed(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }
}
