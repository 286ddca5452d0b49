using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>A training that starts from a trained model: what it takes over, what it leaves, and what it refuses.</summary>
[TestClass]
public sealed class StartFromTests
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
    [DataRow("Ssna", "Dimension: expected 32, found 16")]
    [DataRow("Ssna", "Adaptation: expected TopMlp, found Ssna")]
    [DataRow("Ssna", "Adaptation.LayerCount: expected 1, found 2")]
    [DataRow("Ssna", "Adaptation.AdapterHeads: expected 3, found 2")]
    [DataRow("Ssna", "Adaptation.Integration: expected Mean, found Gru")]
    [DataRow("Ssna", "Adaptation.FeatureScaling: expected Standardize, found Whiten")]
    [DataRow("SsnaWithIds", "Adaptation.AdapterHeads: expected 3, found 2")]
    [DataRow("Ssna", "SequenceModel.Blocks: expected 1, found 2")]
    [DataRow("Ssna", "SequenceModel.InnerSize: expected 8, found 32")]
    [DataRow("Ssna", "SequenceModel.MaximumSequenceLength: expected 5, found 8")]
    [DataRow("TopMlp", "Adaptation.LinearLayers: expected 1, found 2")]
    [DataRow("LoRA", "Adaptation.Rank: expected 2, found 4")]
    public void Another_architecture_is_refused_by_what_differs(string kind, string expected)
    {
        SsnaTrainer.Options options = Options(kind, start: s_models[kind]);
        string name = expected.Split(':')[0];
        switch (name)
        {
            case "Dimension":
                options.Dimension = 32;
                break;
            case "Adaptation":
                options.Adaptation = new ItemAdaptation.TopMlp();
                break;
            case "Adaptation.LayerCount":
                options.Ssna().LayerCount = 1;
                options.Ssna().Integration = LayerIntegration.None;
                break;
            case "Adaptation.AdapterHeads":
                ((ItemAdaptation.Adapters)options.Adaptation).AdapterHeads = 3;
                break;
            case "Adaptation.Integration":
                options.Ssna().Integration = LayerIntegration.Mean;
                break;
            case "Adaptation.FeatureScaling":
                options.Ssna().FeatureScaling = FeatureScaling.Standardize;
                break;
            case "Adaptation.LinearLayers":
                ((ItemAdaptation.TopMlp)options.Adaptation).LinearLayers = 1;
                break;
            case "Adaptation.Rank":
                ((ItemAdaptation.LoRA)options.Adaptation).Rank = 2;
                break;
            case "SequenceModel.Blocks":
                options.SASRec().Blocks = 1;
                break;
            case "SequenceModel.InnerSize":
                options.SASRec().InnerSize = 8;
                break;
            default:
                options.SASRec().MaximumSequenceLength = 5;
                break;
        }
        var error = Assert.Throws<InvalidOperationException>(() => Fit(options));
        StringAssert.Contains(error.Message, "StartFrom");
        // One layer and none to join come together; the first by name is told.
        StringAssert.Contains(
            error.Message,
            name == "Adaptation.LayerCount" ? "Adaptation.Integration: expected None, found Gru" : expected
        );
    }

    [TestMethod]
    public void Settings_of_training_may_differ()
    {
        SsnaTrainer.Options options = Options("LoRA", start: s_models["LoRA"]);
        ((ItemAdaptation.LoRA)options.Adaptation).Dropout = 0.4f;
        (options.SASRec().Dropout, options.BatchSize) = (0.1f, 16);
        using SsnaTransformer model = Fit(options);
        Assert.AreEqual(1, model.Training.EarlierTrainings);
    }

    [TestMethod]
    public void What_cannot_be_gone_on_from_is_refused_by_name()
    {
        SsnaTrainer.Options frozen = Options("Ssna");
        frozen.FrozenPart = FrozenPart.SequenceModel;
        Refuses<ArgumentOutOfRangeException>(frozen, "FrozenPart", "StartFrom");

        SsnaTrainer.Options ids = Options("ItemIds", s_otherItems, s_models["ItemIds"]);
        ids.FrozenPart = FrozenPart.ItemEncoder;
        Refuses<InvalidOperationException>(ids, "FrozenPart", "1 of 58 that are new");

        using var adapter = new TemporaryFolder();
        s_models["LoRA"].SaveAdapter(adapter.Path);
        SsnaTrainer.Options twice = Options("LoRA", start: s_models["LoRA"]);
        ((ItemAdaptation.LoRA)twice.Adaptation).InitialAdapter = adapter.Path;
        Refuses<ArgumentOutOfRangeException>(twice, "Adaptation.InitialAdapter", "StartFrom");

        using var other = new TemporaryFolder();
        TinyEncoder.Write(other.Path);
        string[] words = File.ReadAllLines(other["vocab.txt"]);
        (words[^1], words[^2]) = (words[^2], words[^1]);
        File.WriteAllLines(other["vocab.txt"], words);
        SsnaTrainer.Options tokens = Options("LoRA", start: s_models["LoRA"]);
        ((ItemAdaptation.LoRA)tokens.Adaptation).Encoder = other.Path;
        Refuses<InvalidOperationException>(tokens, "StartFrom", "tokenizer");

        SsnaTrainer.Options numbers = RingShop.Options<int>(s_context);
        numbers.StartFrom = s_models["Ssna"];
        var error = Assert.Throws<InvalidOperationException>(() =>
            s_context.Recommendation().Trainers.Ssna(numbers).Fit(RingShop.TrainingUsers<int>(s_context, 20))
        );
        StringAssert.Contains(error.Message, "StartFrom");
        StringAssert.Contains(error.Message, "Int32");

        static void Refuses<TException>(SsnaTrainer.Options options, params string[] named)
            where TException : Exception
        {
            var error = Assert.Throws<TException>(() => Fit(options));
            foreach (string name in named)
            {
                StringAssert.Contains(error.Message, name);
            }
        }
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

    private static SsnaTrainer.Options Options(string kind, string[]? items = null, SsnaTransformer? start = null)
    {
        ItemAdaptation? adaptation = TextShop.Kinds(s_encoder.Path).FirstOrDefault(each => $"{each}" == kind);
        SsnaTrainer.Options options;
        items ??= [.. Enumerable.Range(0, RingShop.ItemCount).Select(RingShop.Id<string>)];
        if (adaptation is null)
        {
            options = RingShop.Options<string>(s_context);
            options.Adaptation = kind switch
            {
                "Ssna" => options.Adaptation,
                "TopMlp" => new ItemAdaptation.TopMlp(),
                "SsnaWithIds" => new ItemAdaptation.SsnaWithIds { AdapterHeads = 2 },
                _ => new ItemAdaptation.ItemIds(),
            };
        }
        else
        {
            if (adaptation is ItemAdaptation.AdaLoRA adaptive)
            {
                adaptive.TotalSteps = 100;
            }
            options = TextShop.Options(s_context, adaptation);
        }
        options.Items = s_context.Data.LoadFromEnumerable(
            items.Select(item => new ItemRow
            {
                Item = item,
                Text = TextShop.Text(int.Parse(item[4..])),
                Layers = RingShop.Features(int.Parse(item[4..])),
            })
        );
        (options.MaximumEpochs, options.WeightAverageDecay, options.NumberOfThreads) = (1, 0, 1);
        options.StartFrom = start;
        return options;
    }

    // One step that changes nothing: what a training starts with is what it ends with.
    private static SsnaTrainer.Options Still(SsnaTrainer.Options options)
    {
        (options.LearningRate, options.MaximumSteps) = (1e-20f, 1);
        return options;
    }

    private static SsnaTrainer.Options WithPipeline()
    {
        SsnaTrainer.Options options = Options("Ssna");
        options.Items = TextShop.Items(s_context);
        options.ItemPipeline = s_context.Transforms.Text.ExtractEncoderLayers(
            "Layers",
            "Text",
            s_encoder.Path,
            layers: 2
        );
        return options;
    }

    private static IDataView Users(int count = 40) => RingShop.TrainingUsers<string>(s_context, count);

    private static SsnaTransformer Fit(SsnaTrainer.Options options, int users = 40) =>
        s_context.Recommendation().Trainers.Ssna(options).Fit(Users(users));

    private static Dictionary<string, float[]> Tensors(SsnaTransformer model)
    {
        using var folder = new TemporaryFolder();
        model.Save(folder["model.zip"]);
        using ZipArchive archive = ZipFile.OpenRead(folder["model.zip"]);
        ZipArchiveEntry entry = archive.Entries.Single(entry =>
            entry.Name.EndsWith("Tensors.safetensors", StringComparison.Ordinal)
        );
        using var bytes = new MemoryStream();
        using (Stream stream = entry.Open())
        {
            stream.CopyTo(bytes);
        }
        bytes.Position = 0;
        using SafetensorsFile file = SafetensorsFile.Read(bytes, entry.Name);
        var tensors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (string name in file.Names)
        {
            using TorchSharp.torch.Tensor tensor = file.Read(name);
            tensors[name] = tensor.data<float>().ToArray();
        }
        return tensors;
    }

    private static void AssertSame(Dictionary<string, float[]> expected, Dictionary<string, float[]> found)
    {
        CollectionAssert.AreEquivalent(expected.Keys, found.Keys);
        foreach ((string name, float[] values) in expected)
        {
            CollectionAssert.AreEqual(values, found[name], name);
        }
    }

    private static void AssertNear(float[] expected, float[] found, string what)
    {
        Assert.HasCount(expected.Length, found, what);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], found[i], 1e-6f, $"{what}, number {i}");
        }
    }

    private sealed class ItemRow
    {
        public string Item { get; set; } = "";

        public string Text { get; set; } = "";

        [Microsoft.ML.Data.VectorType(RingShop.Layers, RingShop.Width)]
        public float[] Layers { get; set; } = [];
    }
}
