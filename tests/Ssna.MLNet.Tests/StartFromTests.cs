using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>A training that starts from a trained model: what it takes over, what it leaves, and what it refuses.</summary>
[TestClass]
public sealed partial class StartFromTests
{
    private const string New = "item99";

    private static readonly MLContext s_context = new(1);
    private static readonly TemporaryFolder s_encoder = new();
    private static readonly Dictionary<string, SsnaTransformer> s_models = [];

    // Neither the first items nor in the order of the starting model, and one that it does not know.
    private static readonly string[] s_otherItems =
    [
        .. Enumerable.Range(3, RingShop.ItemCount - 3).Reverse().Select(RingShop.Id<string>),
        New,
    ];

    [ClassInitialize]
    public static void Fit(TestContext _)
    {
        TinyEncoder.Write(s_encoder.Path);
        foreach (string kind in Kinds().Select(row => (string)row[0]))
        {
            s_models[kind] = Fit(Options(kind));
        }
    }

    [ClassCleanup]
    public static void Free()
    {
        foreach (SsnaTransformer model in s_models.Values)
        {
            model.Dispose();
        }
        s_encoder.Dispose();
    }

    public static IEnumerable<object[]> Kinds() =>
        ((string[])["Ssna", "TopMlp", "SsnaWithIds", "ItemIds", "LoRA", "AdaLoRA", "FullFineTuning"]).Select(kind =>
            new object[] { kind }
        );

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Weights_and_scaling_are_the_starting_models_and_those_of_items_go_by_their_ids(string kind)
    {
        SsnaTransformer start = s_models[kind];
        using SsnaTransformer model = Fit(Still(Options(kind, s_otherItems, start)));
        Dictionary<string, float[]> before = Tensors(start);
        Dictionary<string, float[]> after = Tensors(model);
        CollectionAssert.AreEquivalent(before.Keys, after.Keys);
        string[] compared = [.. before.Keys.Where(name => !name.StartsWith("items.", StringComparison.Ordinal))];
        Assert.IsGreaterThan(10, compared.Length);
        foreach (string name in compared)
        {
            AssertNear(before[name], after[name], name);
        }
        if (before.TryGetValue("items.table", out float[]? table))
        {
            int width = model.Dimension;
            IReadOnlyList<string> known = start.GetItemIds<string>();
            for (int i = 0; i < s_otherItems.Length - 1; i++)
            {
                int there = known.ToList().IndexOf(s_otherItems[i]);
                AssertNear(
                    table[(there * width)..((there + 1) * width)],
                    after["items.table"][(i * width)..((i + 1) * width)],
                    s_otherItems[i]
                );
            }
            float[] added = after["items.table"][^width..];
            Assert.AreEqual(
                kind == "ItemIds",
                added.Any(value => MathF.Abs(value) > 1e-6f),
                "drawn, or the text alone"
            );
        }
        CollectionAssert.AreEqual(s_otherItems, model.GetItemIds<string>().ToArray());
        Assert.HasCount(3, model.GetSimilarItems(New, 3));
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void What_is_frozen_stays_to_the_bit_and_what_is_trained_moves(string kind)
    {
        SsnaTransformer start = s_models[kind];
        Dictionary<string, float[]> before = Tensors(start);
        long all = start.Training.TrainableParameters;
        long trained = 0;
        foreach (FrozenPart frozen in new[] { FrozenPart.ItemEncoder, FrozenPart.SequenceModel })
        {
            SsnaTrainer.Options options = Options(kind, start: start);
            options.FrozenPart = frozen;
            using SsnaTransformer model = Fit(options);
            Dictionary<string, float[]> after = Tensors(model);
            Assert.AreEqual(frozen != FrozenPart.ItemEncoder, Moved("sequence."), "the other part alone");
            Assert.AreEqual(
                frozen == FrozenPart.ItemEncoder,
                Moved("adapters.", "integration.", "mlp.", "items.table", "encoder.", "head.", "scaler."),
                "the other part alone"
            );
            if (frozen == FrozenPart.ItemEncoder)
            {
                AssertNear(before["items.directions"], after["items.directions"], "the catalogue's embeddings");
            }
            trained += model.Training.TrainableParameters;

            // Whether nothing of those names has changed.
            bool Moved(params string[] prefixes) =>
                before
                    .Where(tensor => prefixes.Any(prefix => tensor.Key.StartsWith(prefix, StringComparison.Ordinal)))
                    .All(tensor => tensor.Value.AsSpan().SequenceEqual(after[tensor.Key]));
        }
        Assert.AreEqual(all, trained, "each weight is of one part");
    }

    [TestMethod]
    public void A_loaded_model_starts_the_training_that_the_model_itself_starts()
    {
        using var folder = new TemporaryFolder();
        SsnaTransformer start = s_models["SsnaWithIds"];
        start.Save(folder["start.zip"]);
        using SsnaTransformer loaded = SsnaTransformer.Load(s_context, folder["start.zip"]);
        using SsnaTransformer fromMemory = Fit(Options("SsnaWithIds", s_otherItems, start));
        using SsnaTransformer fromZip = Fit(Options("SsnaWithIds", s_otherItems, loaded));
        AssertSame(Tensors(fromMemory), Tensors(fromZip));
    }

    [TestMethod]
    public void The_starting_model_is_not_changed_and_may_be_disposed_of_when_the_training_has_ended()
    {
        SsnaTransformer start = Fit(Options("Ssna"));
        Dictionary<string, float[]> before = Tensors(start);
        string[] recommended = [.. start.Recommend(["item05"], 5).Select(item => item.Item)];
        using SsnaTransformer model = Fit(Options("Ssna", s_otherItems, start));
        AssertSame(before, Tensors(start));
        CollectionAssert.AreEqual(recommended, start.Recommend(["item05"], 5).Select(item => item.Item).ToArray());
        start.Dispose();
        Assert.HasCount(5, model.Recommend(["item05"], 5));
        Assert.AreNotEqual(0, Tensors(model).Count);
        Assert.Throws<ObjectDisposedException>(() => Fit(Options("Ssna", start: start)));
    }

    [TestMethod]
    public void It_goes_on_from_what_was_learned_and_with_a_lower_rate()
    {
        SsnaTrainer.Options longer = RingShop.Options<string>(s_context);
        using SsnaTransformer start = Fit(longer, users: 200);
        SsnaTrainer.Options once = RingShop.Options<string>(s_context);
        (once.MaximumEpochs, once.LearningRate) = (1, null);
        using SsnaTransformer anew = Fit(once, users: 200);
        once.StartFrom = start;
        using SsnaTransformer model = Fit(once, users: 200);
        Assert.IsLessThan(anew.Training.Epochs[0].Loss / 1.5, model.Training.Epochs[0].Loss);
        once.LearningRate = 3e-4f;
        using SsnaTransformer same = Fit(once, users: 200);
        AssertSame(Tensors(model), Tensors(same));
    }

    [TestMethod]
    public void Fit_with_a_previous_model_is_the_same_and_trainings_are_counted()
    {
        SsnaTransformer start = s_models["Ssna"];
        using SsnaTransformer byOption = Fit(Options("Ssna", start: start));
        SsnaTrainer trainer = s_context.Recommendation().Trainers.Ssna(Options("Ssna"));
        using SsnaTransformer second = trainer.Fit(Users(), start);
        AssertSame(Tensors(byOption), Tensors(second));
        using SsnaTransformer third = trainer.Fit(Users(), second);
        using var folder = new TemporaryFolder();
        third.Save(folder["third.zip"]);
        using SsnaTransformer loaded = SsnaTransformer.Load(s_context, folder["third.zip"]);
        CollectionAssert.AreEqual(
            new[] { 0, 1, 2, 2 },
            new[] { start, second, third, loaded }.Select(model => model.Training.EarlierTrainings).ToArray()
        );
    }

    [TestMethod]
    public void Popularity_is_that_of_the_new_sequences()
    {
        IDataView users = RingShop.Users<string>(s_context, [.. Enumerable.Repeat(new[] { 41, 40, 41, 41 }, 5)]);
        using SsnaTransformer model = s_context
            .Recommendation()
            .Trainers.Ssna(Options("Ssna", start: s_models["Ssna"]))
            .Fit(users);
        IReadOnlyList<ScoredItem<string>> popular = model.Recommend(Array.Empty<string>(), 2);
        Assert.AreEqual(new ScoredItem<string>("item41", 0.75f), popular[0]);
        Assert.AreEqual(new ScoredItem<string>("item40", 0.25f), popular[1]);
    }

    [TestMethod]
    public void Embeddings_of_items_are_found_by_id_where_the_catalogue_was_changed_since_also_once_loaded()
    {
        SsnaTransformer trained = s_models["SsnaWithIds"];
        using SsnaTransformer fewer = trained.WithoutItems(["item04", "item20"]);
        using SsnaTransformer changed = fewer.WithItems(RingShop.Items<string>(s_context, [4, 70]));
        using var folder = new TemporaryFolder();
        changed.Save(folder["changed.zip"]);
        using SsnaTransformer loaded = SsnaTransformer.Load(s_context, folder["changed.zip"]);
        int width = trained.Dimension;
        float[] table = Tensors(trained)["items.table"];
        foreach (SsnaTransformer start in new[] { changed, loaded })
        {
            string[] items = ["item70", "item04", "item21", "item20", "item03", "item22", "item23", "item24"];
            using SsnaTransformer model = Fit(Still(Options("SsnaWithIds", items, start)));
            float[] rows = Tensors(model)["items.table"];
            float[] none = new float[width];
            // What was taken away has gone, also for what came back.
            AssertNear(
                [.. none, .. none, .. Row(21), .. none, .. Row(3), .. Row(22), .. Row(23), .. Row(24)],
                rows,
                "rows"
            );
        }
        float[] Row(int item) => table[(item * width)..((item + 1) * width)];
    }

    [TestMethod]
    public void A_model_of_ids_that_lost_items_is_saved_loaded_and_gone_on_from()
    {
        using SsnaTransformer fewer = s_models["ItemIds"].WithoutItems(["item01", "item05"]);
        using var folder = new TemporaryFolder();
        fewer.Save(folder["fewer.zip"]);
        using SsnaTransformer loaded = SsnaTransformer.Load(s_context, folder["fewer.zip"]);
        string[] left = [.. loaded.GetItemIds<string>()];
        using SsnaTransformer model = Fit(Still(Options("ItemIds", left, loaded)));
        AssertNear(Tensors(fewer)["items.directions"], Tensors(model)["items.directions"], "directions");
    }

    [TestMethod]
    public void The_starting_models_own_pipeline_describes_the_items_where_none_is_given()
    {
        SsnaTrainer.Options options = WithPipeline();
        SsnaTransformer start = Fit(options);
        options = WithPipeline();
        (options.ItemPipeline, options.StartFrom) = (null, start);
        using SsnaTransformer model = Fit(Still(options));
        AssertNear(Tensors(start)["items.directions"], Tensors(model)["items.directions"], "directions");
        start.Dispose();
        using SsnaTransformer larger = model.WithItems(
            s_context.Data.LoadFromEnumerable([new TextShop.TextRow { Item = New, Text = "red pan" }])
        );
        Assert.HasCount(3, larger.GetSimilarItems(New, 3));

        options.StartFrom = s_models["Ssna"]; // which has no pipeline
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(options));
        StringAssert.Contains(error.Message, "ItemPipeline");
    }

