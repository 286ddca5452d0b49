using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Parquet;
using Parquet.Schema;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Vectors.Tests;

[TestClass]
public sealed class ParquetTests : IDisposable
{
    private const int RowsOfAGroup = 4;
    private const int Wide = (1 << 22) / RowsOfAGroup;

    private static readonly MLContext s_context = ShopModel.Context;

    private readonly TemporaryFolder _folder = new();

    public required TestContext TestContext { get; set; }

    private string File => _folder["embeddings.parquet"];

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public async Task What_is_read_back_are_the_items_and_their_embeddings_bit_for_bit()
    {
        IDataView items = ShopModel.Value.GetItemEmbeddings();
        await s_context.Data.SaveAsParquetAsync(
            items,
            File,
            cancellationToken: TestContext.CancellationTokenSource.Token
        );
        (string Id, float[] Vector)[] read = await ReadAsync("Item", "Embedding");
        CollectionAssert.AreEqual(
            Enumerable.Range(0, RingShop.ItemCount).Select(RingShop.Id<string>).ToArray(),
            Ids(read)
        );
        AssertSame(items.GetColumn<float[]>("Embedding"), read);
    }

    [TestMethod]
    public async Task Users_have_their_vectors_and_one_of_whom_nothing_is_known_has_zeros()
    {
        IDataView users = ShopModel.Value.GetUserEmbeddings(ShopModel.Users, "Vector");
        await s_context.Data.SaveAsParquetAsync(
            users,
            File,
            "User",
            "Vector",
            cancellationToken: TestContext.CancellationTokenSource.Token
        );
        (string Id, float[] Vector)[] read = await ReadAsync("User", "Vector");
        CollectionAssert.AreEqual(new[] { "ann", "bob", "eve" }, Ids(read));
        AssertSame(users.GetColumn<float[]>("Vector"), read);
        Assert.AreEqual(1, read[0].Vector.Sum(value => (double)value * value), 1e-5);
        Assert.IsTrue(read[2].Vector.All(value => value == 0));
    }

