using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>The ring shop with texts instead of features, and encoders that can read them.</summary>
internal static class TextShop
{
    // An encoder of random weights has no attention worth adapting alone.
    private const EncoderProjections All =
        EncoderProjections.Query
        | EncoderProjections.Key
        | EncoderProjections.Value
        | EncoderProjections.AttentionOutput
        | EncoderProjections.FeedForwardInner
        | EncoderProjections.FeedForwardOutput;

    /// <summary>Each item has a text of its own, of two to four of the tiny encoder's words.</summary>
    public static string Text(int item)
    {
        IReadOnlyList<string> words = TinyEncoder.Words;
        string text = $"{words[item % 12]} {words[(item / 12) + 3]}";
        return item % 3 == 0 ? $"{text} for {words[item % 5]}" : text;
    }

    public static IDataView Items(MLContext context) =>
        context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, RingShop.ItemCount)
                .Select(item => new TextRow { Item = RingShop.Id<string>(item), Text = Text(item) })
        );

    /// <summary>Settings that train a small model in a second or two.</summary>
    public static SsnaTrainer.Options Options(MLContext context, ItemAdaptation adaptation)
    {
        SsnaTrainer.Options options = SsnaTrainer.Options.Paper(adaptation);
        options.Items = Items(context);
        options.Dimension = 16;
        options.SASRec().InnerSize = 32;
        options.BatchSize = 64;
        options.AccumulatedBatches = 2;
        options.SASRec().Dropout = 0;
        options.LearningRate = 1e-2f;
        options.MaximumEpochs = 2;
        options.Patience = 100;
        options.SequenceModel.MaximumSequenceLength = 8;
        options.TopK = 5;
        options.Seed = 3;
        options.Precision = ComputePrecision.Float32;
        return options;
    }

    /// <summary>One of each method that trains inside an encoder.</summary>
    public static ItemAdaptation.TrainedEncoder[] Kinds(string encoder) =>
        [
            new ItemAdaptation.LoRA
            {
                Encoder = encoder,
                Rank = 4,
                TargetProjections = All,
            },
            new ItemAdaptation.AdaLoRA
            {
                Encoder = encoder,
                InitialRank = 4,
                TargetRank = 2,
                WarmUpSteps = 1,
                FinalSteps = 1,
                OrthogonalityWeight = 0.01f,
                TargetProjections = All,
            },
            new ItemAdaptation.FullFineTuning { Encoder = encoder },
        ];

    /// <summary>A copy of a small reference checkpoint, with a vocabulary of its 97 words beside it.</summary>
    public static void CopyCheckpoint(string name, string folder)
    {
        foreach (string file in Directory.GetFiles(SharedFolder.Require("refs", name)))
        {
            if (!Path.GetFileName(file).StartsWith("golden"))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }
        }
        string family = EncoderConfiguration.Load(folder).Family.Name;
        const int count = 97;
        IEnumerable<string> letters = Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString());
        if (family == EncoderFamily.Roberta.Name)
        {
            string[] tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "\u0120", .. letters];
            Dictionary<string, int> ids = Fill(tokens).Select((token, id) => (token, id)).ToDictionary();
            File.WriteAllBytes(Path.Combine(folder, "vocab.json"), JsonSerializer.SerializeToUtf8Bytes(ids));
            File.WriteAllText(Path.Combine(folder, "merges.txt"), "#version: 0.2\n", Encoding.UTF8);
        }
        else
        {
            string[] tokens = [.. TinyEncoder.SpecialTokens(family), .. TinyEncoder.Words, .. letters];
            File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Fill(tokens));
        }

        static IEnumerable<string> Fill(string[] tokens) =>
            tokens.Concat(Enumerable.Range(tokens.Length, count - tokens.Length).Select(id => $"unused{id}"));
    }

    public sealed class TextRow
    {
        public string Item { get; set; } = "";

        public string Text { get; set; } = "";
    }
}
