using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>The machine that a benchmark runs on, and the memory that this process takes of it.</summary>
internal static class Machine
{
    /// <summary>Processor, cores and system in words.</summary>
    public static string Description
    {
        get
        {
            TorchRuntime.EnsureLoaded(); // which sets the number of threads
            string model =
                ReadValue("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
            bool vectors =
                ReadValue("/proc/cpuinfo", "flags")?.Contains("avx512_bf16", StringComparison.Ordinal) ?? false;
            string bfloat16 = vectors ? "with AVX512-BF16" : "without AVX512-BF16";
            string amx = Hardware.HasTiles ? "with AMX-BF16" : "without AMX";
            return $"{model} {bfloat16}, {amx}, {Environment.ProcessorCount} cores, {torch.get_num_threads()} tensor threads, "
                + $"{RuntimeInformation.OSDescription}, .NET {Environment.Version}";
        }
    }

    /// <summary>The most memory that was ever resident, in megabytes (10^6 bytes); no number where the system does not say.</summary>
    public static double PeakMegabytes => Kibibytes("VmHWM") * 1024 / 1e6;

    /// <summary>What is resident now, in megabytes.</summary>
    public static double ResidentMegabytes => Kibibytes("VmRSS") * 1024 / 1e6;

    /// <summary>What another process has resident now, in megabytes.</summary>
    public static double ResidentMegabytesOf(Process process)
    {
        process.Refresh();
        return process.WorkingSet64 / 1e6;
    }

    private static double Kibibytes(string name) =>
        ReadValue("/proc/self/status", name) is { } value
            ? double.Parse(value.Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)
            : double.NaN;

    private static string? ReadValue(string file, string name) =>
        File.Exists(file)
            ? File.ReadLines(file)
                .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
                ?.Split(':', 2)[1]
                .Trim()
            : null;
}
