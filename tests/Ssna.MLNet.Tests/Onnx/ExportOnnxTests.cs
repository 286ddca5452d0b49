using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Onnx;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Onnx;

/// <summary>What ONNX Runtime recommends with an exported model is what the model recommends.</summary>
[TestClass]
public sealed class ExportOnnxTests
{
    private static readonly MLContext s_context = new(1);
    private static SsnaTransformer s_repeats = null!;

    [ClassInitialize]
    public static void Train(TestContext _) => s_repeats = Fit(options => options.LearnRepeats = true);

    [ClassCleanup]
    public static void Free() => s_repeats.Dispose();

    public static IEnumerable<object[]> Cases =>
        from precision in Enum.GetValues<ItemPrecision>()
        from repeats in new[] { true, false }
        from exclude in new[] { true, false }
        select new object[] { precision, repeats, exclude };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Items_and_scores_are_those_of_recommend(ItemPrecision precision, bool repeats, bool exclude)
    {
        SsnaTransformer model = repeats ? s_repeats : RingShopModel.Value;
        using SsnaTransformer? rounded = precision == ItemPrecision.Float32 ? null : model.WithItemPrecision(precision);
        AreTheSame(rounded ?? model, exclude);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Any_number_of_blocks_and_heads_is_computed(int blocks)
    {
        using SsnaTransformer model = Fit(options =>
            options.SequenceModel = new SequenceModel.SASRec
            {
                Blocks = blocks,
                AttentionHeads = 4,
                InnerSize = 24,
                MaximumSequenceLength = 5,
            }
        );
        AreTheSame(model, exclude: false);
    }

    [TestMethod]
    [DataRow(ItemPrecision.Float32)]
    [DataRow(ItemPrecision.Float16)]
    [DataRow(ItemPrecision.Int8)]
    public void Catalogues_of_several_tiles_with_added_items_are_ranked_to_the_last_item(ItemPrecision precision)
    {
        // New items have no popularity, no rate of repeats and the last places.
        using SsnaTransformer larger = s_repeats.WithItems(
            RingShop.Items<string>(s_context, Enumerable.Range(0, (1 << 14) + 3000))
        );
        using SsnaTransformer? rounded =
            precision == ItemPrecision.Float32 ? null : larger.WithItemPrecision(precision);
        AreTheSame(
            rounded ?? larger,
            exclude: true,
            k: 50,
            [
                [3, 18000, 19000],
                [18001, 17],
                [],
            ]
        );
    }

    [TestMethod]
    public void More_items_than_there_are_is_all_of_them()
    {
        using var exported = new Exported(s_repeats);
        Assert.HasCount(
            RingShop.ItemCount,
            exported.Recommend([RepeatShop.Repeater(3, 6)], k: 1000, exclude: false)[0]
        );
    }

    [TestMethod]
    public void Where_no_item_is_left_there_are_minus_one_and_minus_infinity()
    {
        using var exported = new Exported(s_repeats);
        var found = exported.Recommend([
            [.. Enumerable.Range(0, RingShop.ItemCount - 4)],
        ])[0];
        Assert.IsTrue(found.Take(4).All(best => best.Item >= RingShop.ItemCount - 4 && float.IsFinite(best.Score)));
        Assert.IsTrue(found.Skip(4).All(best => best is (-1, float.NegativeInfinity)));
    }

    [TestMethod]
    public void What_is_no_index_is_skipped_wherever_it_stands()
    {
        using var exported = new Exported(s_repeats);
        int[] history = RepeatShop.Repeater(3, 6);
        (int Item, float Score)[] expected = exported.Recommend([history], k: 8, exclude: false)[0];
        int[][] same =
        [
            [-1, -1, .. history],
            [.. history, -1],
            [.. history[..2], RingShop.ItemCount, .. history[2..4], -7, .. history[4..], 1_000_000],
        ];
        foreach ((int Item, float Score)[] found in exported.Recommend(same, k: 8, exclude: false))
        {
            CollectionAssert.AreEqual(Items(expected), Items(found));
            CollectionAssert.AreEqual(
                Array.ConvertAll(expected, best => MathF.Round(best.Score, 5)),
                Array.ConvertAll(found, best => MathF.Round(best.Score, 5))
            );
        }
    }

    [TestMethod]
    public void A_users_answer_does_not_depend_on_who_is_asked_for_beside()
    {
        using var exported = new Exported(s_repeats);
        int[][] histories = Histories();
        (int Item, float Score)[][] together = exported.Recommend(histories);
        for (int user = 0; user < histories.Length; user++)
        {
            int[] alone = histories[user].Length == 0 ? [-1] : histories[user];
            CollectionAssert.AreEqual(Items(together[user]), Items(exported.Recommend([alone])[0]), $"user {user}");
        }
    }

    [TestMethod]
    public void The_id_table_has_the_ids_in_the_order_of_their_indexes_and_the_file_says_what_it_is()
    {
        using var exported = new Exported(s_repeats);
        CollectionAssert.AreEqual(
            s_repeats.GetItemIds<string>().ToArray(),
            JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(exported.Folder["shop.ids.json"]))
        );
        IReadOnlyDictionary<string, string> metadata = exported.Session.Metadata;
        Assert.AreEqual("shop.ids.json", metadata["ssna.ids"]);
        Assert.AreEqual("5", metadata["ssna.k"]);
        Assert.AreEqual("True", metadata["ssna.exclude_history"]);
        Assert.AreEqual("True", metadata["ssna.repeats"]);
        Assert.AreEqual("Float32", metadata["ssna.item_precision"]);
        Assert.AreEqual("60", metadata["ssna.items"]);

        using SsnaTransformer numbers = RingShop.Fit<long>(s_context);
        numbers.ExportOnnx(exported.Folder["numbers.onnx"]);
        CollectionAssert.AreEqual(
            numbers.GetItemIds<long>().ToArray(),
            JsonSerializer.Deserialize<long[]>(File.ReadAllBytes(exported.Folder["numbers.ids.json"]))
        );
    }

