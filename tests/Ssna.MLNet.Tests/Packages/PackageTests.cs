using System.IO.Compression;
using System.Xml.Linq;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Packages;

[TestClass]
public sealed class PackageTests
{
    // The test's own output folder ends in bin/CONFIGURATION/FRAMEWORK.
    private static readonly string s_configuration = AppContext
        .BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)
        .Split(Path.DirectorySeparatorChar)[^2];

    [TestMethod]
    [DataRow("Ssna.MLNet.Transforms")]
    [DataRow("Ssna.MLNet")]
    public void A_package_asks_for_managed_libraries_alone(string project)
    {
        using var folder = new TemporaryFolder();
        string source = Path.Combine(SharedFolder.Checkout, "src", project);
        Command.DotNet("pack", source, "-c", s_configuration, "--no-build", "-o", folder.Path);
        string path = Directory.GetFiles(folder.Path, "*.nupkg").Single();
        using ZipArchive package = ZipFile.OpenRead(path);
        using Stream stream = package.Entries.Single(entry => entry.Name.EndsWith(".nuspec")).Open();
        string[] dependencies =
        [
            .. XDocument
                .Load(stream)
                .Descendants()
                .Where(element => element.Name.LocalName == "dependency")
                .Select(element => element.Attribute("id")!.Value),
        ];
        CollectionAssert.Contains(dependencies, "TorchSharp");
        // Skia's would bring every application its symbols for Windows; libtorch is the application's choice.
        Assert.DoesNotContain(
            id =>
                id.StartsWith("SkiaSharp", StringComparison.Ordinal)
                || id.StartsWith("HarfBuzz", StringComparison.Ordinal)
                || id.StartsWith("libtorch", StringComparison.Ordinal),
            dependencies
        );
    }

    [TestMethod]
    public void The_application_in_one_file_runs()
    {
        string file = Path.Combine(SharedFolder.Checkout, "examples", "shop.cs");
        string output = Command.DotNet("run", "-c", s_configuration, file, "--", "1");
        StringAssert.Contains(output, "rows ranked among");
        StringAssert.Contains(output, "unseen, best 10");
    }
}