    [TestMethod]
    public void A_search_starts_every_trial_from_the_model_and_its_folder_knows_it()
    {
        using var folder = new TemporaryFolder();
        var search = new SsnaGridSearch.Options
        {
            Trainer = WithPipeline(),
            Axes = [SsnaSearchAxis.Of("LearningRate", [1e-3f, 1e-4f], (o, rate) => o.LearningRate = rate)],
            Folder = folder.Path,
        };
        using SsnaTransformer start = Fit(WithPipeline());
        (search.Trainer.StartFrom, search.Trainer.ItemPipeline) = (start, null);
        using (SsnaSearchResult found = s_context.Recommendation().Trainers.SsnaGridSearch(search).Fit(Users()))
        {
            Assert.HasCount(2, found.Trials);
            Assert.AreEqual(1, found.BestModel.Training.EarlierTrainings);
            SsnaTrainer.Options best = search.Trainer.Clone();
            best.LearningRate = found.Best.Point["LearningRate"] == "0.001" ? 1e-3f : 1e-4f;
            using SsnaTransformer alone = Fit(best);
            AssertSame(Tensors(alone), Tensors(found.BestModel));
        }
        using SsnaTransformer other = Fit(search.Trainer);
        search.Trainer.StartFrom = other;
        var error = Assert.Throws<InvalidOperationException>(() =>
            s_context.Recommendation().Trainers.SsnaGridSearch(search).Fit(Users())
        );
        StringAssert.Contains(error.Message, "StartFrom is");
    }
}
