using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class SsnaTransformerTests
{
    private static readonly MLContext s_context = RingShopModel.Context;

    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public void Columns_have_the_types_and_annotations_that_the_documentation_says()
    {
        DataViewSchema schema = Model.GetOutputSchema(RingShop.Users<string>(s_context, [1]).Schema);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, RingShop.ItemCount), schema["Score"].Type);
        Assert.AreEqual(new VectorDataViewType(TextDataViewType.Instance), schema["RecommendedItems"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single), schema["RecommendedScores"].Type);
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(
            Enumerable.Range(0, RingShop.ItemCount).Select(RingShop.Id<string>).ToArray(),
            names.DenseValues().Select(name => name.ToString()).ToArray()
        );
    }

    [TestMethod]
    public void Recommendations_are_the_best_scores_without_the_history()
    {
        int[][] histories =
        [
            [3, 4, 5],
            [10],
            [.. RingShop.Walk(20, 12)],
        ];
        Row[] rows = Transform(Model, RingShop.Users<string>(s_context, histories));
        for (int i = 0; i < rows.Length; i++)
        {
            int[] expected =
            [
                .. Enumerable
                    .Range(0, RingShop.ItemCount)
                    .Except(histories[i])
                    .OrderByDescending(item => rows[i].Score[item])
                    .ThenBy(item => item)
                    .Take(5),
            ];
            CollectionAssert.AreEqual(expected.Select(RingShop.Id<string>).ToArray(), rows[i].RecommendedItems);
            CollectionAssert.AreEqual(
                expected.Select(item => rows[i].Score[item]).ToArray(),
                rows[i].RecommendedScores
            );
        }
    }

    [TestMethod]
    public void Score_is_that_of_every_item_history_included()
    {
        Row row = Transform(Model, RingShop.Users<string>(s_context, [3, 4, 5]))[0];
        Assert.IsTrue(row.Score.All(score => score is >= -1.0001f and <= 1.0001f));
        IReadOnlyList<ScoredItem<string>> all = Model.Recommend(
            ["item03", "item04", "item05"],
            RingShop.ItemCount,
            excludeHistory: false
        );
        Assert.HasCount(RingShop.ItemCount, all);
        foreach (ScoredItem<string> item in all)
        {
            int index = int.Parse(item.Item[4..], CultureInfo.InvariantCulture);
            Assert.AreEqual(row.Score[index], item.Score, 1e-5f);
        }
    }

    [TestMethod]
    public void History_is_left_out_beyond_the_items_that_the_model_looks_at()
    {
        // The model looks at 8; the user took all but four.
        int[] history = [.. RingShop.Walk(30, RingShop.ItemCount - 4)];
        string[] rest = [.. Enumerable.Range(0, RingShop.ItemCount).Except(history).Select(RingShop.Id<string>)];
        Row row = Transform(Model, RingShop.Users<string>(s_context, history))[0];
        CollectionAssert.AreEquivalent(rest, row.RecommendedItems);
        Assert.HasCount(4, row.RecommendedScores);
    }

    [TestMethod]
    public void Only_the_most_recent_items_count()
    {
        int[] history = [.. RingShop.Walk(0, 20)];
        Row[] rows = Transform(Model, RingShop.Users<string>(s_context, history, history[^8..]));
        for (int item = 0; item < RingShop.ItemCount; item++)
        {
            Assert.AreEqual(rows[1].Score[item], rows[0].Score[item], 1e-5f);
        }
    }

    [TestMethod]
    public void Unknown_items_are_skipped_and_counted_once_a_cursor()
    {
        var context = new MLContext(1);
        var lines = new List<string>();
        using var zip = new MemoryStream();
        s_context.Model.Save(Model, null, zip);
        using var model = (SsnaTransformer)context.Model.Load(zip, out _);
        context.Log += (_, e) => lines.Add(e.RawMessage);
        IDataView users = context.Data.LoadFromEnumerable([
            new { Sequence = new[] { "item03", "??", "item04", "!!" } },
            new { Sequence = new[] { "item03", "item04", "--" } },
            new { Sequence = new[] { "item03", "item04" } },
        ]);
        IReadOnlyList<string> best = DataViews.Values(model.Transform(users), "RecommendedItems");
        Assert.AreEqual(best[2], best[0]);
        Assert.AreEqual(best[2], best[1]);
        Assert.ContainsSingle(line => line.Contains("3 of 9 (33.3 %) items in column 'Sequence'"), lines);
    }

    [TestMethod]
    public void A_user_of_whom_nothing_is_known_gets_the_most_popular_items()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        options.MaximumEpochs = 1;
        // Item 5 occurs four times, item 6 three times, item 7 twice, of 10 interactions.
        IDataView training = RingShop.Users<string>(s_context, [5, 6, 5], [5, 7, 6], [5, 6, 7, 8]);
        using SsnaTransformer model = s_context.Recommendation().Trainers.Ssna(options).Fit(training);
        IDataView users = s_context.Data.LoadFromEnumerable([
            new { Sequence = Array.Empty<string>() },
            new { Sequence = new[] { "??" } },
            new { Sequence = new[] { "item05" } },
        ]);
        Row[] rows = Transform(model, users);
        foreach (Row row in rows[..2])
        {
            CollectionAssert.AreEqual(new[] { "item05", "item06", "item07", "item08", "item00" }, row.RecommendedItems);
            CollectionAssert.AreEqual(new[] { 0.4f, 0.3f, 0.2f, 0.1f, 0f }, row.RecommendedScores);
            Assert.AreEqual(0.4f, row.Score[5]);
        }
        Assert.IsFalse(rows[2].RecommendedItems.Contains("item05"));
        Assert.AreEqual("item05", model.Recommend(Array.Empty<string>(), 1)[0].Item);
    }

    [TestMethod]
    public void Prediction_engine_takes_text_and_integer_histories()
    {
        using var text = s_context.Model.CreatePredictionEngine<
            RingShop.UserRow<string>,
            RingShop.Recommendations<string>
        >(Model, Borrowing());
        RingShop.Recommendations<string> best = text.Predict(new() { Sequence = ["item03", "item04"] });
        Assert.HasCount(5, best.RecommendedItems);
        Assert.HasCount(RingShop.ItemCount, best.Score);
        CollectionAssert.AreEqual(
            Model.Recommend(["item03", "item04"]).Select(item => item.Item).ToArray(),
            best.RecommendedItems
        );

        using SsnaTransformer integers = RingShop.Fit<int>(s_context);
        using var integer = s_context.Model.CreatePredictionEngine<
            RingShop.UserRow<int>,
            RingShop.Recommendations<int>
        >(integers, Borrowing());
        CollectionAssert.AreEqual(
            integers.Recommend([1003, 1004]).Select(item => item.Item).ToArray(),
            integer.Predict(new() { Sequence = [1003, 1004] }).RecommendedItems
        );
    }

    [TestMethod]
    public void Nothing_is_computed_where_only_columns_of_the_input_are_read()
    {
        SsnaTransformer model = Copy();
        IDataView scored = model.Transform(RingShop.TrainingUsers<string>(s_context, 20));
        // A disposed model computes nothing any more.
        model.Dispose();
        Assert.HasCount(20, DataViews.Values(scored, "User"));
        Assert.HasCount(20, DataViews.Lines(scored, "User", "Sequence"));
        Assert.Throws<ObjectDisposedException>(() => DataViews.Values(scored, "RecommendedItems"));
        Assert.Throws<ObjectDisposedException>(() => DataViews.Values(scored, "Score"));
    }

    [TestMethod]
    public void Values_do_not_depend_on_which_columns_are_read_beside_them()
    {
        IDataView scored = Model.Transform(RingShop.TrainingUsers<string>(s_context, 300));
        IReadOnlyList<string> alone = DataViews.Lines(scored, "RecommendedItems", "RecommendedScores");
        IReadOnlyList<string> all = DataViews.Lines(scored);
        for (int i = 0; i < alone.Count; i++)
        {
            StringAssert.EndsWith(all[i], alone[i].Split(": ", 2)[1]);
        }
    }

    [TestMethod]
    public void Rows_of_a_view_and_single_rows_agree()
    {
        IDataView users = RingShop.TrainingUsers<string>(s_context, 50);
        string[][] view = [.. Transform(Model, users).Select(row => row.RecommendedItems)];
        using var engine = s_context.Model.CreatePredictionEngine<
            RingShop.UserRow<string>,
            RingShop.Recommendations<string>
        >(Model, Borrowing());
        RingShop.UserRow<string>[] rows =
        [
            .. s_context.Data.CreateEnumerable<RingShop.UserRow<string>>(users, reuseRowObject: false),
        ];
        for (int i = 0; i < rows.Length; i++)
        {
            CollectionAssert.AreEqual(view[i], engine.Predict(rows[i]).RecommendedItems);
        }
    }

    [TestMethod]
    public void Options_can_keep_the_history_in_the_recommendations()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        options.MaximumEpochs = 1;
        options.ExcludeHistory = false;
        options.TopK = RingShop.ItemCount + 10;
        using SsnaTransformer model = s_context
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(RingShop.TrainingUsers<string>(s_context, 30));
        Row row = Transform(model, RingShop.Users<string>(s_context, [1, 2]))[0];
        Assert.HasCount(RingShop.ItemCount, row.RecommendedItems);
        Assert.HasCount(RingShop.ItemCount, model.Recommend(["item01"]));
    }

    // An engine disposes of its model unless told that it is not its own.
    private static PredictionEngineOptions Borrowing() => new() { OwnsTransformer = false };

    private static SsnaTransformer Copy()
    {
        using var zip = new MemoryStream();
        s_context.Model.Save(Model, null, zip);
        return (SsnaTransformer)s_context.Model.Load(zip, out _);
    }

    private static Row[] Transform(SsnaTransformer model, IDataView users) =>
        [
            .. s_context.Data.CreateEnumerable<Row>(
                model.Transform(users),
                reuseRowObject: false,
                ignoreMissingColumns: false
            ),
        ];

    private sealed class Row
    {
        public float[] Score { get; set; } = [];

        public string[] RecommendedItems { get; set; } = [];

        public float[] RecommendedScores { get; set; } = [];
    }
}
