using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Mpi;

[TestClass]
public sealed class PackageTests
{
    [TestMethod]
    public void The_package_brings_no_MPI_and_nothing_native_and_works_with_later_versions()
    {
        BuiltPackage package = BuiltPackage.Pack("Ssna.MLNet.Mpi");
        Assert.DoesNotContain(id => id.Contains("mpi", StringComparison.OrdinalIgnoreCase), package.Dependencies.Keys);
        StringAssert.DoesNotMatch(package.Dependencies["Ssna.MLNet.Transforms"], new(@"^\["));
        CollectionAssert.AreEqual(new[] { "Ssna.MLNet.Mpi.dll", "Ssna.MLNet.Mpi.xml" }, package.Libraries.ToArray());
        Assert.IsFalse(package.NamesCheckout && Packing.Configuration == "Release");
    }
}
