namespace Ssna.MLNet.Runtime;

/// <summary>The memory that the process may take at most.</summary>
internal static class SystemMemory
{
    /// <summary>The bytes of the machine, or of the container where it has a limit.</summary>
    public static double Bytes
    {
        get
        {
            GCMemoryInfo memory = GC.GetGCMemoryInfo();
            // The first is less where the managed heap alone has a limit; the second is a share of the whole.
            return Math.Max(memory.TotalAvailableMemoryBytes, memory.HighMemoryLoadThresholdBytes);
        }
    }

    /// <summary>"3.2 GB".</summary>
    public static string Describe(double bytes) => FormattableString.Invariant($"{bytes / 1e9:N1} GB");
}
