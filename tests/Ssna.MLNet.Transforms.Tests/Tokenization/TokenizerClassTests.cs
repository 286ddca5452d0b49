using static Ssna.MLNet.Transforms.Tests.Tokenization.TokenizerFolder;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>The class that tokenizer_config.json names.</summary>
[TestClass]
public sealed class TokenizerClassTests
{
    private static readonly string[] s_mpnet =
    [
        "<s>",
        "<pad>",
        "</s>",
        "[UNK]",
        "red",
        "##dish",
        "<",
        "s",
        ">",
        "<mask>",
    ];

    [TestMethod]
    [DataRow("BertJapaneseTokenizer")]
    [DataRow("AlbertTokenizerFast")]
    [DataRow("berttokenizer")]
    [DataRow("")]
    public void Another_class_is_refused_by_name_with_those_that_are_read(string name)
    {
        using TokenizerFolder folder = OfWords(Words);
        string message = folder.Write("tokenizer_config.json", $$"""{"tokenizer_class": "{{name}}"}""").Refusal();
        StringAssert.Contains(message, folder["tokenizer_config.json"]);
        StringAssert.Contains(message, $"found '{name}'");
        StringAssert.Contains(message, "BertTokenizer, BertTokenizerFast");
        StringAssert.Contains(message, "MPNetTokenizer");
    }

    [TestMethod]
    public void A_class_and_a_vocabulary_of_different_kinds_are_refused()
    {
        using TokenizerFolder folder = OfWords(Words);
        string message = folder.Write("tokenizer_config.json", """{"tokenizer_class": "RobertaTokenizer"}""").Refusal();
        StringAssert.Contains(message, "'RobertaTokenizer' expects byte-level BPE, found WordPiece");
        StringAssert.Contains(message, folder["vocab.txt"]);
        message = folder.Write("tokenizer_config.json", """{"tokenizer_class": "PreTrainedTokenizerFast"}""").Refusal();
        StringAssert.Contains(message, "tokenizer.json alone, which is missing");
    }

    [TestMethod]
    [DataRow("""{"split_special_tokens": true}""", "split_special_tokens")]
    [DataRow("""{"word_tokenizer_type": "mecab"}""", "mecab")]
    [DataRow("""{"subword_tokenizer_type": "character"}""", "character")]
    public void Settings_that_change_the_split_are_refused_by_name(string configuration, string named)
    {
        using TokenizerFolder folder = OfWords(Words).Write("tokenizer_config.json", configuration);
        string message = folder.Refusal();
        StringAssert.Contains(message, folder["tokenizer_config.json"]);
        StringAssert.Contains(message, named);
    }

    [TestMethod]
    public void A_class_that_the_model_names_counts_where_the_tokenizer_names_none()
    {
        using TokenizerFolder folder = OfWords(Words);
        folder.Write("config.json", """{"tokenizer_class": "BertJapaneseTokenizer"}""");
        string message = folder.Refusal();
        StringAssert.Contains(message, folder["config.json"]);
        StringAssert.Contains(message, "BertJapaneseTokenizer");
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "BertTokenizer"}""");
        Assert.AreEqual("2 5 3", folder.Ids("red"));
    }

    [TestMethod]
    [DataRow("""{"tokenizer_class": "MPNetTokenizer"}""")]
    [DataRow("""{"tokenizer_class": "MPNetTokenizerFast", "do_lower_case": true, "mask_token": "<mask>"}""")]
    [DataRow("""{"model_max_length": 512}""")]
    [DataRow(null)]
    public void MPNet_is_WordPiece_between_the_special_tokens_of_RoBERTa(string? configuration)
    {
        using TokenizerFolder folder = OfWords(s_mpnet);
        if (configuration is not null)
        {
            folder.Write("tokenizer_config.json", configuration);
        }
        Assert.AreEqual("0 4 5 3 4 2", folder.Ids("Reddish blue red"));
        // The mask takes the space before it, and the tokens are looked for in the lower-cased text.
        Assert.AreEqual("0 4 9 4 9 4 0 2", folder.Ids("red <mask> red<MASK>red <S>"));
    }

    [TestMethod]
    [DataRow("""{"tokenizer_class": "MPNetTokenizer"}""")]
    [DataRow("""{"tokenizer_class": "PreTrainedTokenizerFast"}""")]
    public void So_it_is_in_a_tokenizer_json(string configuration)
    {
        using var folder = new TokenizerFolder();
        var json = WordPiece(s_mpnet);
        json["added_tokens"] = new System.Text.Json.Nodes.JsonArray(
            With(Added(9, "<mask>"), "lstrip", true),
            Added(0, "<s>"),
            Added(2, "</s>")
        );
        json["post_processor"] = System.Text.Json.Nodes.JsonNode.Parse(
            """{"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}"""
        );
        folder.Write("tokenizer.json", json).Write("tokenizer_config.json", configuration);
        Assert.AreEqual("0 4 5 9 4 6 9 3 2", folder.Ids("Reddish <mask> red< <mask>t"));
    }

    [TestMethod]
    [DataRow("""{"model_max_length": 20}""", 20)]
    [DataRow("""{"model_max_length": 1000000000000000019884624838656}""", null)]
    [DataRow("{}", null)]
    public void The_length_that_it_was_made_for_is_read(string configuration, int? expected)
    {
        using TokenizerFolder folder = OfWords(Words).Write("tokenizer_config.json", configuration);
        Assert.AreEqual(expected, folder.Load().MaximumTokens);
        folder.Write("tokenizer_config.json", """{"model_max_length": 1}""");
        StringAssert.Contains(folder.Refusal(), "model_max_length");
    }
}
