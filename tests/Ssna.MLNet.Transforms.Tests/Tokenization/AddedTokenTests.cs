using Ssna.MLNet.Tokenization;
using static Ssna.MLNet.Transforms.Tests.Tokenization.TokenizerFolder;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>Tokens outside the vocabulary, and special tokens, wherever they are written.</summary>
[TestClass]
public sealed class AddedTokenTests
{
    [TestMethod]
    [DataRow("added_tokens.json", """{"<brand>": 30522}""")]
    [DataRow(
        "tokenizer_config.json",
        """{"added_tokens_decoder": {"30522": {"content": "<brand>", "normalized": true, "special": false}}}"""
    )]
    [DataRow("tokenizer_config.json", """{"additional_special_tokens": ["<brand>"]}""")]
    [DataRow("tokenizer_config.json", """{"extra_special_tokens": ["<brand>"]}""")]
    [DataRow("special_tokens_map.json", """{"additional_special_tokens": [{"content": "<brand>"}]}""")]
    public void A_token_outside_the_vocabulary_file_is_one_token(string file, string content)
    {
        using TokenizerFolder folder = Of("bert-base-uncased-tokenizer", "vocab.txt");
        Assert.AreNotEqual("101 1037 30522 1038 102", folder.Ids("a <brand> b"));
        folder.Write(file, content);
        Assert.AreEqual("101 1037 30522 1038 102", folder.Ids("a <brand> b"));
        Assert.AreEqual(30523, folder.Load().VocabularySize);
    }

    [TestMethod]
    [DataRow("special_tokens_map.json", """{"mask_token": {"content": "<mask>", "STRIP": true}}""")]
    [DataRow(
        "tokenizer_config.json",
        """{"mask_token": {"__type": "AddedToken", "content": "<mask>", "STRIP": true, "normalized": false}}"""
    )]
    [DataRow(
        "tokenizer_config.json",
        """{"added_tokens_decoder": {"50264": {"content": "<mask>", "STRIP": true, "special": true}}, "mask_token": "<mask>"}"""
    )]
    public void A_token_that_strips_takes_the_whitespace_beside_it(string file, string content)
    {
        using TokenizerFolder folder = Of("roberta-base-tokenizer", "vocab.json", "merges.txt");
        Assert.AreEqual("0 102 1437 50264 741 2", folder.Ids("a <mask> b"));
        folder.Write(file, content.Replace("STRIP", "lstrip", StringComparison.Ordinal));
        Assert.AreEqual("0 102 50264 741 2", folder.Ids("a <mask> b"));
        folder.Write(file, content.Replace("STRIP", "rstrip", StringComparison.Ordinal));
        Assert.AreEqual("0 102 1437 50264 428 2", folder.Ids("a <mask>  b"));
    }

    [TestMethod]
    public void A_list_of_added_tokens_in_the_settings_leaves_the_older_files_unread()
    {
        using TokenizerFolder folder = OfWords(Words);
        folder.Write("added_tokens.json", """{"<old>": 9}""");
        folder.Write("special_tokens_map.json", """{"additional_special_tokens": ["<older>"]}""");
        Assert.AreEqual("2 9 10 3", folder.Ids("<old><older>"));
        folder.Write(
            "tokenizer_config.json",
            """{"added_tokens_decoder": {"9": {"content": "<new>", "special": true}}}"""
        );
        Assert.AreEqual("2 9 1 1 1 3", folder.Ids("<new><old>"));
    }

    [TestMethod]
    public void Only_where_it_is_to_be_normalised_does_case_not_matter()
    {
        using TokenizerFolder folder = OfWords(Words);
        const string Decoder =
            """{"added_tokens_decoder": {"9": {"content": "Brand", "normalized": NORMAL, "special": false}}}""";
        folder.Write("tokenizer_config.json", Decoder.Replace("NORMAL", "true", StringComparison.Ordinal));
        Assert.AreEqual("2 9 5 9 9 3", folder.Ids("BRAND red brand Bränd"));
        folder.Write("tokenizer_config.json", Decoder.Replace("NORMAL", "false", StringComparison.Ordinal));
        Assert.AreEqual("2 1 5 1 9 3", folder.Ids("BRAND red brand Brand"));
    }

    [TestMethod]
    public void A_token_that_is_a_word_of_its_own_is_not_found_within_another()
    {
        using TokenizerFolder folder = OfWords(Words);
        folder.Write(
            "tokenizer_config.json",
            """{"added_tokens_decoder": {"9": {"content": "X1", "single_word": true, "normalized": false}}}"""
        );
        Assert.AreEqual("2 9 7 9 1 1 1 3", folder.Ids("X1+X1 X12 aX1 X1é"));
    }

    [TestMethod]
    public void The_first_and_then_the_longest_token_wins()
    {
        using TokenizerFolder folder = OfWords(Words);
        folder.Write("added_tokens.json", """{"<a>": 9, "<a><b>": 10, "<b>": 11, "b><a": 12}""");
        Assert.AreEqual("2 10 9 11 3", folder.Ids("<a><b><a> <b>"));
        Assert.AreEqual("2 12 1 3", folder.Ids("b><a>"));
    }

    [TestMethod]
    public void A_role_that_no_token_has_is_none_and_one_at_the_ends_is_an_error()
    {
        using TokenizerFolder folder = OfWords([.. Words.Where(word => word != "[MASK]")]);
        Assert.AreEqual(8, folder.Load().VocabularySize);
        folder.Write("tokenizer_config.json", """{"cls_token": "<cls>"}""");
        StringAssert.Contains(folder.Refusal(), "'<cls>'");
        folder.Write("added_tokens.json", """{"<cls>": 8}""");
        Assert.AreEqual("8 4 3", folder.Ids("red"));
    }

    [TestMethod]
    [DataRow("added_tokens.json", """{"red": 6}""", "'red'")]
    [DataRow("added_tokens.json", """{"<a>": 5}""", "'red'")]
    [DataRow("added_tokens.json", """{"<a>": -5}""", "'<a>'")]
    [DataRow("added_tokens.json", """["<a>"]""", "object")]
    [DataRow("tokenizer_config.json", """{"added_tokens_decoder": {"x": {"content": "<a>"}}}""", "'x'")]
    [DataRow("tokenizer_config.json", """{"added_tokens_decoder": ["<a>"]}""", "added_tokens_decoder")]
    [DataRow("tokenizer_config.json", """{"additional_special_tokens": "<a>"}""", "additional_special_tokens")]
    [DataRow("tokenizer_config.json", """{"cls_token": 5}""", "found Number")]
    [DataRow("special_tokens_map.json", """{"cls_token": {"lstrip": true}}""", "content")]
    public void Entries_that_contradict_the_vocabulary_or_are_none_are_refused(
        string file,
        string content,
        string named
    )
    {
        using TokenizerFolder folder = OfWords(Words).Write(file, content);
        string message = folder.Refusal();
        StringAssert.Contains(message, folder[file]);
        StringAssert.Contains(message, named);
    }

    [TestMethod]
    public void A_token_with_an_id_of_its_own_keeps_it()
    {
        using TokenizerFolder folder = OfWords(Words).Write("added_tokens.json", """{"<a>": 100}""");
        EncoderTokenizer tokenizer = folder.Load();
        Assert.AreEqual(101, tokenizer.VocabularySize);
        CollectionAssert.AreEqual(new[] { 2, 100, 3 }, tokenizer.Encode("<a>", 9, out _));
    }
}
