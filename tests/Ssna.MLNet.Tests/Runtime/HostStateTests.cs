using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Runtime;

/// <summary>In processes of their own: some of these states ended the process, and the default dtype is the whole process's.</summary>
[TestClass]
public sealed class HostStateTests
{
    private static readonly Lazy<string> s_plain = new(() => Job("plain"));

    [TestMethod]
    [DataRow("no_grad")]
    [DataRow("inference_mode")]
    [DataRow("grad_off")]
    [DataRow("float64")]
    [DataRow("bfloat16")]
    public void What_the_host_has_set_in_torch_changes_no_bit_and_stays(string state)
    {
        Assert.Contains("state as before", s_plain.Value);
        Assert.AreEqual(s_plain.Value, Job(state));
    }

    private static string Job(string state)
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        (int exitCode, string output, string errors) = FreshProcess.RunHost([], "job", state, folder.Path);
        Assert.AreEqual(0, exitCode, errors);
        return output;
    }
}
