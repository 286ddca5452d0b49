using System.Text.Json.Nodes;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Testing;
using static TorchSharp.torch;

namespace Ssna.MLNet.Transforms.Tests;

public sealed partial class EncoderLayersTests
{
    [TestMethod]
    public void A_byte_order_mark_before_config_json_is_passed_over()
    {
        using TemporaryFolder folder = Copy();
        string path = folder["config.json"];
        File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, .. File.ReadAllBytes(path)]);
        using EncoderLayersTransformer transformer = Fit(options => options.Model = folder.Path);
        using EncoderLayersTransformer plain = Fit();
        CollectionAssert.AreEqual(Layers(plain, View("red pan"))[0], Layers(transformer, View("red pan"))[0]);
    }

    [TestMethod]
    [DataRow("config.json")]
    [DataRow("tokenizer_config.json")]
    [DataRow("sentence_bert_config.json")]
    [DataRow("model.safetensors.index.json")]
    public void Json_that_is_no_UTF8_is_refused_with_the_files_name(string name)
    {
        using TemporaryFolder folder = Copy();
        if (name.StartsWith("model", StringComparison.Ordinal))
        {
            File.Delete(folder["model.safetensors"]);
        }
        File.WriteAllBytes(folder[name], [.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]);
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => Fit(options => options.Model = folder.Path))
            .Message;
        StringAssert.Contains(message, folder[name]);
        StringAssert.Contains(message, "expected UTF-8, found other bytes at position 6");
    }

    [TestMethod]
    public void Pruned_heads_are_refused_and_none_are_not()
    {
        using TemporaryFolder folder = Copy();
        Set(folder["config.json"], "pruned_heads", "{}");
        Fit(options => options.Model = folder.Path).Dispose();
        Set(folder["config.json"], "pruned_heads", """{"0": [1]}""");
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => Fit(options => options.Model = folder.Path))
            .Message;
        StringAssert.Contains(message, "'pruned_heads'");
    }

    [TestMethod]
    public void The_limit_of_sentence_embeddings_is_a_line_in_the_log_and_no_limit()
    {
        using TemporaryFolder folder = Copy();
        File.WriteAllText(folder["sentence_bert_config.json"], """{"max_seq_length": 3, "do_lower_case": false}""");
        var lines = new List<string>();
        _mlContext.Log += (_, e) => lines.Add(e.Message);
        using EncoderLayersTransformer transformer = Fit(options => options.Model = folder.Path);
        using EncoderLayersTransformer plain = Fit();
        CollectionAssert.AreEqual(
            Layers(plain, View("red pan with blue lid"))[0],
            Layers(transformer, View("red pan with blue lid"))[0]
        );
        string line = lines.Single(line => line.Contains("max_seq_length", StringComparison.Ordinal));
        StringAssert.Contains(line, "3");
        StringAssert.Contains(line, nameof(EncoderLayersEstimator.Options.MaximumTokens));
    }

    [TestMethod]
    public void Weights_that_are_no_numbers_are_refused_by_name()
    {
        using TemporaryFolder folder = Copy();
        ChangeWeight(folder, weight => weight.view(-1).narrow(0, 0, 1).fill_(float.NaN));
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => Fit(options => options.Model = folder.Path))
            .Message;
        StringAssert.Contains(message, "'embeddings.LayerNorm.weight' to hold finite numbers, found 1 of 16");
    }

    [TestMethod]
    public void Layers_that_are_no_numbers_are_refused_with_their_text_and_kept_nowhere()
    {
        using TemporaryFolder folder = Copy();
        using var cache = new TemporaryFolder();
        ChangeWeight(folder, weight => weight.fill_(3e38f));
        using EncoderLayersTransformer transformer = Fit(options =>
            (options.Model, options.CacheFolder) = (folder.Path, cache.Path)
        );
        string message = Assert.Throws<InvalidOperationException>(() => Layers(transformer, View("red pan"))).Message;
        StringAssert.Contains(message, "'red pan'");
        StringAssert.Contains(message, folder.Path);
        Assert.IsEmpty(Directory.GetFiles(cache.Path));
    }

    private static TemporaryFolder Copy()
    {
        var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Model))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }
        return folder;
    }

    private static void Set(string path, string field, string value)
    {
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        json[field] = JsonNode.Parse(value);
        File.WriteAllText(path, json.ToJsonString());
    }

    private static void ChangeWeight(TemporaryFolder folder, Action<Tensor> change)
    {
        using var scope = NewDisposeScope();
        string path = folder["model.safetensors"];
        (string Name, Tensor Value)[] tensors;
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            tensors = [.. file.Names.Select(name => (name, file.ReadRaw(name)))];
        }
        change(tensors.Single(tensor => tensor.Name == "embeddings.LayerNorm.weight").Value);
        SafetensorsWriter.Write(path, tensors);
    }
}
