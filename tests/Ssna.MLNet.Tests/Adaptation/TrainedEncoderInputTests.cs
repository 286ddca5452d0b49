using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>Settings and items that a method which trains the encoder cannot do with are refused by name, before any work.</summary>
[TestClass]
public sealed class TrainedEncoderInputTests
{
    private static readonly MLContext s_context = new(1);
    private static readonly TemporaryFolder s_encoder = new();

    [ClassInitialize]
    public static void Write(TestContext _) => TinyEncoder.Write(s_encoder.Path);

    [ClassCleanup]
    public static void Free() => s_encoder.Dispose();

    [TestMethod]
    public void Settings_that_are_out_of_range_are_named()
    {
        LoRA(lora => lora.Encoder = "", "Adaptation.Encoder", "folder");
        LoRA(lora => lora.Encoder = Path.Combine(s_encoder.Path, "none"), "Adaptation.Encoder", "none");
        LoRA(lora => lora.TextColumnName = "", "Adaptation.TextColumnName");
        LoRA(lora => lora.MaximumTokens = 1, "Adaptation.MaximumTokens", "from 2 to 24");
        LoRA(lora => lora.MaximumTokens = 25, "Adaptation.MaximumTokens", "25");
        LoRA(lora => lora.Rank = 0, "Adaptation.Rank", "at least 1", "0");
        LoRA(lora => lora.Alpha = 0, "Adaptation.Alpha");
        LoRA(lora => lora.Dropout = 1, "Adaptation.Dropout");
        LoRA(lora => lora.TargetProjections = EncoderProjections.None, "Adaptation.TargetProjections");
        LoRA(lora => lora.TargetProjections = (EncoderProjections)64, "Adaptation.TargetProjections", "64");
        LoRA(lora => lora.InitialAdapter = "nowhere", "Adaptation.InitialAdapter", "nowhere");

        LoRA(lora => lora.Rank = int.MaxValue, "Adaptation.Rank", "2147483647");
        AdaLoRA(adaptive => adaptive.InitialRank = int.MaxValue, "Adaptation.InitialRank", "2147483647");

        AdaLoRA(adaptive => adaptive.InitialRank = 0, "Adaptation.InitialRank");
        AdaLoRA(adaptive => adaptive.TargetRank = 13, "Adaptation.TargetRank", "InitialRank, which is 12", "13");
        AdaLoRA(adaptive => adaptive.TargetRank = 0, "Adaptation.TargetRank");
        AdaLoRA(adaptive => adaptive.WarmUpSteps = -1, "Adaptation.WarmUpSteps");
        AdaLoRA(adaptive => adaptive.Interval = 0, "Adaptation.Interval");
        AdaLoRA(adaptive => adaptive.Beta2 = 1, "Adaptation.Beta2");
        AdaLoRA(adaptive => adaptive.OrthogonalityWeight = -1, "Adaptation.OrthogonalityWeight");
        AdaLoRA(
            adaptive => (adaptive.WarmUpSteps, adaptive.FinalSteps, adaptive.TotalSteps) = (5, 5, 10),
            "Adaptation.WarmUpSteps and FinalSteps",
            "less than the 10 steps"
        );

        Full(full => full.TopLayers = 4, "Adaptation.TopLayers", "to 3", "4");
        Full(full => full.TopLayers = -1, "Adaptation.TopLayers");

        static void LoRA(Action<ItemAdaptation.LoRA> change, params string[] words) => Refused(change, words);
        static void AdaLoRA(Action<ItemAdaptation.AdaLoRA> change, params string[] words) => Refused(change, words);
        static void Full(Action<ItemAdaptation.FullFineTuning> change, params string[] words) => Refused(change, words);
        static void Refused<TKind>(Action<TKind> change, string[] words)
            where TKind : ItemAdaptation.TrainedEncoder, new()
        {
            var kind = new TKind { Encoder = s_encoder.Path };
            change(kind);
            Names(kind, _ => { }, words);
        }
    }

    [TestMethod]
    public void Options_of_other_methods_and_losses_are_refused()
    {
        ItemAdaptation lora = new ItemAdaptation.LoRA { Encoder = s_encoder.Path };
        Names(lora, o => o.ItemPipeline = s_context.Transforms.CopyColumns("Layers", "Text"), "ItemPipeline", "LoRA");
        Names(lora, o => o.FeaturesColumnName = "Features", "FeaturesColumnName", "LoRA");
        Names(lora, o => o.Loss = new TrainingLoss.FullCatalogue(), "Loss", "InBatch", "LoRA");
        Names(lora, o => o.Loss = new TrainingLoss.Auto(), "Loss", "InBatch");
        ItemAdaptation adaptive = new ItemAdaptation.AdaLoRA { Encoder = s_encoder.Path };
        Names(adaptive, o => o.WeightAverageDecay = 0.9f, "WeightAverageDecay", "AdaLoRA");
    }

