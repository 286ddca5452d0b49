using System.Runtime.InteropServices;

namespace Experiments.Runs;

/// <summary>What a run ran on, so that times can be told apart.</summary>
internal sealed record Machine(string Processor, int Cores, string System)
{
    public static Machine This =>
        new(
            ProcessorName() ?? RuntimeInformation.ProcessArchitecture.ToString(),
            Environment.ProcessorCount,
            SystemName()
        );

    public override string ToString() => $"{Processor}, {Cores} cores, {System}";

    private static string? ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        return File.Exists(file)
            ? File.ReadLines(file)
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':', 2)[1]
                .Trim()
            : null;
    }

    private static string SystemName() =>
        OperatingSystem.IsLinux() ? "Linux"
        : OperatingSystem.IsWindows() ? "Windows"
        : OperatingSystem.IsMacOS() ? "macOS"
        : RuntimeInformation.OSDescription;
}
