using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Hosting.Tests;

[TestClass]
public sealed class PackageTests
{
    [TestMethod]
    public void The_package_asks_for_the_library_and_for_abstractions_and_works_with_later_versions()
    {
        using var folder = new TemporaryFolder();
        using ZipArchive package = ZipFile.OpenRead(Packing.Pack("Ssna.MLNet.Hosting", folder.Path));
        using Stream stream = package.Entries.Single(entry => entry.Name.EndsWith(".nuspec")).Open();
        Dictionary<string, string> dependencies = XDocument
            .Load(stream)
            .Descendants()
            .Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);
        StringAssert.DoesNotMatch(dependencies["Ssna.MLNet"], new(@"^\["));
        CollectionAssert.Contains(dependencies.Keys, "Microsoft.Extensions.Hosting.Abstractions");
        CollectionAssert.Contains(dependencies.Keys, "Microsoft.Extensions.Diagnostics.HealthChecks");
        // libtorch is the application's choice.
        Assert.DoesNotContain(id => id.StartsWith("libtorch", StringComparison.Ordinal), dependencies.Keys);
        // Nothing native, and no second copy of the library.
        CollectionAssert.AreEqual(
            new[] { "Ssna.MLNet.Hosting.dll", "Ssna.MLNet.Hosting.xml" },
            package
                .Entries.Where(entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal))
                .Select(entry => entry.Name)
                .Order(StringComparer.Ordinal)
                .ToArray()
        );
        if (Packing.Configuration == "Release")
        {
            using Stream library = package.GetEntry("lib/net10.0/Ssna.MLNet.Hosting.dll")!.Open();
            using var bytes = new MemoryStream();
            library.CopyTo(bytes);
            Assert.DoesNotContain(SharedFolder.Checkout, Encoding.Latin1.GetString(bytes.ToArray()));
        }
    }
}
