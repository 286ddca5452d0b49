using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ssna.MLNet.Tokenization;

/// <summary>Writes a tokenizer that came in several files as the one that Hugging Face's tokenizers read.</summary>
internal static class TokenizerJsonWriter
{
    // What is no ASCII stays readable: the file is UTF-8, and no web page.
    private static readonly JsonSerializerOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>The content of a tokenizer.json.</summary>
    /// <param name="tokenizer">A tokenizer of a named class: any other has a tokenizer.json already.</param>
    public static byte[] Write(TokenizerDescription tokenizer)
    {
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([
                .. tokenizer.AddedTokens.OrderBy(token => token.Id).Select(token => (JsonNode)Added(token)),
            ]),
        };
        switch (tokenizer.Words)
        {
            case WordPieceRules words:
                json["normalizer"] = Normalizer(words.Text);
                json["pre_tokenizer"] = Typed("BertPreTokenizer");
                json["post_processor"] = Template(tokenizer);
                json["decoder"] = new JsonObject
                {
                    ["type"] = "WordPiece",
                    ["prefix"] = words.Prefix,
                    ["cleanup"] = true,
                };
                json["model"] = new JsonObject
                {
                    ["type"] = "WordPiece",
                    ["unk_token"] = TextOf(tokenizer, words.Unknown),
                    ["continuing_subword_prefix"] = words.Prefix,
                    ["max_input_chars_per_word"] = words.MaximumCharacters,
                    ["vocab"] = Vocabulary(words),
                };
                break;
            case BytePairRules pairs:
                json["normalizer"] = null;
                json["pre_tokenizer"] = ByteLevel(pairs);
                json["post_processor"] = new JsonObject
                {
                    ["type"] = "RobertaProcessing",
                    ["sep"] = new JsonArray(TextOf(tokenizer, tokenizer.Last), tokenizer.Last),
                    ["cls"] = new JsonArray(TextOf(tokenizer, tokenizer.First), tokenizer.First),
                    ["trim_offsets"] = true,
                    ["add_prefix_space"] = pairs.AddPrefixSpace,
                };
                json["decoder"] = ByteLevel(pairs);
                json["model"] = BytePair(pairs);
                break;
            default:
                throw new NotSupportedException($"{tokenizer.Words.GetType().Name} comes from a tokenizer.json alone.");
        }
        return JsonSerializer.SerializeToUtf8Bytes(json, s_options);
    }

    private static JsonObject Added(AddedToken token) =>
        new()
        {
            ["id"] = token.Id,
            ["content"] = token.Text,
            ["single_word"] = token.SingleWord,
            ["lstrip"] = token.LeftStrip,
            ["rstrip"] = token.RightStrip,
            ["normalized"] = token.Normalized,
            ["special"] = token.Special,
        };

    private static JsonObject Normalizer(BertText text) =>
        new()
        {
            ["type"] = "BertNormalizer",
            ["clean_text"] = text.Clean,
            ["handle_chinese_chars"] = text.SeparateChinese,
            ["strip_accents"] = text.StripAccents,
            ["lowercase"] = text.LowerCase,
        };

    // A text and its two special tokens; of two texts, the second is of another type, and MPNet has its separator twice.
    private static JsonObject Template(TokenizerDescription tokenizer)
    {
        (string first, string last) = (TextOf(tokenizer, tokenizer.First), TextOf(tokenizer, tokenizer.Last));
        JsonObject[] between = tokenizer.Class == TokenizerClass.MPNet ? [Special(last, 0)] : [];
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Special(first, 0), Sequence("A", 0), Special(last, 0)),
            ["pair"] = new JsonArray([
                Special(first, 0),
                Sequence("A", 0),
                Special(last, 0),
                .. between,
                Sequence("B", 1),
                Special(last, 1),
            ]),
            ["special_tokens"] = new JsonObject
            {
                [first] = SpecialToken(first, tokenizer.First),
                [last] = SpecialToken(last, tokenizer.Last),
            },
        };

        static JsonObject Special(string token, int type) =>
            new()
            {
                ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = type },
            };

        static JsonObject Sequence(string name, int type) =>
            new()
            {
                ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type },
            };

        static JsonObject SpecialToken(string token, int id) =>
            new()
            {
                ["id"] = token,
                ["ids"] = new JsonArray(id),
                ["tokens"] = new JsonArray(token),
            };
    }

    private static JsonObject BytePair(BytePairRules pairs)
    {
        Dictionary<int, string> tokens = pairs.Vocabulary.ToDictionary(token => token.Value, token => token.Key);
        return new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = "",
            ["end_of_word_suffix"] = "",
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = Vocabulary(pairs),
            ["merges"] = new JsonArray([
                .. pairs.Merges.Select(merge => (JsonNode)$"{tokens[merge.Left]} {tokens[merge.Right]}"),
            ]),
        };
    }

    private static JsonObject ByteLevel(BytePairRules pairs) =>
        new()
        {
            ["type"] = "ByteLevel",
            ["add_prefix_space"] = pairs.AddPrefixSpace,
            ["trim_offsets"] = true,
            ["use_regex"] = true,
        };

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private static JsonObject Vocabulary(WordRules words) =>
        new(
            words
                .Vocabulary.OrderBy(token => token.Value)
                .Select(token => KeyValuePair.Create(token.Key, (JsonNode?)token.Value))
        );

    private static string TextOf(TokenizerDescription tokenizer, int id) =>
        tokenizer.AddedTokens.FirstOrDefault(token => token.Id == id)?.Text
        ?? tokenizer.Words.Vocabulary.First(token => token.Value == id).Key;
}