    [TestMethod]
    [DataRow(ItemPrecision.Float32)]
    [DataRow(ItemPrecision.Float16)]
    [DataRow(ItemPrecision.Int8)]
    public void The_checker_of_the_format_finds_no_fault(ItemPrecision precision)
    {
        using SsnaTransformer model = s_repeats.WithItemPrecision(precision);
        using var exported = new Exported(model);
        Assert.AreEqual("items ['batch', 'k']\nscores ['batch', 'k']", OnnxChecker.Check(exported.Folder["shop.onnx"]));
    }

    [TestMethod]
    public void Weights_beside_the_file_give_the_same_answers()
    {
        using var exported = new Exported(s_repeats);
        using var beside = new Exported(s_repeats, largestFile: 2000);
        Assert.IsTrue(File.Exists(beside.Folder["shop.onnx.data"]));
        (int, float)[][] expected = exported.Recommend(Histories());
        (int, float)[][] found = beside.Recommend(Histories());
        for (int user = 0; user < expected.Length; user++)
        {
            CollectionAssert.AreEqual(expected[user], found[user]);
        }
    }

    // What the remarks of ExportOnnx say of it; the day that this fails, they can be told otherwise.
    [TestMethod]
    public void The_converter_of_MLNet_makes_inputs_of_the_columns_that_it_cannot_compute()
    {
        using var written = new MemoryStream();
        IDataView users = RingShop.Users<string>(s_context, RingShop.Walk(3, 5));
        s_context.Model.ConvertToOnnx(s_repeats, users, written);
        GraphProto graph = ModelProto.Parser.ParseFrom(written.ToArray()).Graph;
        Assert.Contains("Score", graph.Input.Select(input => input.Name));
        Assert.IsFalse(graph.Node.Any(node => node.OpType is "MatMul" or "Gemm" or "TopK"), "nothing is computed");
    }

