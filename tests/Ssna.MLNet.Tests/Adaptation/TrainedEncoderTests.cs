using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tokenization;

namespace Ssna.MLNet.Tests;

/// <summary>The methods that train inside the text encoder, through the trainer: learned, saved, loaded, with items added.</summary>
[TestClass]
public sealed class TrainedEncoderTests
{
    private static readonly MLContext s_context = new(1);
    private static readonly Dictionary<string, SsnaTransformer> s_models = [];
    private static readonly TemporaryFolder s_encoder = new();

    [ClassInitialize]
    public static void Fit(TestContext _)
    {
        TinyEncoder.Write(s_encoder.Path);
        foreach (ItemAdaptation kind in TextShop.Kinds(s_encoder.Path))
        {
            SsnaTrainer.Options options = TextShop.Options(s_context, kind);
            int epochs = 20;
            if (kind is ItemAdaptation.AdaLoRA adaptive)
            {
                // Ranks given out before anything is learned decide by chance, and at the others' rate every second seed learns nothing.
                (adaptive.WarmUpSteps, options.LearningRate, epochs) = (120, 3e-3f, 60);
            }
            s_models[$"{kind}"] = Train(options, epochs);
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

    public static IEnumerable<object[]> Names => TextShop.Kinds("").Select(kind => new object[] { $"{kind}" });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Learns_the_rule_that_the_users_follow(string kind)
    {
        SsnaTrainingSummary training = s_models[kind].Training;
        // Ten of the sixty items by chance would be a sixth.
        Assert.IsGreaterThan(0.4, training.Epochs[training.BestEpoch - 1].ValidationRecallAt10);
        Assert.IsLessThan(training.Epochs[0].Loss, training.Epochs[^1].Loss);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_new_process_loads_it_and_scores_equally(string kind) =>
        NewProcess.AssertScoresEqually(s_context, s_models[kind]);

    [TestMethod]
    [DataRow("encoders/bert")]
    [DataRow("encoders/bert-bf16")]
    [DataRow("encoders/bert-gamma-beta")]
    [DataRow("encoders/bert-mlm-prefix")]
    [DataRow("encoders/bert-sharded-fp16")]
    [DataRow("encoders/distilbert")]
    [DataRow("encoders/distilbert-mlm-prefix")]
    [DataRow("encoders/roberta")]
    [DataRow("encoders/roberta-mlm-prefix")]
    [DataRow("mpnet/bare")]
    [DataRow("mpnet/mlm-prefix")]
    public void Every_method_trains_every_reference_checkpoint_and_a_new_process_scores_equally(string checkpoint)
    {
        using var folder = new TemporaryFolder();
        TextShop.CopyCheckpoint(checkpoint, folder.Path);
        foreach (ItemAdaptation kind in TextShop.Kinds(folder.Path))
        {
            using SsnaTransformer model = Train(TextShop.Options(s_context, kind), epochs: 2);
            Assert.IsLessThan(model.Training.Epochs[0].Loss, model.Training.Epochs[1].Loss, $"{kind}");
            NewProcess.AssertScoresEqually(s_context, model);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void New_items_are_embedded_from_their_texts_by_the_trained_encoder_also_once_loaded(string kind)
    {
        IDataView users = RingShop.TrainingUsers<string>(s_context, 10);
        using var loaded = (SsnaTransformer)EstimatorChecks.SaveAndLoad(s_context, s_models[kind], users.Schema, out _);
        IDataView added = s_context.Data.LoadFromEnumerable([
            new TextShop.TextRow { Item = "new", Text = TextShop.Text(20) },
        ]);
        foreach (SsnaTransformer model in new[] { s_models[kind], loaded })
        {
            using SsnaTransformer larger = model.WithItems(added);
            Assert.AreEqual("item20", larger.GetSimilarItems("new", 1)[0].Item);
            Assert.AreEqual(1, larger.GetSimilarItems("new", 1)[0].Score, 1e-5);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_saved_encoder_has_changed_and_can_be_trained_further(string kind) =>
        IsSavedAndTrainedFurther(s_models[kind], s_encoder.Path);

    [TestMethod]
    [DataRow("DistilBert")]
    [DataRow("MPNet")]
    public void Encoders_of_other_families_are_trained_saved_and_trained_further(string family)
    {
        using var encoder = new TemporaryFolder();
        TinyEncoder.Write(encoder.Path, familyName: family);
        foreach (ItemAdaptation kind in TextShop.Kinds(encoder.Path))
        {
            using SsnaTransformer model = Train(TextShop.Options(s_context, kind), epochs: 20);
            NewProcess.AssertScoresEqually(s_context, model);
            IsSavedAndTrainedFurther(model, encoder.Path);
        }
    }

    [TestMethod]
    [DataRow("\"PadId\": 1", "\"PadId\": 2", "'pad_token_id' of 2, other than 1")]
    [DataRow("\"Family\": \"MPNet\"", "\"Family\": \"T5\"", "family of encoders")]
    [DataRow("\"Family\": \"MPNet\"", "\"Family\": null", "Family")]
    [DataRow("\"Family\": \"MPNet\"", "\"Family\": \"Roberta\"", "0 token types")]
    [DataRow("\"TokenTypes\": 0", "\"TokenTypes\": 2147483647", "2147483647 token types")]
    [DataRow("\"HeadCount\": 2", "\"HeadCount\": 4", "encoder.distances")]
    [DataRow("\"MaximumPositions\": 26", "\"MaximumPositions\": 3", "room for two tokens")]
    public void Forged_sizes_of_an_encoder_are_refused(string from, string to, string named)
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["encoder"], familyName: "MPNet");
        var lora = new ItemAdaptation.LoRA { Encoder = folder["encoder"] };
        using SsnaTransformer model = Train(TextShop.Options(s_context, lora), epochs: 1);
        using var saved = new MemoryStream();
        s_context.Model.Save(model, null, saved);
        byte[] forged = ZipEdit.ChangeAndSeal(
            saved.ToArray(),
            "Settings.json",
            bytes =>
            {
                string json = Encoding.UTF8.GetString(bytes);
                StringAssert.Contains(json, from);
                return Encoding.UTF8.GetBytes(json.Replace(from, to));
            }
        );
        File.WriteAllBytes(folder["forged.zip"], forged);
        string message = Assert
            .ThrowsExactly<FormatException>(() => SsnaTransformer.Load(s_context, folder["forged.zip"]))
            .Message;
        StringAssert.Contains(message, named);
    }

    private static void IsSavedAndTrainedFurther(SsnaTransformer trained, string encoder)
    {
        using var folder = new TemporaryFolder();
        trained.SaveEncoder(folder.Path);
        float[][] before = TopLayer(encoder);
        float[][] after = TopLayer(folder.Path);
        Assert.IsGreaterThan(0.01f, after.Zip(before).Max(pair => Distance(pair.First, pair.Second)));

        ItemAdaptation again = new ItemAdaptation.LoRA { Encoder = folder.Path };
        using SsnaTransformer model = Train(TextShop.Options(s_context, again), epochs: 1);
        Assert.IsGreaterThan(0, model.ItemCount);

        float[][] TopLayer(string encoder)
        {
            using EncoderLayersTransformer extract = s_context
                .Transforms.Text.ExtractEncoderLayers("Layers", "Text", encoder, layers: 1)
                .Fit(TextShop.Items(s_context));
            return [.. extract.Transform(TextShop.Items(s_context)).GetColumn<float[]>("Layers")];
        }

        static float Distance(float[] one, float[] other) =>
            one.Zip(other).Max(pair => Math.Abs(pair.First - pair.Second));
    }

    [TestMethod]
    public void A_saved_encoder_has_its_own_tokenizer_in_a_folder_that_another_encoder_used()
    {
        using var folder = new TemporaryFolder();
        SsnaTransformer model = s_models[nameof(ItemAdaptation.LoRA)];
        string[] others = ["vocab.json", "merges.txt", "tokenizer_config.json"];
        foreach (string name in others)
        {
            File.WriteAllText(folder[name], "{}");
        }
        File.WriteAllText(folder["vocab.txt"], "another vocabulary");
        File.WriteAllText(folder["README.md"], "not the tokenizer's");
        model.SaveEncoder(folder.Path);
        CollectionAssert.AreEqual(File.ReadAllBytes(s_encoder["vocab.txt"]), File.ReadAllBytes(folder["vocab.txt"]));
        Assert.IsEmpty(others.Where(name => File.Exists(folder[name])));
        Assert.IsTrue(File.Exists(folder["README.md"]));
    }

    [TestMethod]
    public void A_saved_encoder_has_a_tokenizer_json_which_gives_the_same_ids_and_is_trained_on_further()
    {
        using var folder = new TemporaryFolder();
        SsnaTransformer model = s_models[nameof(ItemAdaptation.LoRA)];
        model.SaveEncoder(folder.Path);
        EncoderTokenizer before = EncoderTokenizer.Load(s_encoder.Path);
        EncoderTokenizer beside = EncoderTokenizer.Load(folder.Path);
        using var alone = new TemporaryFolder();
        File.Copy(folder["tokenizer.json"], alone["tokenizer.json"]);
        EncoderTokenizer single = EncoderTokenizer.Load(alone.Path);
        foreach (string text in TextShop.Items(s_context).GetColumn<string>("Text"))
        {
            int[] ids = before.Encode(text, 100, out _);
            CollectionAssert.AreEqual(ids, beside.Encode(text, 100, out _), text);
            CollectionAssert.AreEqual(ids, single.Encode(text, 100, out _), text);
        }

        SsnaTrainer.Options options = TextShop.Options(
            s_context,
            TextShop.Kinds(folder.Path).OfType<ItemAdaptation.LoRA>().Single()
        );
        options.StartFrom = model;
        using SsnaTransformer further = Train(options, epochs: 1);
        Assert.AreEqual(1, further.Training.EarlierTrainings);
    }

    [TestMethod]
    public void A_saved_encoder_keeps_a_tokenizer_that_is_a_single_file()
    {
        using var encoder = new TemporaryFolder();
        TinyEncoder.Write(encoder.Path);
        string[] words = File.ReadAllLines(encoder["vocab.txt"]);
        string vocabulary = string.Join(", ", words.Index().Select(word => $"\"{word.Item}\": {word.Index}"));
        File.WriteAllText(
            encoder["tokenizer.json"],
            $$"""
            {"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": { {{vocabulary}} } },
             "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3]} }
            """
        );
        File.Delete(encoder["vocab.txt"]);
        using SsnaTransformer model = Train(
            TextShop.Options(s_context, new ItemAdaptation.LoRA { Encoder = encoder.Path }),
            epochs: 1
        );
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["vocab.txt"], "another vocabulary");
        model.SaveEncoder(folder.Path);
        CollectionAssert.AreEqual(
            File.ReadAllBytes(encoder["tokenizer.json"]),
            File.ReadAllBytes(folder["tokenizer.json"])
        );
        Assert.IsFalse(File.Exists(folder["vocab.txt"]));
        using SsnaTransformer again = Train(
            TextShop.Options(s_context, new ItemAdaptation.LoRA { Encoder = folder.Path }),
            epochs: 1
        );
        Assert.IsGreaterThan(0, again.ItemCount);
        NewProcess.AssertScoresEqually(s_context, again);
    }

    [TestMethod]
    public void Adapters_are_saved_and_training_goes_on_from_them()
    {
        foreach (string kind in new[] { nameof(ItemAdaptation.LoRA), nameof(ItemAdaptation.AdaLoRA) })
        {
            using var folder = new TemporaryFolder();
            s_models[kind].SaveAdapter(folder.Path);
            var further = (ItemAdaptation.LowRank)TextShop.Kinds(s_encoder.Path).Single(each => $"{each}" == kind);
            further.InitialAdapter = folder.Path;
            if (further is ItemAdaptation.AdaLoRA adaptive)
            {
                adaptive.TargetRank = adaptive.InitialRank; // else it gives its ranks out anew
            }
            SsnaTrainer.Options options = TextShop.Options(s_context, further);
            options.LearningRate = 1e-9f; // what it starts from is what it ends with
            using var encoder = new TemporaryFolder();
            using var expected = new TemporaryFolder();
            using (SsnaTransformer model = Train(options, epochs: 1))
            {
                model.SaveEncoder(encoder.Path);
            }
            s_models[kind].SaveEncoder(expected.Path);
            CollectionAssert.AreEqual(
                File.ReadAllBytes(expected["config.json"]),
                File.ReadAllBytes(encoder["config.json"]),
                kind
            );
            AssertClose(expected["model.safetensors"], encoder["model.safetensors"]);
        }

        static void AssertClose(string expected, string found)
        {
            using var one = Checkpoints.SafetensorsFile.Open(expected);
            using var other = Checkpoints.SafetensorsFile.Open(found);
            foreach (string name in one.Names)
            {
                using TorchSharp.torch.Tensor difference = one.ReadRaw(name) - other.ReadRaw(name);
                Assert.IsLessThan(1e-6f, TorchSharp.torch.abs(difference).max().item<float>(), name);
            }
        }
    }

    [TestMethod]
    public void Models_without_an_adapter_or_an_encoder_say_so()
    {
        using var folder = new TemporaryFolder();
        SsnaTransformer full = s_models[nameof(ItemAdaptation.FullFineTuning)];
        StringAssert.Contains(
            Assert.Throws<InvalidOperationException>(() => full.SaveAdapter(folder.Path)).Message,
            "LoRA"
        );
        using SsnaTransformer features = RingShop.Fit<string>(s_context);
        Assert.Throws<InvalidOperationException>(() => features.SaveAdapter(folder.Path));
        StringAssert.Contains(
            Assert.Throws<InvalidOperationException>(() => features.SaveEncoder(folder.Path)).Message,
            "FullFineTuning"
        );
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_scores_with_and_without_checkpoints()
    {
        var lora = new ItemAdaptation.LoRA { Encoder = s_encoder.Path, Dropout = 0 };
        var checkpointed = new ItemAdaptation.LoRA
        {
            Encoder = s_encoder.Path,
            Dropout = 0,
            ActivationCheckpointing = true,
        };
        using SsnaTransformer one = Train(TextShop.Options(s_context, lora), epochs: 1);
        using SsnaTransformer same = Train(TextShop.Options(s_context, lora), epochs: 1);
        using SsnaTransformer other = Train(TextShop.Options(s_context, checkpointed), epochs: 1);
        float[] expected = Scores(one)[0];
        CollectionAssert.AreEqual(expected, Scores(same)[0]);
        foreach ((float mine, float theirs) in expected.Zip(Scores(other)[0]))
        {
            Assert.AreEqual(mine, theirs, 1e-3f);
        }
    }

    [TestMethod]
    public void Every_method_goes_on_from_checkpoints_as_if_it_had_not_been_broken_off()
    {
        foreach (ItemAdaptation kind in TextShop.Kinds(s_encoder.Path))
        {
            using SsnaTransformer whole = Train(TextShop.Options(s_context, kind), epochs: 3);
            using var folder = new TemporaryFolder();
            foreach (int epoch in new[] { 1, 2 })
            {
                using var source = new CancellationTokenSource();
                SsnaTrainer.Options broken = TextShop.Options(s_context, kind);
                broken.CheckpointFolder = folder.Path;
                broken.CancellationToken = source.Token;
                broken.Progress = new Calling<SsnaTrainingProgress>(progress =>
                {
                    Assert.AreEqual(epoch, progress.Epoch, "it goes on");
                    source.Cancel();
                });
                Assert.ThrowsExactly<OperationCanceledException>(() => Train(broken, epochs: 3));
            }
            SsnaTrainer.Options last = TextShop.Options(s_context, kind);
            last.CheckpointFolder = folder.Path;
            using SsnaTransformer ended = Train(last, epochs: 3);
            CollectionAssert.AreEqual(Scores(whole)[0], Scores(ended)[0], $"{kind}");
            Assert.HasCount(3, ended.Training.Epochs, $"{kind}");
        }
    }

    [TestMethod]
    public void An_item_pipeline_that_joins_columns_into_the_text_works_for_what_trains_the_encoder_too()
    {
        SsnaTrainer.Options options = TextShop.Options(
            s_context,
            new ItemAdaptation.LoRA { Encoder = s_encoder.Path, TextColumnName = "Described" }
        );
        options.Items = s_context.Data.LoadFromEnumerable(
            Enumerable.Range(0, RingShop.ItemCount).Select(item => Described(RingShop.Id<string>(item), item))
        );
        options.ItemPipeline = s_context.Transforms.Concatenate("Described", nameof(Pair.Title), nameof(Pair.Brand));
        using SsnaTransformer model = Train(options, epochs: 1);
        IDataView users = RingShop.TrainingUsers<string>(s_context, 10);
        using var loaded = (SsnaTransformer)EstimatorChecks.SaveAndLoad(s_context, model, users.Schema, out _);
        CollectionAssert.AreEqual(Scores(model)[0], Scores(loaded)[0]);
        using SsnaTransformer larger = loaded.WithItems(s_context.Data.LoadFromEnumerable([Described("new", 7)]));
        Assert.AreEqual(1, larger.GetSimilarItems("new", 1)[0].Score, 1e-4, "the same words as item 7");

        static Pair Described(string id, int item)
        {
            string[] words = TextShop.Text(item).Split(' ', 2);
            return new()
            {
                Item = id,
                Title = words[0],
                Brand = words[^1],
            };
        }
    }

    private sealed class Pair
    {
        public string Item { get; set; } = "";

        public string Title { get; set; } = "";

        public string Brand { get; set; } = "";
    }

    [TestMethod]
    public void Trains_in_bfloat16()
    {
        foreach (ItemAdaptation kind in TextShop.Kinds(s_encoder.Path))
        {
            SsnaTrainer.Options options = TextShop.Options(s_context, kind);
            options.Precision = ComputePrecision.BFloat16;
            using SsnaTransformer model = Train(options, epochs: 2);
            Assert.IsLessThan(model.Training.Epochs[0].Loss, model.Training.Epochs[1].Loss, $"{kind}");
            IDataView users = RingShop.TrainingUsers<string>(s_context, 10);
            using var loaded = (SsnaTransformer)EstimatorChecks.SaveAndLoad(s_context, model, users.Schema, out _);
            CollectionAssert.AreEqual(Scores(model)[0], Scores(loaded)[0]);
        }
    }

    [TestMethod]
    public void The_papers_preset_has_small_batches_accumulated()
    {
        SsnaTrainer.Options options = SsnaTrainer.Options.Paper(new ItemAdaptation.LoRA());
        Assert.AreEqual((32, 8), (options.BatchSize, options.AccumulatedBatches));
        options = SsnaTrainer.Options.Paper(new ItemAdaptation.TopMlp());
        Assert.AreEqual((256, 1), (options.BatchSize, options.AccumulatedBatches));
    }

    [TestMethod]
    public void What_is_trained_is_counted()
    {
        // Encoder D wide with feed-forward of 32 and n layers; embeddings d wide.
        const long width = TinyEncoder.Width;
        const long d = 16;
        const long head = (width * d) + d;
        long layer = (4 * ((width * width) + width)) + (2 * width * 32) + 32 + width + (4 * width);
        long full = Count(nameof(ItemAdaptation.FullFineTuning));
        long lora = Count(nameof(ItemAdaptation.LoRA));
        long adaptive = Count(nameof(ItemAdaptation.AdaLoRA));
        // Rank 4 beside four maps from D to D and two between D and 32.
        long matrices = TinyEncoder.Layers * 4 * ((4 * 2 * width) + (2 * (width + 32)));
        using SsnaTransformer ids = Train(TextShop.Options(s_context, new ItemAdaptation.ItemIds()), epochs: 1);
        long sequence = ids.Training.TrainableParameters - (RingShop.ItemCount * d);
        Assert.AreEqual(sequence + head + (2 * layer), full);
        Assert.AreEqual(sequence + head + matrices, lora);
        Assert.AreEqual(sequence + head + matrices + (TinyEncoder.Layers * 6 * 4), adaptive);

        static long Count(string kind) => s_models[kind].Training.TrainableParameters;
    }

    private static SsnaTransformer Train(SsnaTrainer.Options options, int epochs)
    {
        options.MaximumEpochs = epochs;
        return s_context.Recommendation().Trainers.Ssna(options).Fit(RingShop.TrainingUsers<string>(s_context));
    }

    private static float[][] Scores(SsnaTransformer model) =>
        [.. model.Transform(RingShop.TrainingUsers<string>(s_context, 10)).GetColumn<float[]>("Score")];
}
