using System.Text;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

[TestClass]
public sealed class EncoderConfigurationTests
{
    private const string Sizes =
        "\"vocab_size\": 9, \"hidden_size\": 8, \"num_hidden_layers\": 1, \"intermediate_size\": 4";

    [TestMethod]
    public void Roberta_counts_positions_from_its_padding_id()
    {
        EncoderConfiguration configuration = Parse(
            $$"""{"model_type": "roberta", {{Sizes}}, "num_attention_heads": 2, "max_position_embeddings": 514}"""
        );
        Assert.AreEqual(2, configuration.FirstPosition);
        Assert.AreEqual(512, configuration.MaximumTokens);
    }

    [TestMethod]
    [DataRow(nameof(EncoderFamily.Bert))]
    [DataRow(nameof(EncoderFamily.Roberta))]
    [DataRow(nameof(EncoderFamily.DistilBert))]
    public void What_is_written_is_read_back(string family)
    {
        EncoderConfiguration configuration = TextEncoderTests.Tiny(Enum.Parse<EncoderFamily>(family));
        Assert.AreEqual(configuration, EncoderConfiguration.Parse(configuration.ToJson(), "test"));
    }

    [TestMethod]
    [DataRow("""{"model_type": "t5"}""", "\"t5\"")]
    [DataRow("""{}""", "'model_type'")]
    [DataRow($$"""{"model_type": "bert", {{Sizes}}, "max_position_embeddings": 4}""", "'num_attention_heads'")]
    [DataRow(
        $$"""{"model_type": "bert", {{Sizes}}, "num_attention_heads": 3, "max_position_embeddings": 4}""",
        "no divisor of 'hidden_size'"
    )]
    [DataRow(
        $$"""{"model_type": "bert", {{Sizes}}, "num_attention_heads": 2.5, "max_position_embeddings": 4}""",
        "2.5"
    )]
    [DataRow(
        $$"""{"model_type": "bert", {{Sizes}}, "num_attention_heads": 2, "max_position_embeddings": 0}""",
        "'max_position_embeddings'"
    )]
    [DataRow(
        $$"""{"model_type": "roberta", {{Sizes}}, "num_attention_heads": 2, "max_position_embeddings": 3}""",
        "at least 4"
    )]
    [DataRow(
        $$"""{"model_type": "bert", {{Sizes}}, "num_attention_heads": 2, "max_position_embeddings": 4, "hidden_act": "silu"}""",
        "\"silu\""
    )]
    [DataRow(
        $$"""{"model_type": "bert", {{Sizes}}, "num_attention_heads": 2, "max_position_embeddings": 4, "layer_norm_eps": "x"}""",
        "'layer_norm_eps'"
    )]
    [DataRow(
        $$"""{"model_type": "bert", {{Sizes}}, "num_attention_heads": 2, "max_position_embeddings": 4, "position_embedding_type": "relative_key"}""",
        "relative_key"
    )]
    [DataRow("""[]""", "JSON object")]
    [DataRow("""{""", "not JSON")]
    public void A_configuration_of_another_kind_is_refused(string json, string named)
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => Parse(json), json).Message;
        StringAssert.Contains(message, "some.json");
        StringAssert.Contains(message, named);
    }

    [TestMethod]
    public void A_folder_without_configuration_is_named()
    {
        using var folder = new TemporaryFolder();
        string message = Assert
            .ThrowsExactly<FileNotFoundException>(() => EncoderConfiguration.Load(folder.Path))
            .Message;
        StringAssert.Contains(message, folder.Path);
        StringAssert.Contains(message, "config.json");
    }

    private static EncoderConfiguration Parse(string json) =>
        EncoderConfiguration.Parse(Encoding.UTF8.GetBytes(json), "some.json");
}