    [TestMethod]
    public void Nothing_is_written_that_cannot_be()
    {
        using var folder = new TemporaryFolder();
        Assert.ThrowsExactly<ArgumentException>(() => s_repeats.ExportOnnx(""));
        using SsnaTransformer disposed = RingShop.Fit<string>(s_context);
        disposed.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => disposed.ExportOnnx(folder["shop.onnx"]));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));

        File.WriteAllText(folder["shop.ids.json"], "theirs");
        Directory.CreateDirectory(folder["shop.onnx", "in the way"]);
        Assert.Throws<SystemException>(() => s_repeats.ExportOnnx(folder["shop.onnx"]));
        Assert.AreEqual("theirs", File.ReadAllText(folder["shop.ids.json"]));
    }

    private static SsnaTransformer Fit(Action<SsnaTrainer.Options> change)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        (options.MaximumEpochs, options.LearnRepeats) = (1, true);
        change(options);
        return s_context.Recommendation().Trainers.Ssna(options).Fit(RepeatShop.Users<string>(s_context));
    }

    /// <summary>Short ones and such as are longer than the model looks at, with and without repeats, and one of nothing.</summary>
    private static int[][] Histories() =>
        [
            RepeatShop.Repeater(3, 6),
            RepeatShop.Walker(9, 7),
            [],
            [17],
            [5, 5, 5, 5],
            [.. RingShop.Walk(50, 40), 3, 50, 3, 12],
            RepeatShop.Repeater(30, 25),
            [.. Enumerable.Range(0, 90).Select(i => i * i % RingShop.ItemCount)],
        ];

    private static void AreTheSame(SsnaTransformer model, bool exclude, int? k = null, int[][]? histories = null)
    {
        // The users' embedding, which int8's sums of whole numbers round to 16 bits.
        const float tolerance = 3e-5f;
        histories ??= Histories();
        int count = k ?? model.ItemCount;
        string[] ids = [.. model.GetItemIds<string>()];
        using var exported = new Exported(model);
        (int Item, float Score)[][] found = exported.Recommend(histories, count, exclude);
        var expected = model.RecommendMany(
            histories.Select(history => history.Select(item => ids[item])),
            count,
            excludeHistory: exclude
        );
        for (int user = 0; user < histories.Length; user++)
        {
            (int Item, float Score)[] left = [.. found[user].TakeWhile(best => best.Item >= 0)];
            Assert.HasCount(expected[user].Count, left, $"user {user}");
            for (int i = 0; i < left.Length; i++)
            {
                Assert.AreEqual(expected[user][i].Score, left[i].Score, tolerance, $"user {user}, place {i}");
                if (ids[left[i].Item] != expected[user][i].Item)
                {
                    Assert.IsTrue(
                        expected[user]
                            .Any(item =>
                                item.Item == ids[left[i].Item] && Math.Abs(item.Score - left[i].Score) <= 2 * tolerance
                            ) || (k is not null && i == count - 1),
                        $"user {user}, place {i}: {ids[left[i].Item]} for {expected[user][i].Item}"
                    );
                }
            }
        }
    }

    private static int[] Items((int Item, float Score)[] best) => Array.ConvertAll(best, item => item.Item);

    /// <summary>An exported model and ONNX Runtime with it.</summary>
    private sealed class Exported : IDisposable
    {
        public Exported(SsnaTransformer model, long? largestFile = null)
        {
            model.ExportOnnx(Folder["shop.onnx"], largestFile);
            Session = new OnnxSession(Folder["shop.onnx"]);
        }

        public TemporaryFolder Folder { get; } = new();

        public OnnxSession Session { get; }

        public (int Item, float Score)[][] Recommend(int[][] histories, int k = 10, bool exclude = true)
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = Session.Run(
                ["items", "scores"],
                ("history", OnnxSession.Rows(histories, -1)),
                ("k", OnnxSession.Value([(long)k], 1)),
                ("exclude_history", OnnxSession.Value([exclude], 1))
            );
            long[] items = outputs[0].GetTensorDataAsSpan<long>().ToArray();
            float[] scores = outputs[1].GetTensorDataAsSpan<float>().ToArray();
            int width = items.Length / histories.Length;
            return [.. items.Zip(scores, (item, score) => ((int)item, score)).Chunk(width)];
        }

        public void Dispose()
        {
            Session.Dispose();
            Folder.Dispose();
        }
    }
}
