using System.Text.Json.Nodes;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Transforms.Tests.Tokenization;

namespace Ssna.MLNet.Transforms.Tests;

public sealed partial class EncoderLayersTests
{
    [TestMethod]
    public void A_tokenizer_json_and_added_tokens_are_saved_with_the_model()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["model"]);
        string[] words = File.ReadAllLines(folder["model", "vocab.txt"]);
        // The last word is no word of the model any more, but a token that is added to it.
        JsonObject json = TokenizerFolder.WordPiece(words[..^1]);
        File.Delete(folder["model", "vocab.txt"]);
        File.WriteAllText(folder["model", "tokenizer.json"], json.ToJsonString());
        File.WriteAllText(folder["model", "tokenizer_config.json"], """{"tokenizer_class": "BertTokenizer"}""");
        File.WriteAllText(folder["model", "added_tokens.json"], $$"""{"<brand>": {{words.Length - 1}}}""");

        string[] texts = ["red <brand> pan", "red [UNK] pan", "red with pan"];
        using EncoderLayersTransformer transformer = Fit(options => options.Model = folder["model"]);
        byte[] zip = Save(transformer);
        float[][] expected = Layers(transformer, View(texts));
        Directory.Delete(folder["model"], recursive: true);
        using var loaded = (EncoderLayersTransformer)Load(zip);
        AreClose(expected, Layers(loaded, View(texts)));
        CollectionAssert.AreNotEqual(expected[0], expected[1]);
        CollectionAssert.AreEqual(expected[1], expected[2]);
        // The encoder is the one with a vocab.txt that calls the token "with".
        AreClose([expected[0]], Layers(Fit(), View(texts[2])));
    }

    [TestMethod]
    [DataRow(0, null)]
    [DataRow(1, "1 have no token")]
    [DataRow(127, "127 have no token")]
    public void Embeddings_without_a_token_are_a_line_in_the_log(int spare, string? line)
    {
        using TemporaryFolder folder = WithSpareRows(spare);
        var lines = new List<string>();
        _mlContext.Log += (_, entry) => lines.Add(entry.RawMessage);
        Fit(options => options.Model = folder.Path).Dispose();
        Assert.AreEqual(
            line is null ? 0 : 1,
            lines.Count(each => each.Contains("have no token", StringComparison.Ordinal))
        );
        Assert.IsTrue(line is null || lines.Exists(each => each.Contains(line, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_vocabulary_that_was_cut_short_is_refused_with_both_counts_and_files()
    {
        using TemporaryFolder folder = WithSpareRows(128);
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => Fit(options => options.Model = folder.Path))
            .Message;
        StringAssert.Contains(message, "17 ids");
        StringAssert.Contains(message, "145 rows");
        StringAssert.Contains(message, folder["vocab.txt"]);
        StringAssert.Contains(message, folder["config.json"]);
    }

    [TestMethod]
    public void A_token_without_an_embedding_is_named()
    {
        using TemporaryFolder folder = WithSpareRows(0);
        File.WriteAllText(folder["added_tokens.json"], """{"<brand>": 17}""");
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => Fit(options => options.Model = folder.Path))
            .Message;
        StringAssert.Contains(message, "'<brand>' with the id 17");
        StringAssert.Contains(message, "17 rows");
    }

    [TestMethod]
    public void Texts_are_cut_where_the_tokenizer_was_made_to_end_unless_an_option_says_another()
    {
        using TemporaryFolder folder = WithSpareRows(0);
        File.WriteAllText(folder["tokenizer_config.json"], """{"model_max_length": 4}""");
        string[] texts = ["red pan", "red pan for"];
        float[][] cut = Layers(Fit(options => options.Model = folder.Path), View(texts));
        AreClose([cut[0]], [cut[1]]);
        float[][] whole = Layers(
            Fit(options => (options.Model, options.MaximumTokens) = (folder.Path, 5)),
            View(texts)
        );
        CollectionAssert.AreNotEqual(whole[0], whole[1]);
    }

    private static TemporaryFolder WithSpareRows(int spare)
    {
        var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        EncoderConfiguration configuration = EncoderConfiguration.Load(folder.Path);
        using TextEncoder encoder = TextEncoder.Create(
            configuration with
            {
                VocabularySize = configuration.VocabularySize + spare,
            },
            seed: 1
        );
        encoder.Save(folder.Path);
        return folder;
    }
}
