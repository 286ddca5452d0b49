using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Transforms.Tests.Checkpoints;

[TestClass]
public sealed class CheckpointFolderTests
{
    private const string Index = "model.safetensors.index.json";

    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Shards_read_like_one_file()
    {
        using TemporaryFolder folder = Shards("""{"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}""");
        using DisposeScope scope = NewDisposeScope();
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);
        CollectionAssert.AreEquivalent(new[] { "a", "b" }, checkpoint.Names.ToArray());
        Assert.AreEqual(1f, checkpoint.Read("a").sum().item<float>());
        Assert.AreEqual(2f, checkpoint.Read("b").sum().item<float>());
        CollectionAssert.AreEquivalent(
            new[] { Index, "1.safetensors", "2.safetensors" },
            checkpoint.Files.Select(Path.GetFileName).ToArray()
        );
        Assert.ThrowsExactly<KeyNotFoundException>(() => checkpoint.Read("c"));
    }

    [TestMethod]
    [DataRow("""{"weight_map": {"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors"}}""", "'c'")]
    [DataRow("""{"weight_map": {"a": "1.safetensors", "b": "1.safetensors"}}""", "'b'")]
    [DataRow("""{"weight_map": {"b": "1.safetensors"}}""", "'a'")]
    [DataRow("""{"weight_map": {"a": "../1.safetensors"}}""", "../1.safetensors")]
    [DataRow("""{"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}}""", "Duplicate property 'a'")]
    [DataRow("""{"weight_map": {"a": 1}}""", "weight_map")]
    [DataRow("""{"weights": {}}""", "weight_map")]
    [DataRow("[]", "weight_map")]
    [DataRow("{", "not JSON")]
    public void An_index_that_disagrees_with_its_shards_is_refused(string index, string named)
    {
        using TemporaryFolder folder = Shards(index);
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => CheckpointFolder.Open(folder.Path), index)
            .Message;
        StringAssert.Contains(message, Index);
        StringAssert.Contains(message, named);
    }

    [TestMethod]
    public void Missing_files_are_named()
    {
        using TemporaryFolder folder = Shards("""{"weight_map": {"a": "1.safetensors", "b": "3.safetensors"}}""");
        StringAssert.Contains(
            Assert.ThrowsExactly<FileNotFoundException>(() => CheckpointFolder.Open(folder.Path)).Message,
            "3.safetensors"
        );
        using var empty = new TemporaryFolder();
        StringAssert.Contains(
            Assert.ThrowsExactly<FileNotFoundException>(() => CheckpointFolder.Open(empty.Path)).Message,
            "model.safetensors"
        );
    }

    private static TemporaryFolder Shards(string index)
    {
        var folder = new TemporaryFolder();
        using Tensor one = ones(1); // (1)
        using Tensor two = ones(2); // (2)
        SafetensorsWriter.Write(folder["1.safetensors"], [("a", one)]);
        SafetensorsWriter.Write(folder["2.safetensors"], [("b", two)]);
        File.WriteAllText(folder[Index], index);
        return folder;
    }
}
