using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Tools;

[TestClass]
public sealed class GpuCheckTests
{
    private const int Items = 90; // more than a sampled loss draws
    private const int Users = 120;

    private static readonly string s_program = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "Ssna.MLNet.Tests"),
            Path.Combine("tools", "gpu-check"),
            StringComparison.Ordinal
        ),
        "gpu-check.dll"
    );

    [TestMethod]
    public void Without_a_GPU_every_line_has_the_CPUs_figure_and_says_so()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("gpu-check reads the libraries of Linux.");
        }
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        WriteShop(folder.Path);
        (int exitCode, string output, string errors) = Command.Run(
            "dotnet",
            [s_program, "run", "--epochs", "2", "--model", folder.Path, "--data", folder.Path],
            // A card that is there is another test's.
            new() { ["CUDA_VISIBLE_DEVICES"] = "" }
        );
        Assert.AreEqual(0, exitCode, output + errors);
        string[][] rows =
        [
            .. output.Split('\n').Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Split('|')),
        ];
        Assert.IsGreaterThan(20, rows.Length, output);
        foreach (string[] row in rows.Where(row => !row[1].Contains("symbols")))
        {
            Assert.AreEqual("no GPU", row[3].Trim(), string.Join('|', row));
            Assert.AreEqual("", row[4].Trim(), "nothing is good that was not compared");
        }
        Assert.Contains(row => row[1].Contains("symbols") && row[4].Trim() == "good", rows, output);
        Assert.Contains(row => row[1].Contains("AdaLoRA") && double.Parse(row[2]) > 0, rows, output);
    }

    private static void WriteShop(string folder)
    {
        IReadOnlyList<string> words = TinyEncoder.Words;
        File.WriteAllLines(
            Path.Combine(folder, "items.tsv"),
            Enumerable
                .Range(0, Items)
                .Select(item => $"i{item}\t{words[item % 12]} {words[item / 12]} {words[item % 7]}")
                .Prepend("item\ttext")
        );
        File.WriteAllLines(
            Path.Combine(folder, "interactions.tsv"),
            Enumerable
                .Range(0, Users)
                .SelectMany(user => Enumerable.Range(0, 6).Select(i => $"u{user}\ti{(user + i) % Items}\t{i}"))
                .Prepend("user\titem\torder")
        );
    }
}
