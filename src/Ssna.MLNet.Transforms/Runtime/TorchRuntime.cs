using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Ssna.MLNet.Runtime;

/// <summary>Loads TorchSharp's native libraries, also on systems whose C++ runtime is older than the one they name.</summary>
internal static class TorchRuntime
{
    private static readonly Lock Gate = new();
    private static bool s_loaded;

    /// <summary>Makes TorchSharp usable. To be called before the first tensor of any public operation; idempotent.</summary>
    /// <exception cref="DllNotFoundException">No usable native library: the message says what to install.</exception>
    public static void EnsureLoaded()
    {
        if (Volatile.Read(ref s_loaded))
        {
            return;
        }
        lock (Gate)
        {
            if (s_loaded)
            {
                return;
            }
            OpenMPDefaults.Set();
            AssemblyLoadContext context =
                AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly) ?? AssemblyLoadContext.Default;
            // Runs only where the runtime's own search has failed, and so costs nothing elsewhere.
            context.ResolvingUnmanagedDll += (_, name) =>
                name == OlderCxxRuntime.LibraryName ? OlderCxxRuntime.TryLoad() : IntPtr.Zero;
            try
            {
                RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
            }
            catch (TypeInitializationException error)
            {
                throw new DllNotFoundException(Advice(error.InnerException ?? error), error);
            }
            Volatile.Write(ref s_loaded, true);
        }
    }

    private static string Advice(Exception cause)
    {
        string what = OlderCxxRuntime.Failure ?? FirstLine(cause.Message);
        return $"TorchSharp's native libraries could not be loaded on {RuntimeInformation.OSDescription} "
            + $"({RuntimeInformation.ProcessArchitecture}). The application, not the library, brings them: add the "
            + $"package '{TorchPackages.Cpu}' version 2.10.0 for the CPU, or '{TorchPackages.Gpu}' version 0.107.0 for an NVIDIA "
            + $"GPU. On Linux, libstdc++ of GCC 12 or newer must be installed (Debian and Ubuntu: libstdc++6). Found: {what}";
    }

    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();
}
