using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tool.Tests;

/// <summary>The command's packages: one that names those of each system, and the one of the system at hand.</summary>
[TestClass]
public sealed class PackageTests
{
    private const string Tool = "ssna";

    private static TemporaryFolder s_folder = null!;

    [ClassInitialize]
    public static void Pack(TestContext context)
    {
        s_folder = new TemporaryFolder();
        Command.DotNet(
            "pack",
            Packing.SourceOf("Ssna.MLNet.Tool"),
            "-c",
            Packing.Configuration,
            // The libraries are packed as they were built, while other tests look at them.
            "-p:BuildProjectReferences=false",
            "-o",
            s_folder["feed"]
        );
    }

    [ClassCleanup]
    public static void Delete() => s_folder.Dispose();

    [TestMethod]
    public void The_package_of_a_system_holds_its_libtorch_and_no_other_and_fits_the_gallery()
    {
        using ZipArchive package = Open($"{Tool}.{Packing.RuntimeIdentifier}");
        string[] names = [.. package.Entries.Select(entry => entry.Name)];
        Assert.IsTrue(names.Any(name => name is "libtorch_cpu.so" or "torch_cpu.dll" or "libtorch_cpu.dylib"));
        foreach (string other in new[] { ".so", ".dylib", "torch_cpu.dll" }.Where(other => !IsOfThisSystem(other)))
        {
            Assert.DoesNotContain(name => name.EndsWith(other, StringComparison.Ordinal), names);
        }
        CollectionAssert.Contains(names, "README.md");
        // The most that nuget.org takes.
        Assert.IsLessThan(250_000_000, new FileInfo(PathOf($"{Tool}.{Packing.RuntimeIdentifier}")).Length);
    }

    [TestMethod]
    public void The_package_that_is_asked_for_is_small_and_names_that_of_the_system()
    {
        using ZipArchive package = Open(Tool);
        using Stream stream = package.Entries.Single(entry => entry.Name == "DotnetToolSettings.xml").Open();
        XElement named = XDocument.Load(stream).Descendants("RuntimeIdentifierPackage").Single();
        Assert.AreEqual(Packing.RuntimeIdentifier, named.Attribute("RuntimeIdentifier")!.Value);
        Assert.AreEqual($"{Tool}.{Packing.RuntimeIdentifier}", named.Attribute("Id")!.Value);
        Assert.IsLessThan(1_000_000, new FileInfo(PathOf(Tool)).Length);

        using Stream description = package.GetEntry($"{Tool}.nuspec")!.Open();
        string[] elements = [.. XDocument.Load(description).Descendants().Select(element => element.Name.LocalName)];
        CollectionAssert.IsSubsetOf(new[] { "license", "readme", "description" }, elements);
        CollectionAssert.DoesNotContain(elements, "dependency");
    }

    [TestMethod]
    public void Nothing_of_it_names_a_folder_of_the_machine_that_built_it()
    {
        if (Packing.Configuration != "Release")
        {
            Assert.Inconclusive("Only what is built for release is freed of paths.");
        }
        using ZipArchive package = Open($"{Tool}.{Packing.RuntimeIdentifier}");
        ZipArchiveEntry[] ours =
        [
            .. package.Entries.Where(entry =>
                entry.Name.StartsWith("ssna.", StringComparison.Ordinal)
                || entry.Name.StartsWith("Ssna.", StringComparison.Ordinal)
                || entry.Name.StartsWith("DataFolders.", StringComparison.Ordinal)
            ),
        ];
        Assert.IsGreaterThan(6, ours.Length);
        foreach (ZipArchiveEntry entry in ours)
        {
            using Stream stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            Assert.DoesNotContain(SharedFolder.Checkout, Encoding.Latin1.GetString(bytes.ToArray()), entry.Name);
        }
    }

    [TestMethod]
    public void It_is_installed_from_a_feed_and_does_a_shops_work_in_a_fresh_folder()
    {
        File.WriteAllText(
            s_folder["nuget.config"],
            """
            <configuration>
              <packageSources><clear /><add key="built" value="feed" /></packageSources>
            </configuration>
            """
        );
        Command.DotNet(
            "tool",
            "install",
            Tool,
            "--tool-path",
            s_folder["tools"],
            "--configfile",
            s_folder["nuget.config"]
        );
        string example = Path.Combine(SharedFolder.Checkout, "examples", "QuickStart");
        string items = Path.Combine(example, "sample", "items.tsv");
        string interactions = Path.Combine(example, "sample", "interactions.tsv");
        string encoder = Path.Combine(example, "encoder");
        (string model, string larger) = (s_folder["shop", "model.zip"], s_folder["shop", "larger.zip"]);
        File.WriteAllText(
            s_folder["new.csv"],
            "item,text\nA9000,\"Fennimore rose support, bamboo. Gardening, supports.\"\n"
        );

        JsonElement trained = Run(
            ["train", "--items", items, "--interactions", interactions, "--encoder", encoder, "--output", model],
            ["--epochs", "1", "--dimension", "16"]
        );
        int users = trained.GetProperty("users").GetInt32();
        Assert.AreEqual(users, trained.GetProperty("test").GetProperty("users").GetInt32());
        JsonElement recommended = Run(["recommend", model, "--history", "A1000,A1024", "-k", "5", "--items", items]);
        Assert.AreEqual(5, recommended.GetProperty("items").GetArrayLength());
        JsonElement similar = Run(["similar", model, "A1000", "-k", "3"]);
        Assert.AreEqual(3, similar.GetProperty("items").GetArrayLength());
        JsonElement added = Run(["add-items", model, "--items", s_folder["new.csv"], "--output", larger]);
        Assert.AreEqual(1, added.GetProperty("added").GetInt32());
        JsonElement evaluated = Run(["evaluate", larger, "--interactions", interactions]);
        Assert.AreEqual(users, evaluated.GetProperty("users").GetInt32());
        Assert.AreEqual(added.GetProperty("items").GetInt32(), evaluated.GetProperty("items").GetInt32());
    }

    private static JsonElement Run(params string[][] arguments)
    {
        string program = s_folder["tools", OperatingSystem.IsWindows() ? $"{Tool}.exe" : Tool];
        (int exitCode, string output, string errors) = Command.Run(
            program,
            [.. arguments.SelectMany(part => part), "--json"],
            []
        );
        Assert.AreEqual(0, exitCode, errors);
        return JsonElement.Parse(output);
    }

    private static bool IsOfThisSystem(string end) =>
        end
        == (
            OperatingSystem.IsWindows() ? "torch_cpu.dll"
            : OperatingSystem.IsMacOS() ? ".dylib"
            : ".so"
        );

    private static ZipArchive Open(string id) => ZipFile.OpenRead(PathOf(id));

    private static string PathOf(string id) =>
        Directory
            .GetFiles(s_folder["feed"], $"{id}.*.nupkg")
            .Single(path => char.IsAsciiDigit(Path.GetFileName(path)[id.Length + 1]));
}
