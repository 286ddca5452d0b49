using System.Runtime.InteropServices;

namespace Ssna.MLNet.Training;

/// <summary>The C runtime's heap, from which libtorch takes its tensors on a CPU.</summary>
internal static partial class NativeHeap
{
    private static bool s_canTrim = OperatingSystem.IsLinux();

    /// <summary>
    /// Gives the system back what is free in the heap. glibc keeps the holes between tensors of changing sizes: without this, a
    /// training run holds a third more memory than it uses, and more from epoch to epoch. Takes milliseconds; does nothing
    /// where the C runtime is another.
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

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint padding);
}
