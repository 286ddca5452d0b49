using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>A full disk, a read-only folder and a kill, at each kind of write: what was there is whole afterwards.</summary>
[TestClass]
public sealed class InterruptedWritesTests : IDisposable
{
    private const int EndedBySignal = 128 + 25; // SIGXFSZ
    private static readonly string s_tests = Path.Combine(SharedFolder.Checkout, "tests");
    private static readonly string s_model = Path.Combine(s_tests, "Ssna.MLNet.Tests", "Saved", "0x00010003-LoRA.zip");
    private static readonly string s_layers = Path.Combine(
        s_tests,
        "Ssna.MLNet.Transforms.Tests",
        "Saved",
        "0x00010002-Bert.zip"
    );

    private readonly TemporaryFolder _folder = new();

    [TestInitialize]
    public void RequireLimits()
    {
        NewProcess.RequireBuilt();
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("The limits of a process are set here as Linux has them.");
        }
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void A_full_disk_leaves_what_was_there_whole_and_is_said()
    {
        Dictionary<string, string> before = WriteAll();
        foreach (int limit in (int[])[100, 2000])
        {
            string[] lines = Run("full", limit, out _, All());
            Assert.HasCount(5, lines, string.Join(Environment.NewLine, lines));
            foreach (string line in lines)
            {
                StringAssert.Contains(line, "IOException", line);
            }
            CollectionAssert.AreEquivalent(before, Files());
            Assert.IsEmpty(Directory.GetFiles(_folder.Path, "*.partial", SearchOption.AllDirectories));
        }
        AssertAllIsWritten();
    }

    [TestMethod]
    public void A_folder_that_is_read_only_leaves_what_was_there_whole_and_is_said()
    {
        Dictionary<string, string> before = WriteAll();
        const UnixFileMode readOnly =
            UnixFileMode.UserRead
            | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherExecute;
        string[] folders = [_folder.Path, .. Directory.GetDirectories(_folder.Path, "*", SearchOption.AllDirectories)];
        string[] lines;
        Mode(readOnly);
        try
        {
            lines = Run("readonly", 0, out _, All());
        }
        finally
        {
            Mode(readOnly | UnixFileMode.UserWrite);
        }
        if (lines is ["root"])
        {
            Assert.Inconclusive(
                "This process has root's rights, with which it writes in every folder. It cannot give them up, or the checkout is "
                    + "for root alone to read."
            );
        }
        Assert.HasCount(5, lines, string.Join(Environment.NewLine, lines));
        foreach (string line in lines)
        {
            Assert.IsTrue(
                line.Contains("IOException", StringComparison.Ordinal)
                    || line.Contains("UnauthorizedAccessException", StringComparison.Ordinal),
                line
            );
        }
        CollectionAssert.AreEquivalent(before, Files());

        void Mode(UnixFileMode mode)
        {
            if (OperatingSystem.IsWindows())
            {
                return;
            }
            foreach (string folder in folders)
            {
                File.SetUnixFileMode(folder, mode);
            }
        }
    }

    [TestMethod]
    [DataRow("model")]
    [DataRow("adapter")]
    [DataRow("encoder")]
    [DataRow("layers")]
    [DataRow("search")]
    public void A_kill_within_a_write_leaves_what_was_there_whole(string kind)
    {
        string[] job = [.. All().Chunk(3).Single(job => job[0] == kind)];
        Run("free", 0, out _, [.. All(learningRates: "0.001").Chunk(3).Single(job => job[0] == kind)]);
        Dictionary<string, string> before = Files();
        Assert.IsNotEmpty(before);
        Run("kill", kind == "search" ? 100 : 2000, out int exitCode, job);
        Assert.AreEqual(EndedBySignal, exitCode, "killed by the write");
        Assert.IsNotEmpty(Partials(), "in the middle of a file");
        CollectionAssert.AreEquivalent(before, Files());
        CollectionAssert.Contains(Run("free", 0, out _, job), $"{kind}: written");
    }

    [TestMethod]
    [DataRow("full")]
    [DataRow("kill")]
    public void A_training_whose_checkpoint_is_not_written_whole_ends_as_one_that_was_not_disturbed(string mode)
    {
        Run("free", 0, out _, "checkpoint", _folder["whole.zip"], _folder["other"]);
        string[] job = ["checkpoint", _folder["model.zip"], _folder["checkpoints"]];
        string[] lines = Run(mode, 3000, out int exitCode, job);
        if (mode == "full")
        {
            Assert.Contains(line => line.StartsWith("No checkpoint of step", StringComparison.Ordinal), lines);
        }
        else
        {
            Assert.AreEqual(EndedBySignal, exitCode, "killed by the write");
            Assert.IsNotEmpty(Partials(), "in the middle of a file");
            lines = Run("free", 0, out _, job);
            Assert.Contains(line => line.StartsWith("Going on from step", StringComparison.Ordinal), lines);
        }
        CollectionAssert.Contains(lines, "checkpoint: written");
        Assert.IsEmpty(KilledTrainings.Differences(_folder["whole.zip"], _folder["model.zip"]));
    }