    [TestMethod]
    public void An_encoder_of_an_unknown_type_is_refused_by_file_and_field()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        string json = File.ReadAllText(folder["config.json"]);
        File.WriteAllText(folder["config.json"], json.Replace("\"bert\"", "\"gpt2\""));
        var error = Assert.Throws<InvalidDataException>(() => Trainer(folder.Path));
        StringAssert.Contains(error.Message, "model_type");
        StringAssert.Contains(error.Message, "gpt2");
        StringAssert.Contains(error.Message, "config.json");
        File.Delete(folder["config.json"]);
        Assert.Throws<FileNotFoundException>(() => Trainer(folder.Path));
    }

    [TestMethod]
    public void A_tokenizer_larger_than_the_vocabulary_is_refused()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        File.AppendAllText(folder["vocab.txt"], "onemore\n");
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Trainer(folder.Path));
        StringAssert.Contains(error.Message, "Adaptation.Encoder");
        StringAssert.Contains(error.Message, "17");
        StringAssert.Contains(error.Message, "'onemore'");
    }

    [TestMethod]
    public void Embeddings_without_a_token_are_a_line_in_the_log()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        string[] words = File.ReadAllLines(folder["vocab.txt"]);
        File.WriteAllLines(folder["vocab.txt"], words[..^2]);
        var context = new MLContext(1);
        var lines = new List<string>();
        context.Log += (_, entry) => lines.Add(entry.RawMessage);
        SsnaTrainer.Options options = TextShop.Options(context, new ItemAdaptation.LoRA { Encoder = folder.Path });
        options.MaximumEpochs = 1;
        context.Recommendation().Trainers.Ssna(options).Fit(RingShop.TrainingUsers<string>(context, 10)).Dispose();
        Assert.ContainsSingle(lines.Where(line => line.Contains("2 have no token")));
    }

    [TestMethod]
    public void Items_without_a_text_are_refused_by_column()
    {
        ItemAdaptation lora = new ItemAdaptation.LoRA { Encoder = s_encoder.Path, TextColumnName = "Title" };
        SsnaTrainer trainer = s_context.Recommendation().Trainers.Ssna(TextShop.Options(s_context, lora));
        IDataView users = RingShop.TrainingUsers<string>(s_context, 10);
        var missing = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(users));
        StringAssert.Contains(missing.Message, "Title");

        SsnaTrainer.Options options = TextShop.Options(
            s_context,
            new ItemAdaptation.LoRA { Encoder = s_encoder.Path, TextColumnName = "Layers" }
        );
        options.Items = RingShop.Items<string>(s_context);
        var wrong = Assert.Throws<ArgumentOutOfRangeException>(() =>
            s_context.Recommendation().Trainers.Ssna(options).Fit(users)
        );
        StringAssert.Contains(wrong.Message, "Layers");
        StringAssert.Contains(wrong.Message, "text");
    }

    [TestMethod]
    public void Training_stops_within_a_batch_when_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        SsnaTrainer.Options options = TextShop.Options(s_context, new ItemAdaptation.LoRA { Encoder = s_encoder.Path });
        options.MaximumEpochs = 1000;
        options.Patience = 1000;
        options.CancellationToken = cancellation.Token;
        options.Progress = new Canceller(cancellation);
        Assert.Throws<OperationCanceledException>(() =>
            s_context.Recommendation().Trainers.Ssna(options).Fit(RingShop.TrainingUsers<string>(s_context, 20))
        );
    }

    private static SsnaTrainer Trainer(string encoder) =>
        s_context
            .Recommendation()
            .Trainers.Ssna(TextShop.Options(s_context, new ItemAdaptation.LoRA { Encoder = encoder }));

    private static void Names(ItemAdaptation kind, Action<SsnaTrainer.Options> change, params string[] words)
    {
        SsnaTrainer.Options options = TextShop.Options(s_context, kind);
        change(options);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => s_context.Recommendation().Trainers.Ssna(options));
        foreach (string word in words)
        {
            StringAssert.Contains(error.Message, word);
        }
    }

    private sealed class Canceller(CancellationTokenSource cancellation) : IProgress<SsnaTrainingProgress>
    {
        public void Report(SsnaTrainingProgress value) => cancellation.Cancel();
    }
}
