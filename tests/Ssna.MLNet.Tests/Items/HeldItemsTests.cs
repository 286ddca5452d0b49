using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Items;

/// <summary>Each rank reads the whole table and keeps its items' rows.</summary>
[TestClass]
public sealed class HeldItemsTests
{
    private const int Count = 11;
    private static readonly MLContext Context = new(1);

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow("Features")]
    [DataRow("Ids")]
    [DataRow("Text")]
    public void Ranks_have_every_row_once_and_one_processs_hash(string kind)
    {
        using var encoder = new TemporaryFolder();
        TinyEncoder.Write(encoder.Path);
        ItemInputs inputs = kind switch
        {
            "Features" => new FeatureInputs("Layers", 2, Width: null),
            "Ids" => new IdInputs(),
            _ => new TextInputs("Text", MaximumTokens: 16, TokenizerFiles.Read(encoder.Path).Contents),
        };
        using var scope = NewDisposeScope();
        using ItemTable whole = Read(inputs, ranks: null);
        Assert.AreEqual(Count, whole.Values.Rows.shape[0]);
        foreach (int size in (int[])[2, 3, Count + 2])
        {
            using TensorState state = TensorState.Frozen();
            ItemTable[] parts = ThreadCollective.Run(size, collective => Read(inputs, new Ranks(collective)));
            long rows = 0;
            for (int rank = 0; rank < size; rank++)
            {
                HeldItems held = parts[rank].Values;
                Assert.AreEqual((Count, whole.Values.Hash), (held.Count, held.Hash));
                Assert.AreEqual(Count, parts[rank].Ids.Count);
                for (int row = 0; row < held.Rows.shape[0]; row++)
                {
                    Tensor own = held.Rows[row];
                    Tensor expected = whole.Values.Rows[(row * size) + rank];
                    // Texts are filled up to the longest of the rank's own.
                    Tensor same = own.dim() == 0 ? own : own.narrow(0, 0, Math.Min(own.shape[0], expected.shape[0]));
                    Tensor there = own.dim() == 0 ? expected : expected.narrow(0, 0, same.shape[0]);
                    Assert.IsTrue(same.eq(there).all().item<bool>());
                    rows++;
                }
                parts[rank].Dispose();
            }
            Assert.AreEqual(Count, rows);
        }
    }

    [TestMethod]
    public void A_table_with_one_other_number_has_another_hash_on_every_rank()
    {
        var inputs = new FeatureInputs("Layers", 2, Width: null);
        string[] Hashes(float last) =>
            ThreadCollective.Run(
                3,
                collective =>
                {
                    using ItemTable table = Read(inputs, new Ranks(collective), last);
                    return table.Values.Hash;
                }
            );
        string[] some = Hashes(1);
        string[] others = Hashes(2);
        Assert.AreEqual(1, some.Distinct().Count());
        Assert.AreEqual(1, others.Distinct().Count());
        Assert.AreNotEqual(some[0], others[0]);
    }

    private static ItemTable Read(ItemInputs inputs, Ranks? ranks, float last = 0)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Layers)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2, 3);
        IDataView items = Context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, Count)
                .Select(item => new Row
                {
                    Item = $"item{item}",
                    Text = string.Join(' ', TinyEncoder.Words.Skip(item).Take(1 + (item % 4))),
                    Layers = [item, 1, 2, 3, 4, item == Count - 1 ? last : 5],
                }),
            schema
        );
        return inputs.Read(Context, items, "Item", RunContext.None, ranks: ranks);
    }

    private sealed class Row
    {
        public string Item { get; set; } = "";

        public string Text { get; set; } = "";

        public float[] Layers { get; set; } = [];
    }
}
