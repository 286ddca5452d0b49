using System.Runtime.Versioning;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;

namespace Ssna.MLNet.Transforms.Tests.Runtime;

[TestClass]
public sealed class TorchRuntimeTests
{
    [TestMethod]
    public void Tensors_work_in_this_process()
    {
        TorchRuntime.EnsureLoaded();
        using torch.Tensor ones = torch.ones(2, 3); // (2, 3)
        Assert.AreEqual(6f, ones.sum().item<float>());
    }

    [TestMethod]
    public void Tensors_work_in_a_fresh_process_of_a_user_with_an_empty_cache()
    {
        using var cache = new TemporaryFolder();
        (int exitCode, string output, string errors) = FreshProcess.Run(
            FreshProcess.Folder,
            new() { ["XDG_CACHE_HOME"] = cache.Path },
            "tensors"
        );
        Assert.AreEqual("6", output, errors);
        Assert.AreEqual(0, exitCode);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [SupportedOSPlatform("linux")]
    public void The_adapted_library_is_the_users_alone_and_mended_when_damaged()
    {
        using var cache = new TemporaryFolder();
        Dictionary<string, string> environment = new() { ["XDG_CACHE_HOME"] = cache.Path };
        FreshProcess.Run(FreshProcess.Folder, environment, "tensors");
        string[] libraries = Directory.GetFiles(cache.Path, "*.so", SearchOption.AllDirectories);
        if (libraries.Length == 0)
        {
            return; // this system's libstdc++ is new enough: nothing was adapted, and nothing is to be guarded
        }
        string library = libraries.Single();
        UnixFileMode others =
            UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        Assert.AreEqual(UnixFileMode.None, File.GetUnixFileMode(Path.GetDirectoryName(library)!) & others);

        long length = new FileInfo(library).Length;
        File.WriteAllBytes(library, new byte[1000]);
        (_, string output, string errors) = FreshProcess.Run(FreshProcess.Folder, environment, "tensors");
        Assert.AreEqual("6", output, errors);
        Assert.AreEqual(length, new FileInfo(library).Length);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [SupportedOSPlatform("linux")]
    public void Without_a_torch_backend_one_exception_says_what_to_install()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(FreshProcess.Folder, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(FreshProcess.Folder, file);
            if (!Path.GetFileName(relative).StartsWith("libtorch", StringComparison.Ordinal))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(folder[relative])!);
                File.CreateSymbolicLink(folder[relative], file);
            }
        }
        // The runtime resolves links of the main assembly; a real file keeps it in this folder.
        File.Delete(folder["Ssna.MLNet.FreshProcess.dll"]);
        File.Copy(
            Path.Combine(FreshProcess.Folder, "Ssna.MLNet.FreshProcess.dll"),
            folder["Ssna.MLNet.FreshProcess.dll"]
        );
        File.Delete(folder["Ssna.MLNet.FreshProcess.deps.json"]);
        (int exitCode, string output, _) = FreshProcess.Run(
            folder.Path,
            new() { ["NUGET_PACKAGES"] = folder["no-packages"], ["XDG_CACHE_HOME"] = folder["cache"] },
            "tensors"
        );
        Assert.AreEqual(1, exitCode);
        StringAssert.Contains(output, "libtorch-cpu-linux-x64");
        StringAssert.Contains(output, "TorchSharp-cuda-linux");
    }
}