    [TestMethod]
    public async Task More_rows_than_a_row_group_holds_keep_their_order_and_progress_is_told()
    {
        var told = new List<long>();
        await s_context.Data.SaveAsParquetAsync(
            WideRows(10),
            File,
            progress: new Listed(told),
            cancellationToken: TestContext.CancellationTokenSource.Token
        );
        CollectionAssert.AreEqual(new long[] { 4, 8, 10 }, told);
        (string Id, float[] Vector)[] read = await ReadAsync("Item", "Embedding", groups: 3);
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).Select(row => $"{row}").ToArray(), Ids(read));
        for (int row = 0; row < read.Length; row++)
        {
            Assert.HasCount(Wide, read[row].Vector);
            Assert.IsFalse(read[row].Vector.AsSpan().ContainsAnyExcept((float)row));
        }
    }

    [TestMethod]
    public async Task Integers_and_keys_become_strings()
    {
        using SsnaTransformer model = RingShop.Fit<ulong>(s_context);
        CancellationToken token = TestContext.CancellationTokenSource.Token;
        await s_context.Data.SaveAsParquetAsync(model.GetItemEmbeddings(), File, cancellationToken: token);
        CollectionAssert.AreEqual(
            Enumerable.Range(1000, RingShop.ItemCount).Select(id => $"{id}").ToArray(),
            Ids(await ReadAsync("Item", "Embedding"))
        );

        IDataView items = ShopModel.Value.GetItemEmbeddings();
        IDataView keys = s_context.Transforms.Conversion.MapValueToKey("Item").Fit(items).Transform(items);
        await s_context.Data.SaveAsParquetAsync(keys, File, cancellationToken: token);
        Assert.AreEqual("item07", (await ReadAsync("Item", "Embedding"))[7].Id);
    }

    [TestMethod]
    public async Task No_rows_are_a_file_without_rows()
    {
        await s_context.Data.SaveAsParquetAsync(
            WideRows(0),
            File,
            cancellationToken: TestContext.CancellationTokenSource.Token
        );
        Assert.IsEmpty(await ReadAsync("Item", "Embedding", groups: 0));
    }

    [TestMethod]
    public async Task Cancelled_or_refused_half_way_the_old_file_stays_and_nothing_beside_it()
    {
        System.IO.File.WriteAllText(File, "old");
        using var cancellation = new CancellationTokenSource();
        IDataView cancelled = WideRows(10, row => Cancel(row, cancellation));
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            s_context.Data.SaveAsParquetAsync(cancelled, File, cancellationToken: cancellation.Token)
        );
        AssertOld();

        IDataView refused = WideRows(10, row => row == 6 ? float.NaN : row);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            s_context.Data.SaveAsParquetAsync(refused, File)
        );
        StringAssert.Contains(error.Message, "Embedding column 'Embedding', id '6'");
        AssertOld();

        void AssertOld()
        {
            Assert.AreEqual("old", System.IO.File.ReadAllText(File));
            Assert.HasCount(1, Directory.GetFiles(_folder.Path));
        }
    }

    [TestMethod]
    public async Task Columns_that_will_not_do_are_named_before_anything_is_written()
    {
        IDataView items = ShopModel.Value.GetItemEmbeddings();
        var missing = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            s_context.Data.SaveAsParquetAsync(items, File, "User")
        );
        StringAssert.Contains(missing.Message, "id column 'User'");
        var scalar = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            s_context.Data.SaveAsParquetAsync(items, File, "Item", "Item")
        );
        StringAssert.Contains(scalar.Message, "vector of Single");
        Assert.IsEmpty(Directory.GetFiles(_folder.Path));
    }

    private static float Cancel(int row, CancellationTokenSource cancellation)
    {
        if (row == 6)
        {
            cancellation.Cancel();
        }
        return row;
    }

    private static IDataView WideRows(int count, Func<int, float>? valueOf = null)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Embedding)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Wide);
        return s_context.Data.LoadFromEnumerable(Rows(), schema);

        IEnumerable<Row> Rows()
        {
            for (int row = 0; row < count; row++)
            {
                var embedding = new float[Wide];
                Array.Fill(embedding, valueOf?.Invoke(row) ?? row);
                yield return new Row { Item = $"{row}", Embedding = embedding };
            }
        }
    }

    private async Task<(string Id, float[] Vector)[]> ReadAsync(string idColumn, string embeddingColumn, int groups = 1)
    {
        CancellationToken token = TestContext.CancellationTokenSource.Token;
        await using ParquetReader reader = await ParquetReader.CreateAsync(File, cancellationToken: token);
        Assert.AreEqual(groups, reader.RowGroupCount);
        Assert.AreEqual(idColumn, reader.Schema[0].Name);
        Assert.IsInstanceOfType<ListField>(reader.Schema[1]);
        Assert.AreEqual(embeddingColumn, reader.Schema[1].Name);
        DataField[] fields = reader.Schema.GetDataFields();
        var rows = new List<(string, float[])>();
        for (int group = 0; group < groups; group++)
        {
            using ParquetRowGroupReader groupReader = reader.OpenRowGroupReader(group);
            var ids = new string?[groupReader.RowCount];
            await groupReader.ReadAsync(fields[0], ids.AsMemory(), cancellationToken: token);
            var values = new float[groupReader.GetMetadata(fields[1])!.MetaData!.NumValues];
            var present = new int[values.Length];
            var starts = new int[values.Length];
            await groupReader.ReadRawAsync<float>(fields[1], values, present, starts, token);
            Assert.IsTrue(present.All(level => level == fields[1].MaxDefinitionLevel), "nothing is missing");
            int[] first = [.. Enumerable.Range(0, starts.Length).Where(i => starts[i] == 0), values.Length];
            Assert.HasCount(ids.Length + 1, first);
            rows.AddRange(ids.Select((id, i) => (id!, values[first[i]..first[i + 1]])));
        }
        return [.. rows];
    }

    private static string[] Ids((string Id, float[] Vector)[] rows) => Array.ConvertAll(rows, row => row.Id);

    private static void AssertSame(IEnumerable<float[]> expected, (string Id, float[] Vector)[] read)
    {
        float[][] all = [.. expected];
        Assert.HasCount(all.Length, read);
        for (int i = 0; i < all.Length; i++)
        {
            CollectionAssert.AreEqual(all[i], read[i].Vector);
        }
    }

    private sealed class Row
    {
        public string Item { get; set; } = "";

        public float[] Embedding { get; set; } = [];
    }

    private sealed class Listed(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }
}
