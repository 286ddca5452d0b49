using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Packages;

[TestClass]
public sealed class PackageTests
{
    [TestMethod]
    [DataRow("Ssna.MLNet.Transforms")]
    [DataRow("Ssna.MLNet")]
    public void A_package_asks_for_managed_libraries_alone(string project)
    {
        using var folder = new TemporaryFolder();
        using ZipArchive package = ZipFile.OpenRead(Packing.Pack(project, folder.Path));
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
    [DataRow("Ssna.MLNet.Transforms")]
    [DataRow("Ssna.MLNet")]
    public void A_package_holds_no_native_library_and_names_no_folder_of_the_machine_that_built_it(string project)
    {
        if (Packing.Configuration != "Release")
        {
            Assert.Inconclusive("Only what is built for release is freed of paths.");
        }
        using var folder = new TemporaryFolder();
        using ZipArchive package = ZipFile.OpenRead(Packing.Pack(project, folder.Path));
        ZipArchiveEntry[] libraries = [.. package.Entries.Where(entry => entry.FullName.EndsWith(".dll"))];
        Assert.AreEqual($"lib/net10.0/{project}.dll", libraries.Single().FullName);
        Assert.DoesNotContain(entry => Path.GetExtension(entry.Name) is ".so" or ".dylib" or ".a", package.Entries);

        using var bytes = new MemoryStream();
        using (Stream library = libraries.Single().Open())
        {
            library.CopyTo(bytes);
        }
        string content = Encoding.Latin1.GetString(bytes.ToArray());
        Assert.DoesNotContain(SharedFolder.Checkout, content);
        StringAssert.Contains(content, "/_/src/"); // the path of its symbols, freed of what lies before it
    }

    [TestMethod]
    public void The_application_in_one_file_runs()
    {
        string file = Path.Combine(SharedFolder.Checkout, "examples", "shop.cs");
        string output = Command.DotNet("run", "-c", Packing.Configuration, file, "--", "1");
        StringAssert.Contains(output, "rows ranked among");
        StringAssert.Contains(output, "unseen, best 10");
    }
}
