using System.Text;
using QuickStart.Sample.Shop;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace QuickStart.Sample.Encoder;

/// <summary>Makes the tiny BERT that the example carries, in the layout of the Hugging Face hub.</summary>
internal static class EncoderFiles
{
    private const ulong Seed = 3;
    private const int VocabularySize = 900;
    private const int MaximumTokens = 64;

    /// <summary>Learns vocabulary and weights from the sample shop's texts and writes them to <paramref name="folder"/>.</summary>
    public static void Write(string folder, Action<string> log, CancellationToken cancellation)
    {
        string[] texts = [.. SampleFiles.Shop().Products.Select(product => product.Text)];
        Directory.CreateDirectory(folder);
        var vocabulary = WordPieceVocabulary.Learn(texts, VocabularySize);
        var configuration = new EncoderConfiguration
        {
            Family = EncoderFamily.Bert,
            VocabularySize = vocabulary.Count,
            Width = 128,
            LayerCount = 3,
            HeadCount = 4,
            InnerWidth = 512,
            MaximumPositions = MaximumTokens,
            TokenTypes = 2,
        };
        WriteText(folder, "vocab.txt", string.Join('\n', vocabulary) + '\n');
        WriteText(folder, "tokenizer_config.json", TokenizerConfiguration);
        File.WriteAllBytes(Path.Combine(folder, EncoderConfiguration.FileName), configuration.ToJson());
        log($"{texts.Length} texts, {vocabulary.Count} word pieces");

        var tokenizer = EncoderTokenizer.Load(folder);
        using var encoder = TextEncoder.Create(configuration, (long)Seed);
        Pretraining.Run(
            encoder,
            [.. texts.Select(text => tokenizer.Encode(text, MaximumTokens, out _))],
            vocabulary.IndexOf("[MASK]"),
            Seed,
            log,
            cancellation
        );
        encoder.Save(folder);
        Halve(Path.Combine(folder, CheckpointFolder.SingleFile));
    }

    private const string TokenizerConfiguration = """
        {
          "tokenizer_class": "BertTokenizer",
          "do_lower_case": true,
          "model_max_length": 64,
          "pad_token": "[PAD]",
          "unk_token": "[UNK]",
          "cls_token": "[CLS]",
          "sep_token": "[SEP]",
          "mask_token": "[MASK]"
        }

        """;

    /// <summary>Writes the weights again in float16, half the size.</summary>
    private static void Halve(string path)
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] weights;
        using (var file = SafetensorsFile.Open(path))
        {
            weights = [.. file.Names.Select(name => (name, file.Read(name).to(ScalarType.Float16)))];
        }

        using var stream = File.Create(path);
        SafetensorsWriter.Write(stream, weights, new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static void WriteText(string folder, string name, string text) =>
        File.WriteAllText(Path.Combine(folder, name), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}
