using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Testing;
using TorchSharp;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>A model folder as the hub lays it out, of which some files are changed; read by extracting a few texts.</summary>
internal sealed class EncoderFolder(string name, Action<string> write, params string[] files) : Format(name)
{
    public static readonly string[] Texts = ["red pan", "a <brand> lid, with cup", "small Round pot for the green"];

    public override void Write(string folder) => write(folder);

    public override bool IsChanged(string file) => files.Contains(file);

    public override string Read(string folder)
    {
        var mlContext = new MLContext(1);
        IDataView rows = Rows(mlContext);
        using EncoderLayersTransformer model = mlContext
            .Transforms.Text.ExtractEncoderLayers(
                new EncoderLayersEstimator.Options
                {
                    OutputColumnName = "Layers",
                    InputColumnName = "Text",
                    Model = folder,
                    Layers = 1,
                    Precision = ComputePrecision.Float32,
                }
            )
            .Fit(rows);
        return Describe(model, rows);
    }

    // Sound weights may be too large to compute with, which shows only then.
    public override bool IsDocumented(Exception error) =>
        base.IsDocumented(error) || error is InvalidOperationException;

    public static IDataView Rows(MLContext mlContext) =>
        mlContext.Data.LoadFromEnumerable(Texts.Select((text, i) => new Row { Item = $"{i}", Text = text }));

    public static string Describe(ITransformer model, IDataView rows) =>
        Hash([.. model.Transform(rows).GetColumn<float[]>("Layers").SelectMany(layers => layers)]);

    public static string Hash(float[] numbers) =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(numbers)));

    public static string HashOf(SsnaTransformer model) =>
        Hash([.. model.GetItemEmbeddings().GetColumn<float[]>("Embedding").SelectMany(row => row)]);

    public static void Bert(string folder)
    {
        TinyEncoder.Write(folder);
        WriteJson(
            folder,
            "tokenizer_config.json",
            new() { ["tokenizer_class"] = "BertTokenizer", ["do_lower_case"] = true }
        );
        // The last word's id is that of a token beside the vocabulary.
        string vocabulary = Path.Combine(folder, "vocab.txt");
        string[] words = File.ReadAllLines(vocabulary);
        File.WriteAllLines(vocabulary, words[..^1]);
        WriteJson(folder, "added_tokens.json", new() { ["<brand>"] = words.Length - 1 });
    }

    public static void WithTokenizerJson(string folder)
    {
        TinyEncoder.Write(folder);
        string vocabulary = Path.Combine(folder, "vocab.txt");
        string[] words = File.ReadAllLines(vocabulary);
        File.Delete(vocabulary);
        WriteJson(folder, "tokenizer.json", TokenizerJson(words));
    }

    public static void Sharded(string folder)
    {
        TinyEncoder.Write(folder);
        string single = Path.Combine(folder, "model.safetensors");
        var map = new JsonObject();
        using (torch.NewDisposeScope())
        using (SafetensorsFile whole = SafetensorsFile.Open(single))
        {
            string[] names = [.. whole.Names];
            foreach ((int shard, string[] part) in names.Chunk((names.Length + 1) / 2).Index())
            {
                SafetensorsWriter.Write(
                    Path.Combine(folder, $"{shard}.safetensors"),
                    [.. part.Select(tensor => (tensor, whole.Read(tensor)))]
                );
                foreach (string tensor in part)
                {
                    map[tensor] = $"{shard}.safetensors";
                }
            }
        }
        File.Delete(single);
        WriteJson(folder, "model.safetensors.index.json", new() { ["weight_map"] = map });
    }

    public static void Roberta(string folder)
    {
        string[] tokens =
        [
            "<s>",
            "<pad>",
            "</s>",
            "<unk>",
            "<mask>",
            "\u0120",
            .. Enumerable.Range('a', 26).Select(letter => $"{(char)letter}"),
            "re",
            "red",
            "\u0120p",
            "an",
            "\u0120pan",
        ];
        var configuration = new EncoderConfiguration
        {
            Family = EncoderFamily.Roberta,
            VocabularySize = tokens.Length + 1,
            Width = 16,
            LayerCount = 2,
            HeadCount = 2,
            InnerWidth = 32,
            MaximumPositions = 40,
            TokenTypes = 1,
            PadId = 1,
        };
        using (TextEncoder encoder = TextEncoder.Create(configuration, seed: 1))
        {
            encoder.Save(folder);
        }
        WriteJson(folder, "vocab.json", Ids(tokens));
        File.WriteAllText(Path.Combine(folder, "merges.txt"), "#version: 0.2\nr e\nre d\n\u0120 p\na n\n\u0120p an\n");
        WriteJson(
            folder,
            "tokenizer_config.json",
            new() { ["tokenizer_class"] = "RobertaTokenizer", ["add_prefix_space"] = true }
        );
        WriteJson(folder, "added_tokens.json", new() { ["<brand>"] = tokens.Length });
    }

    private static JsonObject TokenizerJson(string[] words) =>
        new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([
                .. words
                    .Index()
                    .Where(word => word.Item.StartsWith('['))
                    .Select(word => new JsonObject
                    {
                        ["id"] = word.Index,
                        ["content"] = word.Item,
                        ["single_word"] = false,
                        ["lstrip"] = false,
                        ["rstrip"] = false,
                        ["normalized"] = false,
                        ["special"] = true,
                    }),
            ]),
            ["normalizer"] = new JsonObject
            {
                ["type"] = "BertNormalizer",
                ["clean_text"] = true,
                ["handle_chinese_chars"] = true,
                ["strip_accents"] = null,
                ["lowercase"] = true,
            },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "BertProcessing",
                ["sep"] = new JsonArray("[SEP]", Array.IndexOf(words, "[SEP]")),
                ["cls"] = new JsonArray("[CLS]", Array.IndexOf(words, "[CLS]")),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = Ids(words),
            },
        };

    private static JsonObject Ids(string[] words) =>
        new(words.Index().Select(word => KeyValuePair.Create(word.Item, (JsonNode?)word.Index)));

    private static void WriteJson(string folder, string file, JsonObject json) =>
        File.WriteAllBytes(Path.Combine(folder, file), JsonSerializer.SerializeToUtf8Bytes(json));

    public sealed class Row
    {
        public string Item { get; set; } = "";

        public string Text { get; set; } = "";
    }
}