    [TestMethod]
    [DataRow("full")]
    [DataRow("kill")]
    public void A_record_of_the_cache_that_is_not_written_whole_is_computed_again(string mode)
    {
        TinyEncoder.Write(_folder["encoder"]);
        string[] first = Run("free", 0, out _, "cache", _folder["encoder"], _folder["other"]);
        CollectionAssert.Contains(first, "12 computed");
        string[] job = ["cache", _folder["encoder"], _folder["cache"]];
        string[] lines = Run(mode, 500, out int exitCode, job);
        if (mode == "full")
        {
            // Extraction does not end for want of a place to keep what it extracts.
            CollectionAssert.Contains(lines, "cache: written");
            Assert.Contains(line => line.StartsWith("Extracted layers are no longer", StringComparison.Ordinal), lines);
        }
        else
        {
            Assert.AreEqual(EndedBySignal, exitCode, "killed by the write");
        }
        string[] again = Run("free", 0, out _, job);
        CollectionAssert.Contains(again, "cache: written");
        float[] expected = Values(first[0]);
        float[] found = Values(again[0]);
        Assert.HasCount(expected.Length, found);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], found[i], 1e-5f);
        }
        CollectionAssert.Contains(Run("free", 0, out _, job), "0 computed");

        static float[] Values(string line) =>
            [.. line.Split(' ').Select(value => float.Parse(value, CultureInfo.InvariantCulture))];
    }

    [TestMethod]
    public void A_place_below_a_file_is_named()
    {
        var context = new MLContext(1);
        File.WriteAllText(_folder["file"], "before");
        using SsnaTransformer model = SsnaTransformer.Load(context, s_model);
        using var layers = (EncoderLayersTransformer)context.Model.Load(s_layers, out _);
        Refused(model.Save);
        Refused(model.SaveAdapter);
        Refused(model.SaveEncoder);
        Refused(layers.Save);
        Assert.AreEqual("before", File.ReadAllText(_folder["file"]));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_folder.Path));

        void Refused(Action<string> save) =>
            StringAssert.Contains(
                Assert.Throws<IOException>(() => save(_folder["file", "below"])).Message,
                _folder["file"]
            );
    }

    // Everything that is written over what is there, with the sources of what is written the second time.
    private string[] All(string learningRates = "0.001 0.003") =>
        [
            .. (string[])["model", s_model, _folder["model.zip"]],
            .. (string[])["adapter", s_model, _folder["adapter"]],
            .. (string[])["encoder", s_model, _folder["encoder"]],
            .. (string[])["layers", s_layers, _folder["layers.zip"]],
            .. (string[])["search", learningRates, _folder["search"]],
        ];

    private Dictionary<string, string> WriteAll()
    {
        string[] lines = Run("free", 0, out _, All(learningRates: "0.001"));
        Assert.AreEqual(5, lines.Count(line => line.EndsWith(": written", StringComparison.Ordinal)), Join(lines));
        return Files();
    }

    private void AssertAllIsWritten()
    {
        string[] lines = Run("free", 0, out _, All());
        Assert.AreEqual(5, lines.Count(line => line.EndsWith(": written", StringComparison.Ordinal)), Join(lines));
        CollectionAssert.Contains(lines, "2 trials");
        var context = new MLContext(1);
        SsnaTransformer.Load(context, _folder["model.zip"]).Dispose();
        ((IDisposable)context.Model.Load(_folder["layers.zip"], out _)).Dispose();
        Assert.AreEqual(TinyEncoder.Width, EncoderConfiguration.Load(_folder["encoder"]).Width);
    }

    private static string[] Run(string mode, int limit, out int exitCode, params string[] jobs)
    {
        string[] arguments = ["write", mode, limit.ToString(CultureInfo.InvariantCulture), .. jobs];
        (exitCode, string output, string errors) = FreshProcess.Run(FreshProcess.Folder, [], arguments);
        Assert.IsTrue(exitCode is 0 or EndedBySignal, errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private string[] Partials() => Directory.GetFiles(_folder.Path, "*.partial", SearchOption.AllDirectories);

    // What a reader asks for: the hash of each file by its path.
    private Dictionary<string, string> Files() =>
        Directory
            .GetFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is not (".partial" or ".lock"))
            .ToDictionary(path => path, path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));

    private static string Join(string[] lines) => string.Join(Environment.NewLine, lines);
}
