using System.Diagnostics;
using DataFolders;
using Microsoft.ML;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace GpuCheck;

/// <summary>Makes the archive that travels.</summary>
internal static class Package
{
    // PyTorch has them there; only what TorchSharp adds goes along.
    private const string TorchSharpLibrary = "libLibTorchSharp.so";
    private static readonly string[] s_native =
    [
        "libtorch",
        "libc10",
        "libgomp",
        "libshm",
        "libaoti",
        "libnnapi",
        "libjit",
        "libbackend",
    ];

    public static int Write(FileInfo file, DirectoryInfo? model, DirectoryInfo? data)
    {
        string folder = Directory.CreateTempSubdirectory("gpu-check").FullName;
        try
        {
            string program = Path.Combine(folder, "gpu-check");
            Execute(
                "dotnet",
                ["publish", Project(), "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", program]
            );
            foreach (string path in Directory.GetFiles(program))
            {
                string name = Path.GetFileName(path);
                bool native =
                    name != TorchSharpLibrary
                    && s_native.Any(start => name.StartsWith(start, StringComparison.Ordinal));
                if (native || Path.GetExtension(name) is ".pdb" or ".xml")
                {
                    File.Delete(path);
                }
            }
            string sample = Path.Combine(program, "sample");
            if (model is not null)
            {
                CopyEncoder(model.FullName, sample);
            }
            if (data is not null)
            {
                CopyTables(new DataFolder(new MLContext(), data.FullName), data.FullName, sample);
            }
            Execute("tar", ["-C", folder, "-cJf", file.FullName, "gpu-check"]);
            file.Refresh();
            Console.WriteLine(
                $"{file.FullName}: {file.Length / 1e6:F1} MB. Unpack it there, and start gpu-check/run.sh."
            );
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // In place of QuickStart's, which would be read before others.
    private static void CopyTables(DataFolder data, string from, string to)
    {
        foreach (string old in Directory.GetFiles(to, "*.tsv"))
        {
            File.Delete(old);
        }
        foreach (string table in new[] { data.ItemsFile, data.InteractionsFile })
        {
            File.Copy(Path.Combine(from, table), Path.Combine(to, table));
        }
    }

    /// <summary>Copies an encoder, its weights as float16: half as large, and as good for a check.</summary>
    internal static void CopyEncoder(string from, string to)
    {
        TorchRuntime.EnsureLoaded();
        Directory.CreateDirectory(to);
        foreach (string old in Directory.GetFiles(to).Where(path => Path.GetExtension(path) != ".tsv"))
        {
            File.Delete(old);
        }
        foreach (string path in Directory.GetFiles(from).Where(path => Path.GetExtension(path) is ".json" or ".txt"))
        {
            // One file of weights is written, whatever number there was.
            if (!path.EndsWith("index.json", StringComparison.Ordinal))
            {
                File.Copy(path, Path.Combine(to, Path.GetFileName(path)));
            }
        }
        using var scope = NewDisposeScope();
        using CheckpointFolder weights = CheckpointFolder.Open(from);
        SafetensorsWriter.Write(
            Path.Combine(to, CheckpointFolder.SingleFile),
            [
                .. weights.Names.Select(name =>
                {
                    Tensor value = weights.ReadRaw(name);
                    return (name, value.is_floating_point() ? value.to(ScalarType.Float16) : value);
                }),
            ],
            new Dictionary<string, string> { ["format"] = "pt" }
        );
    }

    private static string Project()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ssna.MLNet.sln")))
        {
            folder = folder.Parent;
        }
        return folder is null
            ? throw new InvalidOperationException("pack works inside the repository, whose program it publishes.")
            : Path.Combine(folder.FullName, "tools", "gpu-check", "GpuCheck.csproj");
    }

    private static void Execute(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }
}
