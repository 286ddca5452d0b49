using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Hosting.Tests;

[TestClass]
public sealed class PackageTests
{
    [TestMethod]
    public void The_package_asks_for_the_library_and_for_abstractions_and_works_with_later_versions()
    {
        BuiltPackage package = BuiltPackage.Pack("Ssna.MLNet.Hosting");
        StringAssert.DoesNotMatch(package.Dependencies["Ssna.MLNet"], new(@"^\["));
        string[] dependencies = [.. package.Dependencies.Keys];
        CollectionAssert.Contains(dependencies, "Microsoft.Extensions.Hosting.Abstractions");
        CollectionAssert.Contains(dependencies, "Microsoft.Extensions.Diagnostics.HealthChecks");
        // libtorch is the application's choice.
        Assert.DoesNotContain(id => id.StartsWith("libtorch", StringComparison.Ordinal), dependencies);
        // Nothing native, and no second copy of the library.
        CollectionAssert.AreEqual(
            new[] { "Ssna.MLNet.Hosting.dll", "Ssna.MLNet.Hosting.xml" },
            package.Libraries.ToArray()
        );
        Assert.IsFalse(package.NamesCheckout && Packing.Configuration == "Release");
    }
}
