using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Ssna.MLNet.Testing;

/// <summary>What <c>dotnet pack</c> makes of a library of this repository, as it is built.</summary>
/// <param name="Dependencies">What it asks for: the version, or range of versions, of each id.</param>
/// <param name="Libraries">The files under lib, by name.</param>
/// <param name="NamesCheckout">Whether its library holds the path of this checkout.</param>
public sealed record BuiltPackage(
    IReadOnlyDictionary<string, string> Dependencies,
    IReadOnlyList<string> Libraries,
    bool NamesCheckout
)
{
    /// <summary>Packs a library of src.</summary>
    public static BuiltPackage Pack(string project)
    {
        using var folder = new TemporaryFolder();
        using ZipArchive package = ZipFile.OpenRead(Packing.Pack(project, folder.Path));
        using Stream stream = package.Entries.Single(entry => entry.Name.EndsWith(".nuspec")).Open();
        Dictionary<string, string> dependencies = XDocument
            .Load(stream)
            .Descendants()
            .Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);
        using Stream library = package.GetEntry($"lib/net10.0/{project}.dll")!.Open();
        using var bytes = new MemoryStream();
        library.CopyTo(bytes);
        return new(
            dependencies,
            [
                .. package
                    .Entries.Where(entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal))
                    .Select(entry => entry.Name)
                    .Order(StringComparer.Ordinal),
            ],
            Encoding.Latin1.GetString(bytes.ToArray()).Contains(SharedFolder.Checkout, StringComparison.Ordinal)
        );
    }
}
