using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>The short run of tests/Ssna.MLNet.Fuzz; docs/reliability.md has the long one.</summary>
[TestClass]
public sealed class DamagedFilesTests
{
    [TestMethod]
    public void Damaged_files_of_every_kind_are_refused_by_name_or_read_as_what_they_are()
    {
        string program = Path.Combine(FreshProcess.FolderOf("Ssna.MLNet.Fuzz"), "Ssna.MLNet.Fuzz.dll");
        (int exitCode, string output, string errors) = Command.Run(
            "dotnet",
            [program, "--format", "all", "--count", "100", "--seed", "1"],
            []
        );
        StringAssert.Contains(output, "| model-zip | 100 |", errors);
        Assert.AreEqual(0, exitCode, $"{output}\n{errors}");
    }
}
