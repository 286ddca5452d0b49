using System.Globalization;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// What GNU OpenMP, which libtorch's threads on Linux are, reads from the environment when it is loaded: how many threads
/// there are, and how long one that waits for the others keeps its core busy.
/// </summary>
/// <remarks>
/// By default its threads spin for milliseconds. Beside a process that holds a
/// core, or under a CPU quota, they spin away the very time that the thread they wait for needs.
/// </remarks>
internal static partial class OpenMPDefaults
{
    /// <summary>
    /// Turns of the waiting loop before a thread sleeps: tens of microseconds, which outlast the gaps between most operations
    /// of a step and are little beside what a neighbour takes.
    /// </summary>
    public const int SpinCount = 1_000;

    private static readonly string[] s_waiting = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"];

    /// <summary>
    /// Sets what the user has not set. To be called before libtorch is loaded; changes nothing afterwards, as where the
    /// application has used TorchSharp before this library.
    /// </summary>
    public static void Set()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        if (!s_waiting.Any(IsSet))
        {
            SetNative("GOMP_SPINCOUNT", SpinCount);
        }
        if (!IsSet("OMP_NUM_THREADS"))
        {
            // .NET counts the processors of the affinity mask within the container's quota; libtorch only the former.
            SetNative("OMP_NUM_THREADS", Environment.ProcessorCount);
        }
    }

    // .NET's own copy of the environment, which the user may have changed in the program, counts as well as the process's.
    private static bool IsSet(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } || GetEnv(name) != IntPtr.Zero;

    // What .NET sets reaches no native library.
    private static void SetNative(string name, int value) =>
        _ = SetEnv(name, value.ToString(CultureInfo.InvariantCulture), overwrite: 0);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr GetEnv(string name);
}
