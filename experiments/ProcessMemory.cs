using System.Diagnostics;
using System.Globalization;

namespace Experiments;

/// <summary>Resident memory of this process, in megabytes (10^6 bytes).</summary>
internal static class ProcessMemory
{
    /// <summary>What is resident now.</summary>
    public static double ResidentMegabytes => Status("VmRSS:") ?? Environment.WorkingSet / 1e6;

    /// <summary>The most that ever was; on macOS, which does not tell .NET, what is resident now where that is more.</summary>
    public static double PeakMegabytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return Status("VmHWM:") ?? Math.Max(process.PeakWorkingSet64, Environment.WorkingSet) / 1e6;
        }
    }

    /// <summary>Linux keeps both figures, in kibibytes, in one small file.</summary>
    private static double? Status(string name)
    {
        const string file = "/proc/self/status";
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            : null;
        string? kibibytes = line?[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return kibibytes is null ? null : double.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
