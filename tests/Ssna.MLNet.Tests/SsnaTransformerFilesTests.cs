using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>Save and Load of SsnaTransformer itself, and what they make of files that are not what was saved.</summary>
[TestClass]
public sealed class SsnaTransformerFilesTests
{
    private static readonly MLContext s_context = RingShopModel.Context;

    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public void What_either_saves_either_loads_to_the_last_bit()
    {
        using var folder = new TemporaryFolder();
        IDataView users = RingShop.TrainingUsers<string>(s_context, 20);
        Model.Save(folder["ours.zip"]);
        s_context.Model.Save(Model, users.Schema, folder["theirs.zip"]);
        string[] expected = [.. DataViews.Lines(Model.Transform(users))];
        foreach (string name in (string[])["ours.zip", "theirs.zip"])
        {
            using SsnaTransformer loaded = SsnaTransformer.Load(s_context, folder[name]);
            CollectionAssert.AreEqual(expected, DataViews.Lines(loaded.Transform(users)).ToArray(), name);
            using var elsewhere = (SsnaTransformer)s_context.Model.Load(folder[name], out _);
            CollectionAssert.AreEqual(expected, DataViews.Lines(elsewhere.Transform(users)).ToArray(), name);
        }
        Assert.HasCount(2, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void A_zip_says_which_versions_wrote_it_and_nothing_of_the_machine()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["encoder"]);
        SsnaTrainer.Options options = TextShop.Options(
            s_context,
            new ItemAdaptation.Ssna { LayerCount = 2, AdapterHeads = 2 }
        );
        options.ItemPipeline = s_context.Transforms.Text.ExtractEncoderLayers("Layers", "Text", folder["encoder"]);
        options.MaximumEpochs = 1;
        options.CheckpointFolder = folder["checkpoints"];
        IDataView users = RingShop.TrainingUsers<string>(s_context, 20);
        using SsnaTransformer model = s_context.Recommendation().Trainers.Ssna(options).Fit(users);
        model.Save(folder["model.zip"]);
        using ZipArchive archive = ZipFile.OpenRead(folder["model.zip"]);
        string[] versions = ["TransformerChain/Versions.json", "TransformerChain/ItemPipeline/Versions.json"];
        foreach (string name in versions)
        {
            using Stream stream = archive.GetEntry(name)!.Open();
            var found = JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!;
            CollectionAssert.AreEquivalent(new[] { "Ssna.MLNet", "TorchSharp", "Microsoft.ML" }, found.Keys);
            foreach (string version in found.Values)
            {
                Assert.IsTrue(Version.TryParse(version.Split('-')[0], out _), version);
            }
        }
        string[] ofTheMachine =
        [
            folder.Path,
            Environment.CurrentDirectory,
            AppContext.BaseDirectory,
            Environment.MachineName,
        ];
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using (Stream stream = entry.Open())
            {
                stream.CopyTo(content);
            }
            foreach (string name in ofTheMachine.Where(name => name.Length > 3))
            {
                foreach (Encoding encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode])
                {
                    Assert.AreEqual(
                        -1,
                        content.ToArray().AsSpan().IndexOf(encoding.GetBytes(name)),
                        $"'{entry.FullName}' holds '{name}'"
                    );
                }
            }
        }
    }

    [TestMethod]
    public void A_save_that_fails_leaves_the_old_file_whole()
    {
        using var folder = new TemporaryFolder();
        Model.Save(folder["model.zip"]);
        byte[] before = File.ReadAllBytes(folder["model.zip"]);
        SsnaTransformer gone = Model.WithoutItems(["item01"]);
        gone.Dispose();
        Assert.Throws<Exception>(() => gone.Save(folder["model.zip"]));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(folder["model.zip"]));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Every_entry_that_is_not_what_was_saved_is_named()
    {
        using var folder = new TemporaryFolder();
        Model.Save(folder["model.zip"]);
        byte[] zip = File.ReadAllBytes(folder["model.zip"]);
        string[] entries;
        using (ZipArchive archive = ZipFile.OpenRead(folder["model.zip"]))
        {
            entries = [.. archive.Entries.Select(entry => entry.FullName).Where(name => name != "Checksums.json")];
        }
        Assert.IsGreaterThanOrEqualTo(5, entries.Length);
        foreach (string entry in entries)
        {
            Refused(ZipEdit.Change(zip, entry, bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]), entry);
            Refused(ZipEdit.Change(zip, entry, _ => null), entry);
        }
        Refused(WithEntry(zip, "Schema", [1, 2, 3]), "'Schema' was not there");
        Refused(ZipEdit.Change(zip, "Checksums.json", _ => "[]"u8.ToArray()), "Checksums.json");
        Refused(zip[..^10], "not a saved SSNA model");
        Refused([], "empty");
    }

    [TestMethod]
    public void A_damaged_schema_cannot_keep_Load_busy_as_it_is_not_read()
    {
        using var saved = new MemoryStream();
        s_context.Model.Save(Model, RingShop.TrainingUsers<string>(s_context, 1).Schema, saved);
        byte[] zip = ZipEdit.Change(saved.ToArray(), "Schema", bytes => [.. bytes.Select(value => (byte)~value)]);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.zip"], zip);
        using SsnaTransformer loaded = SsnaTransformer.Load(s_context, folder["model.zip"]);
        Assert.AreEqual(Model.ItemCount, loaded.ItemCount);
    }

    [TestMethod]
    public void A_zip_that_would_fill_the_disk_or_has_names_that_lead_out_of_it_is_refused()
    {
        using var saved = new MemoryStream();
        s_context.Model.Save(Model, null, saved);
        byte[] zip = saved.ToArray();
        Refused(
            WithEntry(zip, "TransformerChain/Bomb.bin", new byte[200_000_000]),
            "it would fill the temporary folder"
        );
        Refused(WithEntry(zip, "../outside.bin", [1]), "'../outside.bin'");
        Refused(WithEntry(zip, "/outside.bin", [1]), "'/outside.bin'");
        Refused(WithEntry(zip, "transformerchain\\model.key", [1]), "found 'transformerchain/model.key' again");
        byte[] crowded = zip;
        using (var stream = new MemoryStream())
        {
            stream.Write(zip);
            using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
            {
                for (int i = 0; i < 10_000; i++)
                {
                    archive.CreateEntry($"entry{i}");
                }
            }
            crowded = stream.ToArray();
        }
        Refused(crowded, "expected at most 10,000 entries");
    }

    [TestMethod]
    public void A_pipeline_without_its_header_is_no_model_without_a_pipeline()
    {
        using var saved = new MemoryStream();
        s_context.Model.Save(Model, null, saved);
        Refused(WithEntry(saved.ToArray(), "TransformerChain/ItemPipeline/Rest.bin", [1]), "ItemPipeline/Model.key");
    }

    [TestMethod]
    public void A_model_of_another_kind_or_of_a_strange_assembly_is_refused()
    {
        using var folder = new TemporaryFolder();
        IDataView users = RingShop.TrainingUsers<string>(s_context, 2);
        s_context.Model.Save(s_context.Transforms.CopyColumns("Other", "User").Fit(users), null, folder["other.zip"]);
        Refused(File.ReadAllBytes(folder["other.zip"]), "expected a model with the signature 'SsnaTransformer'");
        using var saved = new MemoryStream();
        s_context.Model.Save(Model, null, saved);
        Refused(Renamed("Ssna.MLNet,", "Evil.Codes,"), "needs the assembly 'Evil.Codes'");
        Refused(Renamed("Version=1.", "Version=9."), "which cannot be loaded");
        Refused(Renamed("Version=", "V\0\0sion="), "is no name of an assembly");

        byte[] Renamed(string from, string to) =>
            ZipEdit.Change(
                saved.ToArray(),
                "TransformerChain/Model.key",
                bytes =>
                {
                    Encoding
                        .Unicode.GetBytes(to)
                        .CopyTo(bytes, bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(from)));
                    return bytes;
                }
            );
    }

    [TestMethod]
    public void Forged_settings_are_refused_like_options_before_anything_is_made()
    {
        (string From, string To, string Named)[] forged =
        [
            ("\"AttentionHeads\": 2", "\"AttentionHeads\": 0", "AttentionHeads: expected at least 1, found 0"),
            ("\"AttentionHeads\": 2", "\"AttentionHeads\": 3", "AttentionHeads: expected a divisor of Dimension"),
            ("\"Blocks\": 1", "\"Blocks\": 2147483647", "2147483647 layers"),
            ("\"Blocks\": 1", "\"Blocks\": null", "Blocks"),
            ("\"TopK\": 10", "\"TopK\": -5", "TopK: expected at least 1, found -5"),
            ("\"LayerCount\": 1", "\"LayerCount\": 1000000", "LayerCount"),
            ("\"InnerSize\": 32", "\"InnerSize\": 2147483647", "Tensor 'sequence.blocks.0.feed_forward.inner"),
            ("\"MaximumSequenceLength\": 8", "\"MaximumSequenceLength\": 2147483647", "Tensor 'sequence.positions'"),
            ("\"AdapterHeads\": 2", "\"AdapterHeads\": 2147483647", "Tensor 'adapters.0"),
            ("\"Version\": 2", "\"Version\": [2]", "expected settings with a version, found none"),
            ("\"Version\": 2", "\"Version\": 3", "found version 3"),
            ("", "null", "expected settings with a version, found none"),
        ];
        using var folder = new TemporaryFolder();
        using var saved = new MemoryStream();
        s_context.Model.Save(Model, null, saved);
        string[] paths = [.. forged.Select((_, i) => folder[$"{i}.zip"])];
        for (int i = 0; i < forged.Length; i++)
        {
            (string from, string to, _) = forged[i];
            File.WriteAllBytes(
                paths[i],
                ZipEdit.ChangeAndSeal(
                    saved.ToArray(),
                    "Settings.json",
                    bytes =>
                    {
                        string json = Encoding.UTF8.GetString(bytes);
                        string pattern = from.Split(':')[0];
                        int start = from.Length == 0 ? 0 : json.IndexOf(pattern, StringComparison.Ordinal);
                        Assert.IsGreaterThanOrEqualTo(0, start, $"{from} in {json}");
                        int end = from.Length == 0 ? json.Length : json.IndexOfAny([',', '\n', '}'], start);
                        return Encoding.UTF8.GetBytes(json[..start] + to + json[end..]);
                    }
                )
            );
        }
        LimitedProcess.Result result = FreshProcess.Try("models", paths);
        Assert.IsNull(result.Ended, $"ended at a limit of {result.Ended} after {result.Output.Count} models");
        Assert.HasCount(paths.Length, result.Output, result.Errors);
        for (int i = 0; i < paths.Length; i++)
        {
            StringAssert.StartsWith(result.Output[i], "FormatException", forged[i].To);
            StringAssert.Contains(result.Output[i], paths[i], forged[i].To);
            StringAssert.Contains(result.Output[i], forged[i].Named, forged[i].To);
        }
    }

    [TestMethod]
    [DataRow(float.NaN, "to hold finite numbers, found 1 of")]
    [DataRow(3e38f, "to hold numbers of at most 1E+15, found 3E+38")]
    public void Tensors_that_are_no_numbers_to_compute_with_are_refused_by_name(float wrong, string named)
    {
        using var saved = new MemoryStream();
        s_context.Model.Save(Model, null, saved);
        byte[] zip = ZipEdit.ChangeAndSeal(
            saved.ToArray(),
            "Tensors.safetensors",
            bytes =>
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), wrong);
                return bytes;
            }
        );
        Refused(zip, named);
    }

    private static void Refused(byte[] zip, string named)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.zip"], zip);
        string message = Assert
            .ThrowsExactly<FormatException>(() => SsnaTransformer.Load(s_context, folder["model.zip"]), named)
            .Message;
        StringAssert.Contains(message, folder["model.zip"]);
        StringAssert.Contains(message, named);
    }

    private static byte[] WithEntry(byte[] zip, string name, byte[] content)
    {
        using var stream = new MemoryStream();
        stream.Write(zip);
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry(name).Open();
            entry.Write(content);
        }
        return stream.ToArray();
    }
}
