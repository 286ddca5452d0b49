using System.Diagnostics;
using TorchSharp;

namespace GpuCheck;

/// <summary>Whether the libtorch at hand, which may be PyTorch's and of another version, has all that TorchSharp's library asks for.</summary>
internal static class LibraryCheck
{
    private static readonly string[] s_namespaces = ["2at", "3c10", "5torch", "6caffe2"];

    /// <summary>Loads libtorch, and looks through its libraries.</summary>
    public static void Run(Table table)
    {
        _ = torch.zeros(1).item<float>();
        string[] loaded =
        [
            .. Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(module => module.FileName).Distinct(),
        ];
        string ours = loaded.First(path => Path.GetFileName(path).StartsWith("libLibTorchSharp"));
        string[] theirs = [.. loaded.Where(path => Path.GetFileName(path) is var name && IsTorch(name))];
        IReadOnlySet<string> needed = ElfSymbols.Read(ours).Needed;
        string[] ofTorch = [.. needed.Where(name => s_namespaces.Any(name.Contains))];
        string[] missing = [.. ofTorch.Except(theirs.SelectMany(path => ElfSymbols.Read(path).Defined)).Order()];
        string folder = Path.GetDirectoryName(theirs[0])!;
        table.Add(
            $"symbols that libLibTorchSharp.so asks of libtorch ({ofTorch.Length:N0})",
            missing.Length == 0 ? $"all in {folder}" : $"{missing.Length} missing in {folder}: {missing[0]} ...",
            "",
            ofTorch.Length > 0 && missing.Length == 0
        );
    }

    private static bool IsTorch(string name) =>
        name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal);
}
