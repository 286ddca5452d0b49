using System.Text.Json;
using System.Text.Json.Nodes;
using Ssna.MLNet.Testing;
using static Ssna.MLNet.Transforms.Tests.Tokenization.TokenizerFolder;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>Folders with a tokenizer.json.</summary>
[TestClass]
public sealed class TokenizerJsonTests
{
    private static readonly string[] s_cased = [.. Words, "Red", "é"];

    [TestMethod]
    [DataRow("tokenizer.json")]
    [DataRow("tokenizer.json", "tokenizer_config.json")]
    [DataRow("tokenizer.json", "tokenizer_config.json", "vocab.txt")]
    public void It_gives_the_reference_ids_of_bert(params string[] files)
    {
        using TokenizerFolder folder = Of("all-MiniLM-L6-v2", files);
        AssertReference(folder, "tokens-bert-uncased.json");
    }

    [TestMethod]
    [DataRow(true, null)]
    [DataRow(false, """{"tokenizer_class": "RobertaTokenizer"}""")]
    [DataRow(false, """{"tokenizer_class": "TokenizersBackend"}""")]
    public void It_gives_the_reference_ids_of_roberta(bool pairsAsText, string? configuration)
    {
        using TokenizerFolder folder = Roberta(pairsAsText);
        // The reference has no token that takes the space before it.
        JsonObject json = JsonNode.Parse(File.ReadAllText(folder["tokenizer.json"]))!.AsObject();
        foreach (JsonNode? token in json["added_tokens"]!.AsArray())
        {
            token!["lstrip"] = false;
        }
        folder.Write("tokenizer.json", json);
        if (configuration is not null)
        {
            folder.Write("tokenizer_config.json", configuration);
        }
        AssertReference(folder, "tokens-roberta.json");
    }

