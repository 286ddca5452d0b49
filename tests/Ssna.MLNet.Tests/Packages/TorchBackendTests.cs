using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Packages;

/// <summary>Which native package a program of this repository takes: build/TorchBackend.props.</summary>
[TestClass]
public sealed class TorchBackendTests
{
    private static readonly string s_project = Path.Combine(
        SharedFolder.Checkout,
        "tools",
        "gpu-check",
        "GpuCheck.csproj"
    );

    [TestMethod]
    [DataRow("cpu", "linux", "libtorch-cpu-linux-x64")]
    [DataRow("cpu", "windows", "libtorch-cpu-win-x64")]
    [DataRow("cpu", "macos", "libtorch-cpu-osx-arm64")]
    [DataRow("cuda", "linux", "TorchSharp-cuda-linux")]
    [DataRow("cuda", "windows", "TorchSharp-cuda-windows")]
    public void Every_system_has_its_own_package(string backend, string system, string package)
    {
        string references = Evaluate(backend, system, "-getItem:PackageReference").Output;
        StringAssert.Contains(references, $"\"{package}\"");
        foreach (string other in new[] { "libtorch-cpu-", "TorchSharp-cuda-" })
        {
            int expected = package.StartsWith(other, StringComparison.Ordinal) ? 1 : 0;
            Assert.AreEqual(expected, references.Split($"\"Identity\": \"{other}").Length - 1, references);
        }
    }

    [TestMethod]
    [DataRow("gpu", "linux")]
    [DataRow("cuda", "macos")]
    public void Any_other_value_is_an_error_before_anything_is_restored(string backend, string system)
    {
        (int exitCode, string output, string errors) = Evaluate(backend, system, "-t:CollectPackageReferences");
        Assert.AreNotEqual(0, exitCode);
        StringAssert.Contains(
            output + errors,
            $"TorchBackend: expected 'cpu', or 'cuda' on Linux and Windows; found '{backend}' on {system}."
        );
    }

    private static (int ExitCode, string Output, string Errors) Evaluate(string backend, string system, string what) =>
        Command.Run(
            "dotnet",
            ["msbuild", s_project, "-nologo", $"-p:TorchBackend={backend}", $"-p:TorchSystem={system}", what],
            []
        );
}
