using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// Loads <c>libLibTorchSharp.so</c> where libstdc++ is older than GCC 13 (Debian 12, Ubuntu 22.04, RHEL 9).
/// The library asks for the symbol version GLIBCXX_3.4.32 and uses nothing of it; a copy that asks for
/// GLIBCXX_3.4.30 instead, kept in the user's cache, loads.
/// </summary>
internal static class OlderCxxRuntime
{
    public const string LibraryName = "LibTorchSharp";
    private const string FileName = "libLibTorchSharp.so";

    // In the order in which they depend on one another; the copy lies in another folder and finds them by soname.
    private static readonly string[] Torch = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];
    private static readonly string[] TorchCuda = ["libc10_cuda.so", "libtorch_cuda.so"];

    /// <summary>Why the last attempt failed, for the exception that the user sees.</summary>
    public static string? Failure { get; private set; }

    /// <summary>The handle of the adapted library, or zero where this cure does not apply.</summary>
    public static IntPtr TryLoad()
    {
        if (!OperatingSystem.IsLinux())
        {
            return IntPtr.Zero;
        }
        try
        {
            string? original = Find(FileName);
            if (original is null)
            {
                return IntPtr.Zero;
            }
            byte[] library = File.ReadAllBytes(original);
            string source = Convert.ToHexStringLower(SHA256.HashData(library));
            if (!ElfVersionNeeds.Replace(library, "libstdc++.so.6", "GLIBCXX_3.4.32", "GLIBCXX_3.4.30"))
            {
                Failure = $"'{original}' does not load, for a reason other than its libstdc++ version.";
                return IntPtr.Zero;
            }
            string copy = WriteToCache(library, source);
            foreach (string name in Torch.Concat(TorchCuda))
            {
                if (Find(name) is { } dependency)
                {
                    NativeLibrary.Load(dependency);
                }
            }
            return NativeLibrary.Load(copy);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            Failure = error.Message;
            return IntPtr.Zero;
        }
    }

    private static string? Find(string file) =>
        SearchFolders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> SearchFolders()
    {
        var host = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        foreach (string folder in host.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return folder;
        }
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
    }

    private static string WriteToCache(byte[] library, string source)
    {
        string root = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        // XDG_CACHE_HOME is where Linux keeps what can be made again.
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length > 0 ? Path.Combine(home, ".cache") : root;
        }
        string folder = Path.Combine(cache, "ssna-mlnet", "native", source[..16]);
        // The user's alone: another account must not be able to put a library here.
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsLinux())
        {
            Directory.CreateDirectory(folder, ownerOnly);
            File.SetUnixFileMode(folder, ownerOnly);
        }
        string path = Path.Combine(folder, FileName);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(library))
        {
            return path;
        }
        WholeFile.Write(path, file => file.Write(library));
        return path;
    }
}
