using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>Repeats as part of a model, on every road to scores.</summary>
[TestClass]
public sealed class RepeatsTests
{
    private const int Starts = 40;

    private static readonly MLContext s_context = new(1);
    private static SsnaTransformer s_model = null!;

    [ClassInitialize]
    public static void Train(TestContext _) => s_model = Fit(learnRepeats: true);

    [ClassCleanup]
    public static void Free() => s_model.Dispose();

    // A model that knows next to nothing of what follows what: all that it says of histories, it says by repeats.
    private static SsnaTransformer Fit(bool learnRepeats)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        (options.MaximumEpochs, options.LearnRepeats) = (1, learnRepeats);
        return s_context.Recommendation().Trainers.Ssna(options).Fit(RepeatShop.Users<string>(s_context));
    }

    [TestMethod]
    public void Of_users_who_repeat_after_two_steps_and_users_who_never_do_both_are_learned_without_being_told()
    {
        using SsnaTransformer without = Fit(learnRepeats: false);
        (double due, double never) = Shares(s_model);
        (double dueWithout, double neverWithout) = Shares(without);
        Assert.IsGreaterThan(0.9, due, "the item that is due again is the first one recommended");
        Assert.IsLessThan(0.1, never, "of those who never repeat, no item of the history is among the best five");
        Assert.IsLessThan(0.5, dueWithout);
        Assert.IsGreaterThan(0.2, neverWithout, "as without repeats the history is nearest to itself");
    }

    [TestMethod]
    public void An_item_that_was_taken_again_already_is_not_due_a_second_time()
    {
        int wrong = 0;
        for (int from = 0; from < Starts; from++)
        {
            string[] history = Ids(RepeatShop.Repeater(from, 8)); // both of the pair are done
            wrong += s_model.Recommend(history, k: 1, excludeHistory: false).Any(best => history.Contains(best.Item))
                ? 1
                : 0;
        }
        Assert.IsLessThan(Starts / 10, wrong);
    }

    [TestMethod]
    public void Leaving_out_the_history_acts_on_top_and_stays_the_default()
    {
        string[] history = Ids(RepeatShop.Repeater(3, 6));
        Assert.AreEqual(history[4], s_model.Recommend(history, k: 1, excludeHistory: false)[0].Item);
        Assert.IsFalse(s_model.Recommend(history).Any(best => history.Contains(best.Item)));
        Assert.IsFalse(Rows(s_model, history)[0].RecommendedItems.Any(history.Contains));
    }

    [TestMethod]
    public void Every_road_gives_the_same_scores_and_without_repeats_they_are_the_cosines()
    {
        using SsnaTransformer without = Fit(learnRepeats: false);
        string[][] histories = [Ids(RepeatShop.Repeater(3, 6)), Ids(RepeatShop.Walker(9, 7)), []];
        string[] ids = [.. s_model.GetItemIds<string>()];
        foreach (SsnaTransformer model in new[] { s_model, without })
        {
            RingShop.Recommendations<string>[] rows = Rows(model, histories);
            var many = model.RecommendMany(histories, k: 60, excludeHistory: false);
            for (int user = 0; user < histories.Length; user++)
            {
                var one = model.Recommend(histories[user], k: 60, excludeHistory: false);
                var allowed = model.Recommend(histories[user], k: 60, allow: ids[..20], excludeHistory: false);
                for (int i = 0; i < 60; i++)
                {
                    float score = rows[user].Score[Array.IndexOf(ids, one[i].Item)];
                    Assert.AreEqual(score, one[i].Score, 1e-5f);
                    Assert.AreEqual(score, many[user].Single(item => item.Item == one[i].Item).Score, 1e-5f);
                }
                foreach (ScoredItem<string> item in allowed)
                {
                    Assert.AreEqual(rows[user].Score[Array.IndexOf(ids, item.Item)], item.Score, 1e-5f);
                }
            }
        }
        // Training is the same with repeats and without, so the cosines are too.
        float[] learned = Rows(s_model, histories)[0].Score;
        float[] cosines = Rows(without, histories)[0].Score;
        for (int item = 0; item < ids.Length; item++)
        {
            bool taken = histories[0].Contains(ids[item]);
            Assert.AreEqual(taken, Math.Abs(learned[item] - cosines[item]) > 1e-3f, ids[item]);
        }
    }

    [TestMethod]
    public void Saved_and_loaded_repeats_are_the_same_to_the_last_bit()
    {
        using var folder = new TemporaryFolder();
        s_model.Save(folder["model.zip"]);
        using SsnaTransformer loaded = SsnaTransformer.Load(s_context, folder["model.zip"]);
        string[][] histories = [Ids(RepeatShop.Repeater(3, 6)), Ids(RepeatShop.Walker(9, 7))];
        RingShop.Recommendations<string>[] expected = Rows(s_model, histories);
        RingShop.Recommendations<string>[] found = Rows(loaded, histories);
        for (int user = 0; user < histories.Length; user++)
        {
            CollectionAssert.AreEqual(expected[user].Score, found[user].Score);
        }
    }

    [TestMethod]
    [DataRow("\"UserShare\": 0", "\"UserShare\": 2", "Repeats.UserShare: expected between 0 and 1")]
    [DataRow("\"Recency\": [", "\"Recency\": [ 1,", "Repeats.Recency: expected 7 finite numbers")]
    [DataRow("\"Times\": ", "\"Times\": \"NaN\", \"_\": ", "Repeats.Times: expected a finite number")]
    public void Forged_weights_are_refused_by_name(string from, string to, string named)
    {
        using var folder = new TemporaryFolder();
        s_context.Model.Save(s_model, null, folder["model.zip"]); // without hashes of its entries
        File.WriteAllBytes(
            folder["forged.zip"],
            ZipEdit.ChangeAndSeal(
                File.ReadAllBytes(folder["model.zip"]),
                "Settings.json",
                bytes =>
                    Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(from, to, StringComparison.Ordinal))
            )
        );
        var error = Assert.ThrowsExactly<FormatException>(() => SsnaTransformer.Load(s_context, folder["forged.zip"]));
        StringAssert.Contains(error.Message, named);
    }

    [TestMethod]
    public void Catalogues_that_grow_shrink_or_are_rounded_keep_what_was_learned()
    {
        string[] history = Ids(RepeatShop.Repeater(3, 6));
        using SsnaTransformer larger = s_model.WithItems(RingShop.Items<string>(s_context, [70, 71]));
        // New items are due again as others are: their rate is the mean's.
        string[] withNew = [.. history[..4], "item70", "item71"];
        Assert.AreEqual("item70", larger.Recommend(withNew, k: 1, excludeHistory: false)[0].Item);
        using SsnaTransformer smaller = s_model.WithoutItems(Ids([.. Enumerable.Range(20, 30)]));
        Assert.AreEqual(Score(s_model, history, history[4]), Score(smaller, history, history[4]), 1e-5f);
        foreach (ItemPrecision precision in new[] { ItemPrecision.Float16, ItemPrecision.Int8 })
        {
            using SsnaTransformer rounded = s_model.WithItemPrecision(precision);
            Assert.AreEqual(Score(s_model, history, history[4]), Score(rounded, history, history[4]), 0.05f);
        }
    }

    [TestMethod]
    public void The_papers_preset_learns_none() =>
        Assert.IsFalse(SsnaTrainer.Options.Paper().LearnRepeats || !new SsnaTrainer.Options().LearnRepeats);

    [TestMethod]
    public void Evaluation_finds_repeated_targets_by_the_same_scores()
    {
        IDataView rows = s_context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, Starts)
                .Select(from => RepeatShop.Repeater(from, 7))
                .Select(sequence => new LabelledRow { Sequence = Ids(sequence[..6]), Label = Ids(sequence)[6] })
        );
        ItemRankingMetrics metrics = s_context.Recommendation().EvaluateRanking(s_model.Transform(rows), cutoffs: [1]);
        Assert.IsGreaterThan(0.9, metrics.All.Recall(1));
        Assert.AreEqual(Starts, metrics.ByTarget![1].RowCount, "all of them are due again");
    }

    // Of users who repeat, how often the item that is due comes first; of the others, how much of the best five is history.
    private static (double Due, double Never) Shares(SsnaTransformer model)
    {
        (int due, int never) = (0, 0);
        for (int from = 0; from < Starts; from++)
        {
            string[] repeater = Ids(RepeatShop.Repeater(from, 6)); // a b a b c d: c is due
            due += model.Recommend(repeater, k: 1, excludeHistory: false)[0].Item == repeater[4] ? 1 : 0;
            string[] walker = Ids(RepeatShop.Walker(from, 8));
            never += model.Recommend(walker, k: 5, excludeHistory: false).Count(best => walker.Contains(best.Item));
        }
        return (due / (double)Starts, never / (5.0 * Starts));
    }

    private static float Score(SsnaTransformer model, string[] history, string item) =>
        model.Recommend(history, k: 1, allow: [item], excludeHistory: false)[0].Score;

    private static string[] Ids(int[] items) => Array.ConvertAll(items, RingShop.Id<string>);

    private static RingShop.Recommendations<string>[] Rows(SsnaTransformer model, params string[][] histories)
    {
        IDataView users = s_context.Data.LoadFromEnumerable(
            histories.Select(history => new RingShop.UserRow<string> { Sequence = history })
        );
        return
        [
            .. s_context.Data.CreateEnumerable<RingShop.Recommendations<string>>(
                model.Transform(users),
                reuseRowObject: false
            ),
        ];
    }

    private sealed class LabelledRow
    {
        public string[] Sequence { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
