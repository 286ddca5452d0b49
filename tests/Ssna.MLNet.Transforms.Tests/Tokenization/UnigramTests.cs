using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tokenization;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>
/// XLM-RoBERTa's kind of tokenizer. <c>Unigram/tokenizer.json</c> is made of a model of 640 pieces in eleven scripts that
/// SentencePiece 0.1.97 trained on product titles written for it, with its real table of characters (nmt_nfkc), as transformers makes one of
/// XLM-RoBERTa's; <c>Unigram/ids.json</c> has what Hugging Face's tokenizers 0.22.2 give for difficult texts.
/// </summary>
[TestClass]
public sealed class UnigramTests
{
    private static readonly string s_folder = Path.Combine(
        SharedFolder.Checkout,
        "tests",
        "Ssna.MLNet.Transforms.Tests",
        "Tokenization",
        "Unigram"
    );

    [TestMethod]
    [DataRow("split")] // as transformers writes it since version 5, and first did: words are split at whitespace
    [DataRow("spaces")] // as version 4 wrote it later: spaces in a row become one
    [DataRow("strip")] // the same with the whitespace at the end removed, and the sign for a space instead of it
    [DataRow("bare")] // no character is replaced
    public void Ids_equal_those_of_hugging_faces_tokenizers(string form)
    {
        EncoderTokenizer tokenizer = Load(json => Change(json, form));
        using var references = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_folder, "ids.json")));
        Assert.IsGreaterThan(200, references.RootElement.GetArrayLength());
        foreach (JsonElement entry in references.RootElement.EnumerateArray())
        {
            string text = entry.GetProperty("text").GetString()!;
            int[] expected = (
                entry.TryGetProperty(form, out JsonElement own) ? own : entry.GetProperty("split")
            ).Deserialize<int[]>()!;
            int[] ids = tokenizer.Encode(text, expected.Length + 10, out bool truncated);
            CollectionAssert.AreEqual(
                expected,
                ids,
                $"{JsonSerializer.Serialize(text)}: expected {string.Join(' ', expected)}, found {string.Join(' ', ids)}"
            );
            Assert.IsFalse(truncated);
        }
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("XLMRobertaTokenizer")]
    [DataRow("XLMRobertaTokenizerFast")]
    [DataRow("PreTrainedTokenizerFast")]
    [DataRow("TokenizersBackend")]
    public void The_classes_that_such_tokenizers_are_published_with_are_read(string? name)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(s_folder, "tokenizer.json"), folder["tokenizer.json"]);
        // What sentence-transformers' multilingual MiniLM has, which says nothing here.
        File.WriteAllText(
            folder["tokenizer_config.json"],
            JsonSerializer.Serialize(
                new Dictionary<string, object?>
                {
                    ["tokenizer_class"] = name,
                    ["do_lower_case"] = true,
                    ["model_max_length"] = 512,
                    ["cls_token"] = "<s>",
                    ["sep_token"] = "</s>",
                    ["mask_token"] = "<mask>",
                }
            )
        );
        EncoderTokenizer tokenizer = EncoderTokenizer.Load(folder.Path);
        CollectionAssert.AreEqual(new[] { 0, 4, 77, 27, 21, 2 }, tokenizer.Encode("red", 10, out _));
        Assert.AreEqual(512, tokenizer.MaximumTokens);
        Assert.AreEqual(642, tokenizer.VocabularySize);
    }

    [TestMethod]
    public void Cutting_keeps_both_special_tokens_and_says_so()
    {
        EncoderTokenizer tokenizer = Load(_ => { });
        int[] whole = tokenizer.Encode("Red bicycle pump", 100, out _);
        int[] cut = tokenizer.Encode("Red bicycle pump", 6, out bool truncated);
        Assert.IsTrue(truncated);
        CollectionAssert.AreEqual(whole[..5].Append(2).ToArray(), cut);
    }

    [TestMethod]
    public void The_pieces_of_a_word_have_the_largest_sum_that_any_have()
    {
        string[] alphabet = ["a", "b", "c", "\u00E9", "\U0001D518", "\u2581"];
        Gen<string> word = Gen.Int[0, alphabet.Length - 1].Select(i => alphabet[i]).Array[1, 8].Select(string.Concat);
        Gen.Select(word.Array[1, 12], Gen.Double[-12, 0].Array[13], word)
            .Sample(
                (pieces, scores, text) =>
                {
                    Dictionary<string, int> vocabulary = pieces
                        .Distinct()
                        .Index()
                        .ToDictionary(piece => piece.Item, piece => piece.Index + 1);
                    var rules = new UnigramRules(
                        vocabulary.Append(new("<unk>", 0)).ToDictionary(),
                        scores[..(vocabulary.Count + 1)],
                        Unknown: 0,
                        new SentencePieceText([], SplitsAtWhitespace: false)
                    );
                    var ids = new List<int>();
                    rules.Create().Append(text, ids, int.MaxValue);
                    double unknown = rules.Scores.Min() - 10;
                    double expected = 0;
                    foreach (string each in rules.Text.Words(text))
                    {
                        expected += Best(each, rules, unknown);
                    }
                    // What is unknown in a row is one token: how many code points it has is what the others leave.
                    int letters = rules.Text.Words(text).Sum(Letters);
                    int known = ids.Where(id => id != 0)
                        .Sum(id => Letters(vocabulary.First(piece => piece.Value == id).Key));
                    double found = ids.Where(id => id != 0).Sum(id => rules.Scores[id]) + (unknown * (letters - known));
                    // Unknown code points that are a piece together count as that piece.
                    return found >= expected - 1e-9;
                },
                iter: 500
            );

        static int Letters(string text) => text.EnumerateRunes().Count();
    }

    [TestMethod]
    [DataRow("model", "byte_fallback", "true", "byte_fallback")]
    [DataRow("model", "unk_id", "null", "unk_id")]
    [DataRow("model", "unk_id", "642", "unk_id")]
    [DataRow("model", "vocab", "[]", "model.vocab")]
    [DataRow("model", "vocab", """[["a"]]""", "model.vocab[0]")]
    [DataRow("model", "vocab", """[["a", 1e999]]""", "model.vocab[0]")]
    [DataRow("", "normalizer", """{"type": "NFKC"}""", "NFKC")]
    [DataRow("", "normalizer", """{"type": "Replace", "pattern": {"Regex": "a"}, "content": " "}""", "Replace")]
    [DataRow("normalizer", "precompiled_charsmap", "\"!\"", "base 64")]
    [DataRow("normalizer", "precompiled_charsmap", "\"AAAA\"", "too few")]
    [DataRow("normalizer", "precompiled_charsmap", "\"/////w==\"", "too few")]
    [DataRow("", "pre_tokenizer", """{"type": "Whitespace"}""", "Metaspace")]
    [DataRow("", "pre_tokenizer", "null", "Metaspace")]
    [DataRow("", "pre_tokenizer", """{"type": "Metaspace", "replacement": "_"}""", "replacement")]
    [DataRow(
        "",
        "pre_tokenizer",
        """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}""",
        "prepend_scheme"
    )]
    [DataRow("", "pre_tokenizer", """{"type": "Metaspace", "replacement": "▁", "split": false}""", "split")]
    [DataRow("", "post_processor", "null", "post_processor")]
    public void What_would_split_texts_in_another_way_is_refused_by_name(
        string part,
        string field,
        string value,
        string word
    )
    {
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() =>
                Load(json => (part.Length == 0 ? json : json[part]!)[field] = JsonNode.Parse(value))
            )
            .Message;
        StringAssert.Contains(message, "tokenizer.json");
        StringAssert.Contains(message, word);
    }

    [TestMethod]
    public void Another_class_and_a_model_of_sentencepiece_alone_are_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["sentencepiece.bpe.model"], [1, 2, 3]);
        var missing = Assert.ThrowsExactly<FileNotFoundException>(() => EncoderTokenizer.Load(folder.Path));
        StringAssert.Contains(missing.Message, "sentencepiece.bpe.model");
        StringAssert.Contains(missing.Message, "save_pretrained");

        File.Copy(Path.Combine(s_folder, "tokenizer.json"), folder["tokenizer.json"]);
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class": "BertTokenizer"}""");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => EncoderTokenizer.Load(folder.Path));
        StringAssert.Contains(error.Message, "expects WordPiece, found Unigram");
    }

    [TestMethod]
    public void A_damaged_table_of_characters_ends_and_gives_some_text()
    {
        byte[] table = Table();
        Gen.Select(Gen.Int[4, table.Length - 1], Gen.Byte, Gen.String)
            .Sample(
                (place, value, text) =>
                {
                    byte[] damaged = [.. table];
                    for (int i = place; i < Math.Min(place + 64, damaged.Length); i++)
                    {
                        damaged[i] ^= value;
                    }
                    try
                    {
                        new CharacterMap(damaged, "table").Apply(text + "ﬁ①Ａｶﾞ");
                    }
                    catch (InvalidDataException)
                    {
                        // Replacements that are no UTF-8.
                    }
                },
                iter: 200
            );
    }

    // The largest sum of scores over all ways to cut a word.
    private static double Best(string word, UnigramRules rules, double unknown)
    {
        if (word.Length == 0)
        {
            return 0;
        }
        Rune.DecodeFromUtf16(word, out _, out int letter);
        double best = double.NegativeInfinity;
        for (int length = 1; length <= word.Length; length++)
        {
            if (rules.Vocabulary.TryGetValue(word[..length], out int id))
            {
                best = Math.Max(best, rules.Scores[id] + Best(word[length..], rules, unknown));
            }
        }
        return rules.Vocabulary.ContainsKey(word[..letter])
            ? best
            : Math.Max(best, unknown + Best(word[letter..], rules, unknown));
    }

    private static byte[] Table() =>
        Convert.FromBase64String(
            JsonNode.Parse(File.ReadAllText(Path.Combine(s_folder, "tokenizer.json")))!["normalizer"]![
                "precompiled_charsmap"
            ]!.GetValue<string>()
        );

    private static EncoderTokenizer Load(Action<JsonObject> change)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(Path.Combine(s_folder, "tokenizer.json")))!.AsObject();
        change(json);
        using var folder = new TokenizerFolder();
        return folder.Write("tokenizer.json", json).Load();
    }

    private static void Change(JsonObject json, string form)
    {
        if (form == "split")
        {
            return;
        }
        JsonNode table = json["normalizer"]!.DeepClone();
        json["pre_tokenizer"] = JsonNode.Parse(
            """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}"""
        );
        json["normalizer"] = form switch
        {
            "bare" => null,
            "spaces" => Sequence(table, Spaces(" ")),
            _ => Sequence(
                JsonNode.Parse("""{"type": "Strip", "strip_left": false, "strip_right": true}""")!,
                table,
                Spaces("▁")
            ),
        };

        static JsonObject Sequence(params JsonNode[] steps) =>
            new() { ["type"] = "Sequence", ["normalizers"] = new JsonArray(steps) };

        static JsonObject Spaces(string content) =>
            new()
            {
                ["type"] = "Replace",
                ["pattern"] = new JsonObject { ["Regex"] = " {2,}" },
                ["content"] = content,
            };
    }
}