    [TestMethod]
    public void A_mask_that_takes_the_space_before_it_does()
    {
        using TokenizerFolder folder = Roberta(pairsAsText: false);
        Assert.AreEqual("0 102 50264 741 2", folder.Ids("a <mask> b"));
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "RobertaTokenizer"}""");
        Assert.AreEqual("0 102 50264 741 2", folder.Ids("a <mask> b"));
    }

    [TestMethod]
    [DataRow("BertTokenizer", """ "do_lower_case": false """, "2 9 1 3")]
    [DataRow("BertTokenizerFast", """ "do_lower_case": false """, "2 9 1 3")]
    [DataRow("DistilBertTokenizer", """ "do_lower_case": false """, "2 9 1 3")]
    [DataRow("BertTokenizer", """ "strip_accents": false """, "2 5 1 3")]
    [DataRow("BertTokenizer", "", "2 5 8 3")]
    [DataRow("PreTrainedTokenizerFast", """ "do_lower_case": false """, "2 5 8 3")]
    [DataRow("TokenizersBackend", """ "strip_accents": false """, "2 5 8 3")]
    public void Settings_decide_for_the_classes_and_the_file_for_the_generic_ones(
        string name,
        string settings,
        string ids
    )
    {
        using var folder = new TokenizerFolder();
        folder.Write("tokenizer.json", WordPiece(s_cased));
        folder.Write(
            "tokenizer_config.json",
            $"{{\"tokenizer_class\": \"{name}\"{(settings.Length > 0 ? "," : "")} {settings}}}"
        );
        Assert.AreEqual(ids, folder.Ids("Red café"));
    }

    [TestMethod]
    [DataRow("lowercase", false, "Red red café", "2 9 5 1 3")]
    [DataRow("strip_accents", false, "Red café", "2 5 1 3")]
    [DataRow("handle_chinese_chars", false, "red中red", "2 1 3")]
    [DataRow("handle_chinese_chars", true, "red中red", "2 5 1 5 3")]
    [DataRow("clean_text", false, "red\u0007 red", "2 1 5 3")]
    [DataRow("clean_text", true, "red\u0007 red", "2 5 5 3")]
    [DataRow("clean_text", false, "red\u0085red", "2 5 5 3")]
    public void The_file_alone_decides_all_of_it(string setting, bool value, string text, string ids)
    {
        using var folder = new TokenizerFolder();
        JsonObject json = WordPiece(s_cased);
        json["normalizer"]![setting] = value;
        folder.Write("tokenizer.json", json);
        Assert.AreEqual(ids, folder.Ids(text));
    }

    [TestMethod]
    [DataRow(null, "a", "0 4 2")]
    [DataRow("""{"tokenizer_class": "RobertaTokenizer", "add_prefix_space": true}""", "a", "0 5 2")]
    [DataRow("""{"tokenizer_class": "PreTrainedTokenizerFast", "add_prefix_space": true}""", "a", "0 4 2")]
    public void The_prefix_space_is_decided_in_the_same_way(string? configuration, string text, string ids)
    {
        using var folder = new TokenizerFolder();
        folder.Write("tokenizer.json", SmallBytePairs());
        if (configuration is not null)
        {
            folder.Write("tokenizer_config.json", configuration);
        }
        Assert.AreEqual(ids, folder.Ids(text));
    }

    [TestMethod]
    public void Settings_of_the_model_are_read()
    {
        using var folder = new TokenizerFolder();
        JsonObject json = WordPiece("[UNK]", "[CLS]", "[SEP]", "red", "@dish", "##dish");
        json["model"]!["continuing_subword_prefix"] = "@";
        json["model"]!["max_input_chars_per_word"] = 7;
        Assert.AreEqual("1 3 4 0 2", folder.Write("tokenizer.json", json).Ids("reddish reddishd"));

        json = WordPiece("[CLS]", "[SEP]", "what?", "red");
        json["model"]!["unk_token"] = "what?";
        Assert.AreEqual("0 2 3 1", folder.Write("tokenizer.json", json).Ids("blue red"));

        json = SmallBytePairs();
        json["model"]!["unk_token"] = "<mask>";
        Assert.AreEqual("0 3 3 4 2", folder.Write("tokenizer.json", json).Ids("éa"));
        json["model"]!["fuse_unk"] = true;
        Assert.AreEqual("0 3 4 2", folder.Write("tokenizer.json", json).Ids("éa"));
        json["model"]!["unk_token"] = null;
        Assert.AreEqual("0 4 2", folder.Write("tokenizer.json", json).Ids("éa"));

        json["model"]!["vocab"]!["aa"] = 7;
        Assert.AreEqual("0 4 4 2", folder.Write("tokenizer.json", json).Ids("aa"));
        json["model"]!["ignore_merges"] = true;
        Assert.AreEqual("0 7 2", folder.Write("tokenizer.json", json).Ids("aa"));
    }

    [TestMethod]
    public void The_generic_class_takes_the_tokens_at_both_ends_from_the_template()
    {
        using var folder = new TokenizerFolder();
        JsonObject json = WordPiece(Words);
        json["post_processor"] = JsonNode.Parse(
            """
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
              "single": [{"SpecialToken": {"id": "[MASK]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
              "special_tokens": {"[MASK]": {"id": "[MASK]", "ids": [4], "tokens": ["[MASK]"]},
                "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}}]}
            """
        );
        Assert.AreEqual("4 5 3", folder.Write("tokenizer.json", json).Ids("red"));
    }

    [TestMethod]
    [DataRow("model.type", "\"WordLevel\"", "WordLevel")]
    [DataRow("model.vocab", "[\"red\"]", "vocab")]
    [DataRow("model.vocab.red", "\"five\"", "red")]
    [DataRow("model.unk_token", "\"[NONE]\"", "[NONE]")]
    [DataRow("normalizer", "{\"type\": \"Lowercase\"}", "Lowercase")]
    [DataRow("pre_tokenizer", "{\"type\": \"Whitespace\"}", "Whitespace")]
    [DataRow("pre_tokenizer", "null", "pre_tokenizer")]
    [DataRow("post_processor", "null", "post_processor")]
    [DataRow("post_processor", "{\"type\": \"Other\"}", "Other")]
    [DataRow("post_processor.sep", "[3]", "sep")]
    [DataRow("added_tokens", "{}", "added_tokens")]
    [DataRow("added_tokens", "[{\"id\": 9}]", "content")]
    [DataRow("added_tokens", "[{\"content\": \"<a>\"}]", "<a>")]
    public void What_is_of_another_kind_or_damaged_is_refused_by_name(string place, string value, string named)
    {
        using var folder = new TokenizerFolder();
        JsonObject json = WordPiece(Words);
        Set(json, place, value);
        string message = folder.Write("tokenizer.json", json).Refusal();
        StringAssert.Contains(message, folder["tokenizer.json"]);
        StringAssert.Contains(message, named);
    }

    [TestMethod]
    [DataRow("normalizer", "{\"type\": \"NFC\"}", "NFC")]
    [DataRow("pre_tokenizer", "{\"type\": \"Metaspace\"}", "Metaspace")]
    [DataRow("pre_tokenizer.use_regex", "false", "use_regex")]
    [DataRow("model.dropout", "0.1", "dropout")]
    [DataRow("model.byte_fallback", "true", "byte_fallback")]
    [DataRow("model.end_of_word_suffix", "\"</w>\"", "end_of_word_suffix")]
    [DataRow("model.merges", "[\"a b c\"]", "merges[0]")]
    [DataRow("model.merges", "[[\"a\"]]", "merges[0]")]
    [DataRow("model.merges", "[\"a z\"]", "'z'")]
    [DataRow("model.merges", "null", "merges")]
    public void So_are_settings_of_byte_pairs(string place, string value, string named)
    {
        using var folder = new TokenizerFolder();
        JsonObject json = SmallBytePairs();
        Set(json, place, value);
        string message = folder.Write("tokenizer.json", json).Refusal();
        StringAssert.Contains(message, folder["tokenizer.json"]);
        StringAssert.Contains(message, named);
    }

    [TestMethod]
    public void A_vocabulary_beside_it_has_to_be_the_same()
    {
        using TokenizerFolder folder = OfWords(Words[..^1]);
        folder.Write("tokenizer.json", WordPiece(Words));
        string message = folder.Refusal();
        StringAssert.Contains(message, folder["vocab.txt"]);
        StringAssert.Contains(message, folder["tokenizer.json"]);
        StringAssert.Contains(message, "cafe");
    }

    private static void Set(JsonObject json, string place, string value)
    {
        string[] names = place.Split('.');
        JsonNode parent = names[..^1].Aggregate((JsonNode)json, (node, name) => node[name]!);
        parent[names[^1]] = JsonNode.Parse(value);
    }

    /// <summary>a is 4, and 5 with a space before it.</summary>
    private static JsonObject SmallBytePairs() =>
        BytePairs(Vocabulary(["<s>", "<pad>", "</s>", "<mask>", "a", "Ġa", "Ġ"]), [new JsonArray("Ġ", "a")]);

    private static TokenizerFolder Roberta(bool pairsAsText)
    {
        string[] merges =
        [
            .. File.ReadLines(SharedFolder.Require("models", "roberta-base-tokenizer", "merges.txt"))
                .Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)),
        ];
        JsonNode[] pairs =
        [
            .. merges.Select(merge =>
                pairsAsText ? (JsonNode)merge : new JsonArray([.. merge.Split(' ').Select(token => (JsonNode)token)])
            ),
        ];
        JsonNode vocabulary = JsonNode.Parse(
            File.ReadAllText(SharedFolder.Require("models", "roberta-base-tokenizer", "vocab.json"))
        )!;
        return new TokenizerFolder().Write("tokenizer.json", BytePairs(vocabulary.AsObject(), new JsonArray(pairs)));
    }

    private static void AssertReference(TokenizerFolder folder, string reference)
    {
        var tokenizer = folder.Load();
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Require("refs", reference)));
        foreach (JsonElement entry in json.RootElement.EnumerateArray())
        {
            string text = entry.GetProperty("text").GetString()!;
            int[] expected = entry.GetProperty("ids").Deserialize<int[]>()!;
            CollectionAssert.AreEqual(expected, tokenizer.Encode(text, expected.Length + 100, out _), text);
        }
    }
}
