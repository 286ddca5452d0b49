using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

[TestClass]
public sealed class EncoderConfigurationTests
{
    private const string Sizes =
        "\"vocab_size\": 9, \"hidden_size\": 8, \"num_hidden_layers\": 1, \"intermediate_size\": 4";

    // As models are saved.
    private static readonly JsonSerializerOptions s_saved = new()
    {
        Converters = { new JsonStringEnumConverter() },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

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
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void What_is_written_is_read_back(string family)
    {
        EncoderConfiguration configuration = TinyEncoder.Configuration(family);
        Assert.AreEqual(configuration, EncoderConfiguration.Parse(configuration.ToJson(), "test"));
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Saved_settings_name_the_family_and_are_read_back(string family)
    {
        EncoderConfiguration configuration = TinyEncoder.Configuration(family);
        string json = JsonSerializer.Serialize(configuration, s_saved);
        StringAssert.Contains(json, $"\"Family\":\"{family}\"");
        Assert.AreEqual(configuration, JsonSerializer.Deserialize<EncoderConfiguration>(json, s_saved));
    }

    [TestMethod]
    [DataRow("\"Bert\"", null)]
    [DataRow("\"Roberta\"", null)]
    [DataRow("\"DistilBert\"", null)]
    [DataRow("\"MPNet\"", null)]
    [DataRow("\"T5\"", "Bert, DistilBert, MPNet, Roberta; found 'T5'")]
    [DataRow("0", "found Number")]
    [DataRow("null", "Family")]
    public void The_names_of_families_in_saved_settings_are_for_ever(string saved, string? refused)
    {
        string json = $$"""
            {
              "Family": {{saved}}, "VocabularySize": 9, "Width": 8, "LayerCount": 1, "HeadCount": 2, "InnerWidth": 4,
              "MaximumPositions": 6, "TokenTypes": 0, "Activation": "Gelu", "NormEpsilon": 1e-12, "PadId": 1,
              "FirstPosition": 2, "MaximumTokens": 4
            }
            """;
        if (refused is null)
        {
            EncoderConfiguration configuration = JsonSerializer.Deserialize<EncoderConfiguration>(json, s_saved)!;
            Assert.AreEqual(saved, $"\"{configuration.Family.Name}\"");
            return;
        }
        string message = Assert
            .ThrowsExactly<JsonException>(() => JsonSerializer.Deserialize<EncoderConfiguration>(json, s_saved))
            .Message;
        StringAssert.Contains(message, refused);
    }

    [TestMethod]
    public void Every_family_has_a_name_and_a_model_type_of_its_own()
    {
        CollectionAssert.AllItemsAreUnique(EncoderFamily.All.Select(family => family.Name).ToArray());
        CollectionAssert.AllItemsAreUnique(EncoderFamily.All.Select(family => family.ModelType).ToArray());
        Assert.HasCount(4, EncoderFamily.All);
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
    [DataRow(
        $$"""{"model_type": "mpnet", {{Sizes}}, "num_attention_heads": 2, "max_position_embeddings": 4, "pad_token_id": 0}""",
        "'pad_token_id' of 0"
    )]
    [DataRow(
        $$"""{"model_type": "mpnet", {{Sizes}}, "num_attention_heads": 2, "max_position_embeddings": 4, "relative_attention_num_buckets": 64}""",
        "'relative_attention_num_buckets' to be 32, as nothing else is computed, found 64"
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
