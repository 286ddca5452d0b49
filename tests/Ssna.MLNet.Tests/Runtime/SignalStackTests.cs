using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Runtime;

/// <summary>In processes of their own, which a signal stack that is too small ends.</summary>
[TestClass]
public sealed class SignalStackTests
{
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [SupportedOSPlatform("linux")]
    public void A_null_reference_is_caught_after_bfloat16_work_on_a_cpu_with_amx()
    {
        RequireX64(); // without AMX the null references would be caught anyway, and the stacks' sizes tell
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        string output = Run(new() { [Hardware.CpuVariable] = "bfloat16" }, "null-reference", folder.Path);
        Assert.AreEqual($"BFloat16 {SignalStack.Size} True\ntrained {SignalStack.Size} True", output);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [SupportedOSPlatform("linux")]
    public void Threads_keep_a_larger_signal_stack_and_leave_nothing_when_they_end()
    {
        RequireX64();
        string[] lines = Run([], "signal-stacks", "3000").Split('\n');
        Assert.AreEqual(
            $"True {SignalStack.Size} True",
            lines[0],
            "small before, large after, and both null references"
        );
        string[] left = lines[1].Split(' ');
        // Eight at a time at most; one that has just ended may still be there for the system when the next one comes.
        Assert.IsLessThan(20, int.Parse(left[0], CultureInfo.InvariantCulture), "stacks of 3,000 threads");
        Assert.IsLessThan(100, int.Parse(left[1], CultureInfo.InvariantCulture), "mappings that 3,000 threads left");
    }

    private static void RequireX64()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Assert.Inconclusive("The signal stacks are for Linux on x64.");
        }
    }

    private static string Run(Dictionary<string, string> environment, params string[] arguments)
    {
        (int exitCode, string output, string errors) = FreshProcess.RunHost(environment, arguments);
        Assert.AreEqual(0, exitCode, errors);
        return output;
    }
}
