using System.Text.Json;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tokenization;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

[TestClass]
public sealed class EncoderTokenizerTests
{
    private static readonly string[] Words =
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

    [TestMethod]
    [DataRow("bert-base-uncased-tokenizer", "tokens-bert-uncased.json")]
    [DataRow("roberta-base-tokenizer", "tokens-roberta.json")]
    public void Ids_equal_those_of_the_reference_tokenizer(string model, string reference)
    {
        EncoderTokenizer tokenizer = EncoderTokenizer.Load(SharedFolder.Require("models", model));
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Require("refs", reference)));
        Assert.AreNotEqual(0, json.RootElement.GetArrayLength());
        foreach (JsonElement entry in json.RootElement.EnumerateArray())
        {
            string text = entry.GetProperty("text").GetString()!;
            int[] expected = entry.GetProperty("ids").Deserialize<int[]>()!;
            int[] ids = tokenizer.Encode(text, expected.Length + 100, out _);
            CollectionAssert.AreEqual(expected, ids, $"{text}: expected {Line(expected)}, found {Line(ids)}");
        }
    }

    [TestMethod]
    public void Ids_of_texts_for_a_real_model_equal_the_reference_cut_included()
    {
        string folder = SharedFolder.Require("models", "all-MiniLM-L6-v2");
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Require("refs", "minilm", "texts.json")));
        int[][] expected = json.RootElement.GetProperty("input_ids").Deserialize<int[][]>()!;
        string[] texts = json.RootElement.GetProperty("texts").Deserialize<string[]>()!;
        EncoderTokenizer tokenizer = EncoderTokenizer.Load(folder);
        int longest = expected.Max(ids => ids.Length);
        for (int i = 0; i < texts.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], tokenizer.Encode(texts[i], longest, out _), texts[i]);
        }
    }

    [TestMethod]
    public void What_is_both_control_character_and_whitespace_is_removed_before_bert_breaks_words()
    {
        using TokenizerFolder folder = TokenizerFolder.Of("bert-base-uncased-tokenizer", "vocab.txt");
        Assert.AreEqual("101 28670 5243 2818 1007 102", folder.Ids("Opaque\u0085Each)"));
        Assert.AreEqual("101 28670 2169 102", folder.Ids("Opaque\u2028Each"));
        Assert.AreEqual("101 28670 2169 102", folder.Ids("Opaque\rEach"));
    }

    [TestMethod]
    [DataRow("\t", "0 1437 50117 2")]
    [DataRow("a", "0 10 2")]
    [DataRow(" a", "0 10 2")]
    [DataRow("\u00A0a", "0 1437 50141 102 2")]
    [DataRow("", "0 2")]
    public void A_prefix_space_is_added_unless_the_text_starts_with_a_space(string text, string ids)
    {
        using TokenizerFolder folder = TokenizerFolder.Of("roberta-base-tokenizer", "vocab.json", "merges.txt");
        folder.Write("tokenizer_config.json", """{"add_prefix_space": true}""");
        Assert.AreEqual(ids, folder.Ids(text));
    }

    [TestMethod]
    [DataRow(100, "5 6 6")]
    [DataRow(101, "1")]
    public void A_word_of_up_to_a_hundred_letters_is_cut_into_pieces_also_beyond_UTF16(int letters, string start)
    {
        using TokenizerFolder folder = TokenizerFolder.OfWords([.. Words[..5], "\U0001D518", "##\U0001D518"]);
        StringAssert.StartsWith(
            folder.Ids(string.Concat(Enumerable.Repeat("\U0001D518", letters))) + " ",
            $"2 {start} "
        );
    }

    [TestMethod]
    public void Cutting_keeps_both_special_tokens_and_says_so()
    {
        using TemporaryFolder folder = WordPieceFolder();
        EncoderTokenizer tokenizer = EncoderTokenizer.Load(folder.Path);
        CollectionAssert.AreEqual(new[] { 2, 5, 6, 3 }, tokenizer.Encode("reddish cafe", 4, out bool truncated));
        Assert.IsTrue(truncated);
        CollectionAssert.AreEqual(new[] { 2, 5, 6, 8, 3 }, tokenizer.Encode("reddish cafe", 5, out truncated));
        Assert.IsFalse(truncated);
        CollectionAssert.AreEqual(new[] { 2, 3 }, tokenizer.Encode("", 2, out truncated));
        Assert.IsFalse(truncated);
    }

    [TestMethod]
    public void Symbols_accents_and_special_tokens_in_a_text_are_read_as_the_vocabulary_writes_them()
    {
        using TemporaryFolder folder = WordPieceFolder();
        EncoderTokenizer tokenizer = EncoderTokenizer.Load(folder.Path);
        CollectionAssert.AreEqual(new[] { 2, 8, 7, 5, 4, 1, 3 }, tokenizer.Encode("CAFÉ+Red[MASK]blue", 9, out _));
    }

    [TestMethod]
    public void A_cased_vocabulary_keeps_case_and_accents()
    {
        using TemporaryFolder folder = WordPieceFolder();
        File.WriteAllText(folder["tokenizer_config.json"], """{"do_lower_case": false}""");
        EncoderTokenizer tokenizer = EncoderTokenizer.Load(folder.Path);
        CollectionAssert.AreEqual(new[] { 2, 1, 5, 1, 3 }, tokenizer.Encode("Red red café", 9, out _));
    }

    [TestMethod]
    public void Files_that_were_read_make_the_same_tokenizer_without_the_folder()
    {
        TokenizerFiles files;
        using (TemporaryFolder folder = WordPieceFolder())
        {
            files = TokenizerFiles.Read(folder.Path);
        }
        CollectionAssert.AreEqual(new[] { 2, 5, 3 }, EncoderTokenizer.Create(files).Encode("red", 9, out _));
    }

    [TestMethod]
    public void Threads_share_a_tokenizer()
    {
        using TemporaryFolder folder = WordPieceFolder();
        EncoderTokenizer tokenizer = EncoderTokenizer.Load(folder.Path);
        Parallel.For(
            0,
            200,
            _ => CollectionAssert.AreEqual(new[] { 2, 5, 6, 8, 3 }, tokenizer.Encode("Reddish café", 9, out bool _))
        );
    }

    [TestMethod]
    public void Missing_and_damaged_files_are_named()
    {
        using var empty = new TemporaryFolder();
        StringAssert.Contains(
            Assert.ThrowsExactly<FileNotFoundException>(() => EncoderTokenizer.Load(empty.Path)).Message,
            "vocab.txt"
        );

        using TemporaryFolder folder = WordPieceFolder();
        File.WriteAllLines(folder["vocab.txt"], Words.Where(word => word != "[SEP]"));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => EncoderTokenizer.Load(folder.Path)).Message,
            "[SEP]"
        );
        File.WriteAllLines(folder["vocab.txt"], [.. Words, "red"]);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => EncoderTokenizer.Load(folder.Path)).Message,
            "'red' stands in line 6"
        );
        File.WriteAllLines(folder["vocab.txt"], Words);
        File.WriteAllText(folder["tokenizer_config.json"], "{");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => EncoderTokenizer.Load(folder.Path)).Message,
            "tokenizer_config.json"
        );

        File.Delete(folder["vocab.txt"]);
        File.Delete(folder["tokenizer_config.json"]);
        File.WriteAllText(folder["vocab.json"], """{"<s>": 0, "<pad>": 1, "</s>": "two"}""");
        File.WriteAllText(folder["merges.txt"], "#version: 0.2\n");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => EncoderTokenizer.Load(folder.Path)).Message,
            "vocab.json"
        );
        File.WriteAllText(folder["vocab.json"], """{"<s>": 0, "<pad>": 1, "</s>": 2}""");
        File.WriteAllText(folder["merges.txt"], "#version: 0.2\na b\n");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => EncoderTokenizer.Load(folder.Path)).Message,
            "merges.txt"
        );
    }

    private static TemporaryFolder WordPieceFolder()
    {
        var folder = new TemporaryFolder();
        File.WriteAllLines(folder["vocab.txt"], Words);
        return folder;
    }

    private static string Line(int[] ids) => string.Join(' ', ids);
}
