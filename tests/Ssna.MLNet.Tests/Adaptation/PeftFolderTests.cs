using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>Low-rank matrices as PEFT lays them out.</summary>
[TestClass]
public sealed class PeftFolderTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void What_is_written_is_read_again(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var written = new ParameterBuffer();
        using var read = new ParameterBuffer();
        using (LoRAEncoder encoder = TrainableEncoders.LoRA(TrainableEncoders.Tiny(familyName: family), written))
        {
            PeftFolder.Write(folder.Path, encoder);
            using LoRAEncoder other = TrainableEncoders.LoRA(
                TrainableEncoders.Tiny(familyName: family),
                read,
                adapter: folder.Path
            );
            AssertEqual(encoder, other);
        }
        using var singular = new ParameterBuffer();
        using var again = new ParameterBuffer();
        using (AdaLoRAEncoder encoder = TrainableEncoders.AdaLoRA(TrainableEncoders.Tiny(familyName: family), singular))
        {
            PeftFolder.Write(folder.Path, encoder);
            using AdaLoRAEncoder other = TrainableEncoders.AdaLoRA(
                TrainableEncoders.Tiny(familyName: family),
                again,
                folder.Path
            );
            AssertEqual(encoder, other);
        }
    }

    [TestMethod]
    public void Names_and_settings_are_Pefts()
    {
        using var folder = new TemporaryFolder();
        using var parameters = new ParameterBuffer();
        using LoRAEncoder encoder = TrainableEncoders.LoRA(
            TrainableEncoders.Tiny(),
            parameters,
            PeftReference.Targets,
            dropout: 0.25f
        );
        PeftFolder.Write(folder.Path, encoder);

        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder.Path, "adapter_model.safetensors"));
        string[] expected =
        [
            .. from layer in Enumerable.Range(0, 3)
            from map in new[] { "query", "value" }
            from matrix in new[] { "A", "B" }
            select $"base_model.model.encoder.layer.{layer}.attention.self.{map}.lora_{matrix}.weight",
        ];
        CollectionAssert.AreEquivalent(expected, file.Names.ToArray());
        using var configuration = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Path.Combine(folder.Path, "adapter_config.json"))
        );
        Assert.AreEqual("LORA", configuration.RootElement.GetProperty("peft_type").GetString());
        Assert.AreEqual(3, configuration.RootElement.GetProperty("r").GetInt32());
        Assert.AreEqual(6, configuration.RootElement.GetProperty("lora_alpha").GetSingle());
        Assert.AreEqual(0.25f, configuration.RootElement.GetProperty("lora_dropout").GetSingle());
        Assert.AreEqual(6, configuration.RootElement.GetProperty("target_modules").GetArrayLength());
    }

    [TestMethod]
    public void MPNets_maps_have_the_names_that_Peft_gives_them_from_inside_a_classifier_too()
    {
        using var folder = new TemporaryFolder();
        using var parameters = new ParameterBuffer();
        using LoRAEncoder encoder = TrainableEncoders.LoRA(
            TrainableEncoders.Tiny(familyName: nameof(EncoderFamily.MPNet)),
            parameters
        );
        CollectionAssert.AreEqual(
            new[]
            {
                "encoder.layer.2.attention.attn.q",
                "encoder.layer.2.attention.attn.k",
                "encoder.layer.2.attention.attn.v",
                "encoder.layer.2.attention.attn.o",
                "encoder.layer.2.intermediate.dense",
                "encoder.layer.2.output.dense",
            },
            encoder
                .Deltas.Where(delta => delta.Projection.Layer == 2)
                .Select(delta => delta.Projection.Module)
                .ToArray()
        );

        PeftFolder.Write(folder.Path, encoder);
        string weights = folder["adapter_model.safetensors"];
        using DisposeScope scope = NewDisposeScope();
        (string, Tensor)[] renamed;
        using (SafetensorsFile file = SafetensorsFile.Open(weights))
        {
            renamed =
            [
                .. file.Names.Select(name =>
                    (name.Replace("base_model.model.", "base_model.model.mpnet."), file.Read(name))
                ),
            ];
        }
        SafetensorsWriter.Write(weights, renamed);
        string configuration = File.ReadAllText(folder["adapter_config.json"]);
        File.WriteAllText(
            folder["adapter_config.json"],
            configuration.Replace("\"encoder.layer", "\"mpnet.encoder.layer")
        );
        using var read = new ParameterBuffer();
        using LoRAEncoder other = TrainableEncoders.LoRA(
            TrainableEncoders.Tiny(familyName: nameof(EncoderFamily.MPNet)),
            read,
            adapter: folder.Path
        );
        AssertEqual(encoder, other);
    }

    [TestMethod]
    public void Singular_values_that_the_file_leaves_out_are_zero()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var parameters = new ParameterBuffer();
        using AdaLoRAEncoder encoder = TrainableEncoders.AdaLoRA(TrainableEncoders.Tiny(), parameters);
        PeftFolder.Write(folder.Path, encoder);
        // As PEFT shrinks it: the second and the last of four are left of every matrix.
        string weights = Path.Combine(folder.Path, "adapter_model.safetensors");
        var shrunk = new List<(string, Tensor)>();
        using (SafetensorsFile file = SafetensorsFile.Open(weights))
        {
            foreach (string name in file.Names)
            {
                long dimension = name.EndsWith("lora_B") ? 1 : 0;
                shrunk.Add((name, file.Read(name).index_select(dimension, tensor([1L, 3L]))));
            }
        }
        SafetensorsWriter.Write(weights, shrunk);
        string configuration = Path.Combine(folder.Path, "adapter_config.json");
        // From inside a classifier, PEFT names matrices with the encoder's own prefix.
        IEnumerable<string> pattern = encoder.Deltas.Select(delta =>
            $"\"bert.{delta.Values!.Name}\": [false, true, false, true]"
        );
        string json = File.ReadAllText(configuration).TrimEnd().TrimEnd('}');
        File.WriteAllText(configuration, $"{json}, \"rank_pattern\": {{ {string.Join(", ", pattern)} }} }}");

        using var again = new ParameterBuffer();
        using AdaLoRAEncoder read = TrainableEncoders.AdaLoRA(TrainableEncoders.Tiny(), again, folder.Path);
        Assert.IsTrue(read.Ranks().All(rank => rank == 2));
        using (no_grad())
        {
            foreach (LowRankDelta delta in encoder.Deltas)
            {
                delta.Values!.Value.index_fill_(0, tensor([0L, 2L]), 0);
            }
        }
        foreach ((LowRankDelta expected, LowRankDelta found) in encoder.Deltas.Zip(read.Deltas))
        {
            SsnaReference.AssertClose(expected.Weight(), found.Weight(), expected.Projection.Module);
        }
    }

    [TestMethod]
    public void Adapters_of_another_kind_rank_or_model_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        using var parameters = new ParameterBuffer();
        using LoRAEncoder encoder = TrainableEncoders.LoRA(TrainableEncoders.Tiny(), parameters, PeftReference.Targets);
        Assert.ThrowsExactly<FileNotFoundException>(() => PeftFolder.Read(folder.Path, encoder));
        PeftFolder.Write(folder.Path, encoder);
        using var others = new ParameterBuffer();
        using AdaLoRAEncoder adaptive = TrainableEncoders.AdaLoRA(TrainableEncoders.Tiny(), others);
        Names("expected AdaLoRA of rank 4 and alpha 8, found LoRA of rank 3", adaptive);
        using var wider = new ParameterBuffer();
        using LoRAEncoder all = TrainableEncoders.LoRA(TrainableEncoders.Tiny(), wider);
        Names("expected 'target_modules' to mean Query, Key, Value", all);
        WithoutTargets();
        Names("layer.0.attention.self.key.lora_A.weight', found none", all);
        PeftFolder.Write(folder.Path, all);
        WithoutTargets();
        Names("belongs to none of the target projections", encoder);

        PeftFolder.Write(folder.Path, adaptive);
        string configuration = Path.Combine(folder.Path, "adapter_config.json");
        string ranks = File.ReadAllText(configuration).TrimEnd().TrimEnd('}');
        string matrix = adaptive.Deltas[0].Values!.Name;
        File.WriteAllText(
            configuration,
            $"{ranks}, \"rank_pattern\": {{ \"{matrix}\": [true, true, true, true, true] }} }}"
        );
        Names("expected 4 values, one a rank, found 5", adaptive);
        PeftFolder.Write(folder.Path, all);

        string json = File.ReadAllText(configuration);
        File.WriteAllText(configuration, json.Replace("\"bias\": \"none\"", "\"bias\": \"all\""));
        Names("'bias'", all);
        File.WriteAllText(configuration, json.Replace("\"bias\": \"none\"", "\"use_dora\": true"));
        Names("'use_dora'", all);
        File.WriteAllText(configuration, json.Replace("\"LORA\"", "\"IA3\""));
        Names("'peft_type'", all);

        // Then the tensors alone decide.
        void WithoutTargets()
        {
            string path = Path.Combine(folder.Path, "adapter_config.json");
            var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
            json["target_modules"] = null;
            File.WriteAllText(path, json.ToJsonString());
        }

        void Names(string expected, LowRankEncoder target) =>
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidDataException>(() => PeftFolder.Read(folder.Path, target)).Message,
                expected
            );
    }

    [TestMethod]
    [DataRow("modules_to_save", """["classifier"]""")]
    [DataRow("layers_to_transform", "[0]")]
    [DataRow("layers_pattern", "\"layer\"")]
    [DataRow("layer_replication", "[[0, 2]]")]
    [DataRow("alpha_pattern", """{"query": 4}""")]
    [DataRow("rank_pattern", """{"query": 4}""")]
    [DataRow("exclude_modules", """["value"]""")]
    [DataRow("target_parameters", """["weight"]""")]
    [DataRow("trainable_token_indices", "[1]")]
    [DataRow("bias", "\"lora_only\"")]
    [DataRow("lora_bias", "true")]
    [DataRow("use_dora", "true")]
    [DataRow("use_rslora", "true")]
    [DataRow("use_qalora", "true")]
    [DataRow("fan_in_fan_out", "true")]
    [DataRow("init_lora_weights", "\"pissa\"")]
    [DataRow("what_comes_next", "1")]
    [DataRow("target_modules", """["query", "key"]""")]
    [DataRow("target_modules", """["query", "value", "classifier"]""")]
    [DataRow("target_modules", "\"all-linear\"")]
    [DataRow("target_modules", "\".*layer.0.*(query|value)\"")]
    [DataRow("target_modules", "\"(\"")]
    [DataRow("target_modules", "7")]
    public void What_an_adapter_asks_for_and_is_not_computed_is_refused_by_name(string field, string value)
    {
        using TemporaryFolder folder = Adapter(field, value, out LoRAEncoder encoder);
        using (encoder)
        {
            string message = Assert
                .ThrowsExactly<InvalidDataException>(() => PeftFolder.Read(folder.Path, encoder))
                .Message;
            StringAssert.Contains(message, $"'{field}'");
            StringAssert.Contains(message, folder["adapter_config.json"]);
        }
    }

    [TestMethod]
    [DataRow("target_modules", """["query", "value"]""")]
    [DataRow("target_modules", """["self.query", "attention.self.value"]""")]
    [DataRow("target_modules", "\".*layer.*(query|value)\"")]
    [DataRow("modules_to_save", "null")]
    [DataRow("layers_to_transform", "[]")]
    [DataRow("use_dora", "false")]
    [DataRow("rank_pattern", "{}")]
    [DataRow("base_model_name_or_path", "\"another/model\"")]
    [DataRow("init_lora_weights", "true")]
    [DataRow("task_type", "\"FEATURE_EXTRACTION\"")]
    public void What_says_nothing_or_means_the_same_maps_is_read(string field, string value)
    {
        using TemporaryFolder folder = Adapter(field, value, out LoRAEncoder encoder);
        using (encoder)
        {
            PeftFolder.Read(folder.Path, encoder);
        }
    }

    // An adapter of query and value whose configuration says something more.
    private static TemporaryFolder Adapter(string field, string value, out LoRAEncoder encoder)
    {
        var folder = new TemporaryFolder();
        encoder = TrainableEncoders.LoRA(TrainableEncoders.Tiny(), new ParameterBuffer(), PeftReference.Targets);
        PeftFolder.Write(folder.Path, encoder);
        string path = folder["adapter_config.json"];
        var json = (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
        json[field] = System.Text.Json.Nodes.JsonNode.Parse(value);
        File.WriteAllText(path, json.ToJsonString());
        return folder;
    }

    private static void AssertEqual(LowRankEncoder expected, LowRankEncoder found)
    {
        foreach ((LowRankDelta one, LowRankDelta other) in expected.Deltas.Zip(found.Deltas))
        {
            Assert.IsTrue(one.Weight().equal(other.Weight()).all().item<bool>(), one.Projection.Module);
        }
    }
}
