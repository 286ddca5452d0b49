using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Evaluation;

/// <summary>What evaluation and a trained model tell each other: training counts and embeddings; and how rows are read.</summary>
[TestClass]
public sealed class ModelEvaluationTests
{
    private const int Cases = 300; // more than a model scores at a time

    private static readonly MLContext s_context = RingShopModel.Context;

    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public void Scores_tell_how_often_each_item_was_taken_in_the_training_data()
    {
        var expected = new long[RingShop.ItemCount];
        foreach (
            RingShop.UserRow<string> user in s_context.Data.CreateEnumerable<RingShop.UserRow<string>>(
                RingShop.TrainingUsers<string>(s_context),
                reuseRowObject: false
            )
        )
        {
            foreach (string item in user.Sequence)
            {
                expected[int.Parse(item[4..])]++;
            }
        }
        CollectionAssert.AreEqual(expected, Counts(Model));
        Assert.AreEqual(expected.Sum(), Model.Training.Interactions);

        using var folder = new TemporaryFolder();
        Model.Save(folder["model.zip"]);
        using SsnaTransformer loaded = SsnaTransformer.Load(s_context, folder["model.zip"]);
        CollectionAssert.AreEqual(expected, Counts(loaded));

        // Items that were added were never taken, and what is left keeps what it has.
        using SsnaTransformer larger = Model.WithItems(RingShop.Items<string>(s_context, [60, 7]));
        CollectionAssert.AreEqual((long[])[.. expected, 0], Counts(larger));
        using SsnaTransformer smaller = Model.WithoutItems(["item00", "item02"]);
        CollectionAssert.AreEqual((long[])[expected[1], .. expected[3..]], Counts(smaller));
        using SsnaTransformer rounded = Model.WithItemPrecision(ItemPrecision.Int8);
        CollectionAssert.AreEqual(expected, Counts(rounded));
    }

    [TestMethod]
    public void Forged_interactions_are_refused_and_where_they_are_missing_no_counts_are_told()
    {
        using var folder = new TemporaryFolder();
        s_context.Model.Save(Model, null, folder["model.zip"]); // without hashes of its entries
        string said = $"\"Interactions\": {Model.Training.Interactions}";
        File.WriteAllBytes(folder["forged.zip"], Changed("\"Interactions\": 0"));
        var error = Assert.ThrowsExactly<FormatException>(() => SsnaTransformer.Load(s_context, folder["forged.zip"]));
        StringAssert.Contains(error.Message, "Interactions: expected above 0");

        File.WriteAllBytes(folder["older.zip"], Changed("\"_\": 0"));
        using SsnaTransformer older = SsnaTransformer.Load(s_context, folder["older.zip"]);
        Assert.IsNull(older.Training.Interactions);
        IDataView scored = older.Transform(Rows(["item01"]));
        Assert.IsNull(scored.Schema["Score"].Annotations.Schema.GetColumnOrNull("TrainingCounts"));
        Assert.IsNull(s_context.Recommendation().EvaluateRanking(scored).ByPopularity);

        byte[] Changed(string to) =>
            ZipEdit.ChangeAndSeal(
                File.ReadAllBytes(folder["model.zip"]),
                "Settings.json",
                bytes =>
                {
                    string text = Encoding.UTF8.GetString(bytes);
                    StringAssert.Contains(text, said);
                    return Encoding.UTF8.GetBytes(text.Replace(said, to, StringComparison.Ordinal));
                }
            );
    }

    [TestMethod]
    public void Rows_of_a_model_are_split_by_popularity_with_added_items_apart()
    {
        using SsnaTransformer larger = Model.WithItems(RingShop.Items<string>(s_context, [60]));
        IDataView rows = Rows([.. Labels().Take(30), "item60"]);
        ItemRankingMetrics metrics = s_context.Recommendation().EvaluateRanking(larger.Transform(rows));
        ItemRankingGroup[] groups = [.. metrics.ByPopularity!];
        Assert.AreEqual(1, groups[3].ItemCount);
        CollectionAssert.AreEqual(new[] { 30 }, groups[3].Rows.ToArray());
        Assert.AreEqual(30, groups[..3].Sum(group => group.RowCount));
        Assert.AreEqual(RingShop.ItemCount, groups[..3].Sum(group => group.ItemCount));
    }

