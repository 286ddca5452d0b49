using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// The C runtime's heap, from which libtorch takes its tensors on a CPU. glibc keeps the holes between tensors of changing
/// sizes: work of many steps would hold half as much memory again as it uses, and more from epoch to epoch.
/// </summary>
internal static partial class NativeHeap
{
    // Seldom: the pages that are given back come again one by one, at a page fault each. Every second, that was a tenth of training.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);
    private static bool s_canTrim = OperatingSystem.IsLinux();

    /// <summary>
    /// Gives the system back what is free in the heap. Takes milliseconds; does nothing where the C runtime is another.
    /// </summary>
    public static void Trim()
    {
        if (!s_canTrim)
        {
            return;
        }
        try
        {
            _ = MallocTrim(0);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            s_canTrim = false; // musl
        }
    }

    /// <summary>The same, for loops: at most once in three seconds.</summary>
    /// <param name="last">When it was done last, or the loop's start; set where it is done.</param>
    public static void TrimNowAndThen(ref long last)
    {
        if (Stopwatch.GetElapsedTime(last) >= s_interval)
        {
            Trim();
            last = Stopwatch.GetTimestamp();
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint padding);
}
