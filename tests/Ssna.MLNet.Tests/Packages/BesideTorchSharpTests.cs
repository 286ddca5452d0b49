using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Packages;

/// <summary>An application that also references Microsoft.ML.TorchSharp; docs/recipes.md says what these tests show.</summary>
[TestClass]
public sealed class BesideTorchSharpTests
{
    private static readonly string s_program = Path.Combine(
        FreshProcess.FolderOf("Ssna.MLNet.BesideTorchSharp"),
        "Ssna.MLNet.BesideTorchSharp.dll"
    );

    [TestMethod]
    public void The_main_job_runs_beside_Microsofts_package()
    {
        using var encoder = new TemporaryFolder();
        TinyEncoder.Write(encoder.Path);
        string[] recommended = Command.DotNet(s_program, "ours", encoder.Path).Split(' ');
        Assert.HasCount(3, recommended);
        Assert.IsTrue(recommended.All(item => item.StartsWith('i')), string.Join(' ', recommended));
    }

    [TestMethod]
    public void Microsofts_package_lacks_one_member_of_this_TorchSharp_which_object_detection_calls()
    {
        string missing = Command.DotNet(s_program, "theirs");
        StringAssert.Contains(missing, "functional.interpolate(");
        Assert.HasCount(1, missing.Split('\n'));
    }
}