    [TestMethod]
    public void Diversity_is_that_of_every_pair_of_every_list()
    {
        IDataView scored = Model.Transform(Rows([.. Labels()]));
        int[] cutoffs = [2, 7];
        ItemRankingMetrics metrics = s_context.Recommendation().EvaluateRanking(scored, Model, cutoffs: cutoffs);
        Dictionary<string, float[]> embeddings = Embeddings(Model);
        foreach (int cutoff in cutoffs)
        {
            AssertEqual(metrics.All, excludeHistory: false);
            AssertEqual(metrics.ExcludeSeen!, excludeHistory: true);

            void AssertEqual(ItemRankingFigures figures, bool excludeHistory)
            {
                double[] values =
                [
                    .. Histories()
                        .Zip(Labels())
                        .Select(row =>
                            Naive([
                                .. Model
                                    .Recommend(row.First, RingShop.ItemCount, excludeHistory: false)
                                    .Select(best => best.Item)
                                    // The wanted item stays, even where it is in the history.
                                    .Where(item => !excludeHistory || item == row.Second || !row.First.Contains(item))
                                    .Take(cutoff)
                                    .Select(item => embeddings[item]),
                            ])
                        ),
                ];
                Assert.AreEqual(values.Average(), figures.IntraListDiversity(cutoff), 1e-5);
                double mean = values.Average();
                double error = Math.Sqrt(values.Sum(value => Math.Pow(value - mean, 2)) / (Cases - 1) / Cases);
                Assert.AreEqual(error, figures.IntraListDiversityStandardError(cutoff), 1e-5);
            }
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => metrics.All.IntraListDiversity(3));
        StringAssert.Contains(metrics.ToString(), "Diversity");
        Assert.AreEqual(
            s_context.Recommendation().EvaluateRanking(scored, cutoffs: cutoffs).All.Ndcg(7),
            metrics.All.Ndcg(7),
            "the other figures are as without"
        );
    }

    [TestMethod]
    public void Diversity_of_another_models_scores_is_by_the_embeddings_given()
    {
        string[] names = ["item03", "item01", "item02"]; // some of its items, in another order
        IDataView scored = ScoredView.Create(
            s_context,
            names,
            [
                new ScoredView.Row<string>
                {
                    Score = [3, 1, 2],
                    Label = "item01",
                    Sequence = [],
                },
            ]
        );
        ItemRankingMetrics metrics = s_context.Recommendation().EvaluateRanking(scored, Model, cutoffs: [2]);
        Dictionary<string, float[]> embeddings = Embeddings(Model);
        Assert.AreEqual(Naive([embeddings["item03"], embeddings["item02"]]), metrics.All.IntraListDiversity(2), 1e-6);
    }

