using System.Text.Json.Nodes;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tokenization;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>A folder with the files of a small tokenizer.</summary>
internal sealed class TokenizerFolder : IDisposable
{
    /// <summary>BERT's special tokens and a few pieces: [PAD] 0 to [MASK] 4, red 5, ##dish 6, + 7, cafe 8.</summary>
    public static readonly string[] Words =
    [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "red",
        "##dish",
        "+",
        "cafe",
    ];

    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    /// <summary>A folder with a vocab.txt.</summary>
    public static TokenizerFolder OfWords(params string[] words)
    {
        var folder = new TokenizerFolder();
        folder.Write("vocab.txt", string.Join('\n', words) + '\n');
        return folder;
    }

    /// <summary>A folder with files of a real tokenizer.</summary>
    public static TokenizerFolder Of(string model, params string[] files)
    {
        var folder = new TokenizerFolder();
        foreach (string file in files)
        {
            File.Copy(SharedFolder.Require("models", model, file), folder._folder[file]);
        }
        return folder;
    }

    /// <summary>A tokenizer.json with a WordPiece model, as transformers writes it for a lower-casing BERT.</summary>
    public static JsonObject WordPiece(params string[] words) =>
        new()
        {
            ["version"] = "1.0",
            ["truncation"] = new JsonObject { ["max_length"] = 3 },
            ["padding"] = new JsonObject { ["strategy"] = new JsonObject { ["Fixed"] = 7 } },
            ["added_tokens"] = new JsonArray([
                .. words.Index().Where(word => word.Item.StartsWith('[')).Select(word => Added(word.Index, word.Item)),
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
            ["decoder"] = new JsonObject { ["type"] = "WordPiece" },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = Vocabulary(words),
            },
        };

    /// <summary>A tokenizer.json with a byte-level BPE model, as transformers writes it for RoBERTa.</summary>
    public static JsonObject BytePairs(JsonObject vocabulary, JsonArray merges) =>
        new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(
                Added(Id(vocabulary, "<s>"), "<s>"),
                Added(Id(vocabulary, "</s>"), "</s>"),
                With(Added(Id(vocabulary, "<mask>"), "<mask>"), "lstrip", true)
            ),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "RobertaProcessing",
                ["sep"] = new JsonArray("</s>", Id(vocabulary, "</s>")),
                ["cls"] = new JsonArray("<s>", Id(vocabulary, "<s>")),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = "",
                ["end_of_word_suffix"] = "",
                ["fuse_unk"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = merges,
            },
        };

    /// <summary>An entry of a tokenizer.json's list of added tokens.</summary>
    public static JsonObject Added(int id, string content) =>
        new()
        {
            ["id"] = id,
            ["content"] = content,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        };

    public static JsonObject With(JsonObject json, string field, JsonNode? value)
    {
        json[field] = value;
        return json;
    }

    public static JsonObject Vocabulary(string[] words) =>
        new(words.Index().Select(word => KeyValuePair.Create(word.Item, (JsonNode?)word.Index)));

    public string this[string name] => _folder[name];

    public TokenizerFolder Write(string name, string content)
    {
        File.WriteAllText(_folder[name], content);
        return this;
    }

    public TokenizerFolder Write(string name, JsonNode content) => Write(name, content.ToJsonString());

    public TokenizerFolder Delete(string name)
    {
        File.Delete(_folder[name]);
        return this;
    }

    public EncoderTokenizer Load() => EncoderTokenizer.Load(Path);

    /// <summary>The ids of a text, with spaces between them.</summary>
    public string Ids(string text) => string.Join(' ', Load().Encode(text, 512, out _));

    /// <summary>The message with which the folder is refused.</summary>
    public string Refusal() => Assert.ThrowsExactly<InvalidDataException>(() => Load()).Message;

    public void Dispose() => _folder.Dispose();

    private static int Id(JsonObject vocabulary, string token) => vocabulary[token]!.GetValue<int>();
}
