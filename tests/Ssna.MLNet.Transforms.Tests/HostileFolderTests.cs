using System.Diagnostics;
using System.Text.Json.Nodes;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests;

/// <summary>Model folders that would fill the memory or never end, were they believed. Read in another process, with limits.</summary>
[TestClass]
public sealed class HostileFolderTests
{
    [TestMethod]
    public void Sizes_that_no_tensor_has_are_refused_before_anything_is_made()
    {
        (string Family, string Field, int Value)[] forged =
        [
            ("Bert", "num_hidden_layers", 1_000_000),
            ("Bert", "num_hidden_layers", int.MaxValue),
            ("Bert", "hidden_size", int.MaxValue - 1),
            ("Bert", "intermediate_size", int.MaxValue),
            ("Bert", "vocab_size", int.MaxValue),
            ("Bert", "max_position_embeddings", int.MaxValue),
            ("Bert", "type_vocab_size", int.MaxValue),
            ("Bert", "pad_token_id", int.MaxValue),
            ("MPNet", "num_hidden_layers", int.MaxValue),
            ("MPNet", "num_attention_heads", 16),
            ("MPNet", "max_position_embeddings", int.MaxValue),
            ("MPNet", "relative_attention_num_buckets", int.MaxValue),
            ("MPNet", "pad_token_id", 0),
        ];
        using var folder = new TemporaryFolder();
        string[] paths = [.. forged.Select((_, i) => folder[$"{i}"])];
        for (int i = 0; i < paths.Length; i++)
        {
            TinyEncoder.Write(paths[i], familyName: forged[i].Family);
            string configuration = Path.Combine(paths[i], "config.json");
            JsonNode json = JsonNode.Parse(File.ReadAllText(configuration))!;
            json[forged[i].Field] = forged[i].Value;
            File.WriteAllText(configuration, json.ToJsonString());
        }
        LimitedProcess.Result result = FreshProcess.Try("encoders", paths);
        Assert.IsNull(result.Ended, $"ended at a limit of {result.Ended} after {result.Output.Count} folders");
        Assert.AreEqual(0, result.ExitCode, result.Errors);
        Assert.HasCount(paths.Length, result.Output);
        for (int i = 0; i < paths.Length; i++)
        {
            StringAssert.StartsWith(result.Output[i], "InvalidDataException", forged[i].Field);
            StringAssert.Contains(result.Output[i], paths[i], forged[i].Field);
        }
        StringAssert.Contains(result.Output[0], "expected the tensors of 1000000 layers");
    }

    [TestMethod]
    [OSCondition(
        ConditionMode.Exclude,
        OperatingSystems.Windows,
        IgnoreMessage = "Windows has no devices and pipes among files."
    )]
    public void What_is_no_regular_file_or_absurdly_large_is_refused_before_it_is_read()
    {
        using var folder = new TemporaryFolder();
        (string File, Action<string> Make)[] hostile =
        [
            ("config.json", path => File.CreateSymbolicLink(path, "/dev/zero")),
            ("config.json", path => Process.Start("mkfifo", [path]).WaitForExit()),
            ("config.json", path => Directory.CreateDirectory(path)),
            ("config.json", path => SetLength(path, 100_000_000)),
            ("vocab.txt", path => SetLength(path, 200_000_000)),
            ("vocab.txt", path => File.CreateSymbolicLink(path, "/dev/zero")),
            ("tokenizer_config.json", path => Process.Start("mkfifo", [path]).WaitForExit()),
            ("model.safetensors", path => Process.Start("mkfifo", [path]).WaitForExit()),
            ("model.safetensors", path => File.CreateSymbolicLink(path, "/dev/zero")),
        ];
        string[] paths = [.. hostile.Select((_, i) => folder[$"{i}"])];
        for (int i = 0; i < paths.Length; i++)
        {
            TinyEncoder.Write(paths[i]);
            string file = Path.Combine(paths[i], hostile[i].File);
            File.Delete(file);
            hostile[i].Make(file);
        }
        LimitedProcess.Result result = FreshProcess.Try("encoders", paths);
        Assert.IsNull(result.Ended, $"ended at a limit of {result.Ended} after {result.Output.Count} folders");
        Assert.HasCount(paths.Length, result.Output, result.Errors);
        for (int i = 0; i < paths.Length; i++)
        {
            Assert.AreNotEqual("read", result.Output[i], $"{i}");
            StringAssert.Contains(result.Output[i], hostile[i].File, $"{i}");
            StringAssert.Contains(result.Output[i], paths[i], $"{i}");
        }
    }

    [TestMethod]
    public void Links_to_regular_files_are_read_as_the_hubs_own_cache_has_them()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["blobs"]);
        Directory.CreateDirectory(folder["snapshot"]);
        foreach (string file in Directory.EnumerateFiles(folder["blobs"]))
        {
            Link(folder["snapshot", Path.GetFileName(file)], file);
        }
        CollectionAssert.AreEqual(new[] { "read" }, FreshProcess.Try("encoders", folder["snapshot"]).Output.ToArray());
    }

    private static void Link(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
        }
        catch (IOException e) when (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive($"Windows makes links for administrators and in developer mode alone: {e.Message}");
        }
    }

    private static void SetLength(string path, long length)
    {
        using FileStream file = File.Create(path);
        file.SetLength(length);
    }
}
