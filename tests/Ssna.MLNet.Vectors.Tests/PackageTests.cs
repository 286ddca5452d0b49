using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Vectors.Tests;

[TestClass]
public sealed class PackageTests
{
    [TestMethod]
    public void The_package_asks_for_the_library_and_for_abstractions_and_works_with_later_versions()
    {
        BuiltPackage package = BuiltPackage.Pack("Ssna.MLNet.Vectors");
        string[] dependencies = [.. package.Dependencies.Keys];
        StringAssert.DoesNotMatch(package.Dependencies["Ssna.MLNet"], new(@"^\["));
        CollectionAssert.Contains(dependencies, "Microsoft.Extensions.VectorData.Abstractions");
        CollectionAssert.Contains(dependencies, "Parquet.Net");
        // libtorch is the application's choice.
        Assert.DoesNotContain(id => id.StartsWith("libtorch", StringComparison.Ordinal), dependencies);
        // Nothing native, and no second copy of the library.
        CollectionAssert.AreEqual(
            new[] { "Ssna.MLNet.Vectors.dll", "Ssna.MLNet.Vectors.xml" },
            package.Libraries.ToArray()
        );
        Assert.IsFalse(package.NamesCheckout && Packing.Configuration == "Release");
    }
}
