using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tokenization;
using static Ssna.MLNet.Transforms.Tests.Tokenization.TokenizerFolder;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>A tokenizer that came in several files gives the same ids from the tokenizer.json that is made of them.</summary>
[TestClass]
public sealed class TokenizerJsonWriterTests
{
    private static readonly string[] s_mpnet =
    [
        "<s>",
        "<pad>",
        "</s>",
        "[UNK]",
        "<mask>",
        "red",
        "##dish",
        "+",
        "cafe",
    ];

    private static readonly string[] s_parts =
    [
        "red",
        "Red",
        "reddish",
        " ",
        "  ",
        "+",
        "+a",
        "cafe",
        "Café",
        "naïve",
        "cup",
        "[MASK]",
        "<mask>",
        "<new>",
        "龍",
        "blue",
        "\u0085",
    ];

    [TestMethod]
    [DataRow("bert-base-uncased-tokenizer", "tokens-bert-uncased.json", "vocab.txt", "tokenizer_config.json")]
    [DataRow("roberta-base-tokenizer", "tokens-roberta.json", "vocab.json", "merges.txt")]
    public void It_gives_the_reference_ids(string model, string reference, params string[] files)
    {
        using TokenizerFolder folder = Of(model, files);
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Require("refs", reference)));
        Assert.IsGreaterThan(50, json.RootElement.GetArrayLength());
        foreach (EncoderTokenizer tokenizer in Written(folder))
        {
            foreach (JsonElement entry in json.RootElement.EnumerateArray())
            {
                string text = entry.GetProperty("text").GetString()!;
                int[] expected = entry.GetProperty("ids").Deserialize<int[]>()!;
                CollectionAssert.AreEqual(expected, tokenizer.Encode(text, expected.Length + 100, out _), text);
            }
        }
    }

    [TestMethod]
    [DataRow("{}")]
    [DataRow("""{"do_lower_case": false}""")]
    [DataRow("""{"strip_accents": false, "tokenize_chinese_chars": false}""")]
    [DataRow("""{"tokenizer_class": "DistilBertTokenizer"}""")]
    [DataRow(
        """{"additional_special_tokens": ["<new>", {"content": "+a", "single_word": true, "lstrip": true, "rstrip": true}]}"""
    )]
    [DataRow(
        """{"added_tokens_decoder": {"9": {"content": "Red", "normalized": true}, "4": {"content": "[MASK]", "lstrip": true, "special": true}}}"""
    )]
    public void Settings_and_added_tokens_are_kept(string configuration)
    {
        using TokenizerFolder folder = OfWords(Words);
        folder.Write("tokenizer_config.json", configuration).Write("added_tokens.json", """{"naïve": 11, "cup": 12}""");
        AssertSame(folder);
    }

    [TestMethod]
    public void The_classes_without_a_file_of_settings_are_kept()
    {
        using TokenizerFolder mpnet = OfWords(s_mpnet);
        AssertSame(mpnet);
        using TokenizerFolder bert = OfWords(Words);
        AssertSame(bert);
    }

    [TestMethod]
    public void A_tokenizer_json_that_is_there_stays_as_it_is()
    {
        using var folder = new TokenizerFolder();
        folder.Write("tokenizer.json", WordPiece(Words));
        TokenizerFiles files = TokenizerFiles.Read(folder.Path);
        Assert.AreSame(files.Contents, files.WithWhole());
    }

    [TestMethod]
    public void What_others_read_of_it_is_there()
    {
        using TokenizerFolder folder = OfWords(s_mpnet);
        JsonNode json = JsonNode.Parse(TokenizerFiles.Read(folder.Path).WithWhole()["tokenizer.json"])!;
        Assert.AreEqual("1.0", json["version"]!.GetValue<string>());
        Assert.AreEqual("[UNK]", json["model"]!["unk_token"]!.GetValue<string>());
        JsonNode mask = json["added_tokens"]!
            .AsArray()
            .Single(token => token!["content"]!.GetValue<string>() == "<mask>")!;
        Assert.IsTrue(mask["special"]!.GetValue<bool>());
        Assert.IsTrue(mask["lstrip"]!.GetValue<bool>());
        Assert.AreEqual(
            "<s> A </s> </s> B </s>",
            string.Join(
                ' ',
                json["post_processor"]!["pair"]!
                    .AsArray()
                    .Select(part => (part!["SpecialToken"] ?? part["Sequence"])!["id"]!.GetValue<string>())
            )
        );
    }

    private static void AssertSame(TokenizerFolder folder)
    {
        EncoderTokenizer before = folder.Load();
        foreach (EncoderTokenizer after in Written(folder))
        {
            Assert.AreEqual(before.VocabularySize, after.VocabularySize);
            Gen.Int[0, s_parts.Length - 1]
                .Select(i => s_parts[i])
                .Array[0, 8]
                .Select(string.Concat)
                .Sample(text => before.Encode(text, 64, out _).SequenceEqual(after.Encode(text, 64, out _)), iter: 300);
        }
    }

    // From the one file alone, and beside the others as SaveEncoder leaves it.
    private static IEnumerable<EncoderTokenizer> Written(TokenizerFolder folder)
    {
        IReadOnlyDictionary<string, byte[]> files = TokenizerFiles.Read(folder.Path).WithWhole();
        byte[] whole = files[TokenizerFiles.Whole];
        yield return EncoderTokenizer.Create(
            new TokenizerFiles(new Dictionary<string, byte[]> { [TokenizerFiles.Whole] = whole }, "alone")
        );
        yield return EncoderTokenizer.Create(new TokenizerFiles(files, "beside"));
    }
}
