using System.Runtime.Versioning;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Runtime;

/// <summary>libgomp says itself what it has read from the environment, which .NET's own does not reach.</summary>
[TestClass]
public sealed class OpenMPDefaultsTests
{
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [SupportedOSPlatform("linux")]
    public void Threads_wait_shortly_and_are_as_many_as_dotnet_counts_processors()
    {
        (string threads, string says) = Load([]);
        Assert.AreEqual($"{Environment.ProcessorCount} of {Environment.ProcessorCount}", threads);
        Assert.Contains($"GOMP_SPINCOUNT = '{OpenMPDefaults.SpinCount}'", says);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [SupportedOSPlatform("linux")]
    public void Processors_that_a_quota_leaves_are_counted_not_the_hosts()
    {
        // What .NET makes of a container's quota, given in its own variable.
        (string threads, _) = Load(new() { ["DOTNET_PROCESSOR_COUNT"] = "1" });
        Assert.AreEqual("1 of 1", threads);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [SupportedOSPlatform("linux")]
    [DataRow("GOMP_SPINCOUNT", "123", "GOMP_SPINCOUNT = '123'")]
    [DataRow("OMP_WAIT_POLICY", "active", "OMP_WAIT_POLICY = 'ACTIVE'")]
    [DataRow("OMP_NUM_THREADS", "3", "OMP_NUM_THREADS = '3'")]
    public void What_the_user_has_set_stays(string name, string value, string says) =>
        Assert.Contains(says, Load(new() { [name] = value }).Says);

    private static (string Threads, string Says) Load(Dictionary<string, string> environment)
    {
        environment["OMP_DISPLAY_ENV"] = "verbose";
        (int exitCode, string output, string errors) = FreshProcess.RunHost(environment, "openmp");
        Assert.AreEqual(0, exitCode, errors);
        return (output, errors);
    }
}