    [TestMethod]
    public void Items_that_the_transformer_does_not_have_are_named()
    {
        IDataView scored = ScoredView.Create(
            s_context,
            ["item03", "elsewhere"],
            [new ScoredView.Row<string> { Score = [3, 1], Label = "item03" }]
        );
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            s_context.Recommendation().EvaluateRanking(scored, Model)
        );
        StringAssert.Contains(error.Message, "'elsewhere'");
        StringAssert.Contains(error.Message, "'Score'");
    }

    [TestMethod]
    public void Integer_ids_and_rounded_embeddings_tell_diversity_too()
    {
        var context = new MLContext(1);
        using SsnaTransformer model = RingShop.Fit<int>(context);
        using SsnaTransformer rounded = model.WithItemPrecision(ItemPrecision.Int8);
        IDataView rows = context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, 20)
                .Select(from => new LabelledRow<int> { Sequence = [1000 + from], Label = 1001 + from })
        );
        IDataView scored = model.Transform(rows);
        double exact = context.Recommendation().EvaluateRanking(scored, model).All.IntraListDiversity(10);
        double near = context.Recommendation().EvaluateRanking(scored, rounded).All.IntraListDiversity(10);
        Assert.AreEqual(exact, near, 0.01);
        Assert.AreNotEqual(exact, near);
    }

    [TestMethod]
    public void Disposed_transformers_tell_nothing()
    {
        SsnaTransformer gone = Model.WithItems(RingShop.Items<string>(s_context, [7]));
        IDataView scored = Model.Transform(Rows(["item07"]));
        gone.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => s_context.Recommendation().EvaluateRanking(scored, gone));
    }

    [TestMethod]
    public void Read_as_they_are_scored_or_from_memory_in_whatever_parts_rows_give_the_same()
    {
        IDataView scored = Model.Transform(Rows([.. Labels()]));
        ItemRankingMetrics streamed = s_context.Recommendation().EvaluateRanking(scored, Model);
        ItemRankingMetrics cached = s_context.Recommendation().EvaluateRanking(s_context.Data.Cache(scored), Model);
        Assert.AreEqual(streamed.ToString(), cached.ToString());
        CollectionAssert.AreEqual(streamed.All.Ranks.ToArray(), cached.All.Ranks.ToArray());

        // A batch of one user, of 7, and of all: the scores of a user are the same in each but for the last bit.
        foreach (int size in new[] { 1, 7 })
        {
            int[] parts =
            [
                .. Labels()
                    .Chunk(size)
                    .SelectMany(
                        (labels, part) =>
                            s_context
                                .Recommendation()
                                .EvaluateRanking(Model.Transform(Rows(labels, part * size)))
                                .ExcludeSeen!.Ranks
                    ),
            ];
            CollectionAssert.AreEqual(streamed.ExcludeSeen!.Ranks.ToArray(), parts);
        }
    }

    [TestMethod]
    public void Scores_are_not_kept_while_rows_are_ranked()
    {
        const int items = 20_000;
        const int rows = 500; // 40 MB of scores
        var row = new ScoredView.Row<string> { Score = new float[items], Label = "3" };
        SchemaDefinition schema = SchemaDefinition.Create(typeof(ScoredView.Row<string>));
        SchemaDefinition.Column score = schema["Score"];
        score.ColumnType = new VectorDataViewType(NumberDataViewType.Single, items);
        score.AddAnnotation(
            "SlotNames",
            new VBuffer<ReadOnlyMemory<char>>(
                items,
                [.. Enumerable.Range(0, items).Select(item => item.ToString().AsMemory())]
            ),
            new VectorDataViewType(TextDataViewType.Instance, items)
        );
        IDataView scored = s_context.Data.LoadFromEnumerable(Enumerable.Repeat(row, rows), schema);
        s_context.Recommendation().EvaluateRanking(scored, cutoffs: [1]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ItemRankingMetrics metrics = s_context.Recommendation().EvaluateRanking(scored, cutoffs: [1]);
        Assert.AreEqual(rows, metrics.RowCount);
        Assert.IsLessThan(10_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Two_models_of_a_shop_are_compared()
    {
        IDataView rows = Rows([.. Labels()]);
        using SsnaTransformer rounded = Model.WithItemPrecision(ItemPrecision.Int8);
        using SsnaTransformer blind = Model.WithItems(
            RingShop.Items<string>(s_context, Enumerable.Range(0, RingShop.ItemCount))
        );
        ItemRankingComparison same = s_context
            .Recommendation()
            .CompareRanking(Model.Transform(rows), blind.Transform(rows), resamples: 100);
        Assert.AreEqual(0, same.All.Recall(10).Value, "the same items with the same features");
        ItemRankingComparison other = s_context
            .Recommendation()
            .CompareRanking(Model.Transform(rows), rounded.Transform(rows), resamples: 100);
        Assert.AreEqual(other.Metrics.All.Mrr(10) - other.Baseline.All.Mrr(10), other.All.Mrr(10).Value, 1e-12);
    }

    private static IEnumerable<string[]> Histories() =>
        Enumerable
            .Range(0, Cases)
            .Select(user => RingShop.Walk(user, 1 + (user % 9)).Select(RingShop.Id<string>).ToArray());

    // Every fourth wants its first item again.
    private static IEnumerable<string> Labels() =>
        Histories()
            .Select(
                (history, user) =>
                    user % 4 == 0 ? history[0] : RingShop.Id<string>((user + history.Length) % RingShop.ItemCount)
            );

    private static IDataView Rows(string[] labels, int from = 0) =>
        s_context.Data.LoadFromEnumerable(
            Histories()
                .Skip(from)
                .Zip(labels, (history, label) => new LabelledRow<string> { Sequence = history, Label = label })
        );

    private static long[] Counts(SsnaTransformer model)
    {
        DataViewSchema schema = model.GetOutputSchema(Rows(["item00"]).Schema);
        VBuffer<long> counts = default;
        schema["Score"].Annotations.GetValue("TrainingCounts", ref counts);
        return [.. counts.DenseValues()];
    }

    private static Dictionary<string, float[]> Embeddings(SsnaTransformer model) =>
        s_context
            .Data.CreateEnumerable<ItemEmbedding>(model.GetItemEmbeddings(), reuseRowObject: false)
            .ToDictionary(row => row.Item, row => row.Embedding);

    private static double Naive(float[][] list)
    {
        (double sum, int pairs) = (0, 0);
        for (int i = 0; i < list.Length; i++)
        {
            for (int j = 0; j < i; j++, pairs++)
            {
                sum += 1 - list[i].Zip(list[j], (x, y) => (double)x * y).Sum();
            }
        }
        return sum / pairs;
    }

    private sealed class LabelledRow<T>
    {
        public T[] Sequence { get; set; } = [];

        public T Label { get; set; } = default!;
    }

    private sealed class ItemEmbedding
    {
        public string Item { get; set; } = "";

        public float[] Embedding { get; set; } = [];
    }
}
