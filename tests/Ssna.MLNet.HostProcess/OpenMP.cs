using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Ssna.MLNet.HostProcess;

internal static class OpenMP
{
    /// <summary>libgomp itself says what it has read, where the test sets OMP_DISPLAY_ENV.</summary>
    public static int Print()
    {
        TorchRuntime.EnsureLoaded();
        Console.WriteLine($"{torch.get_num_threads()} of {Environment.ProcessorCount}");
        return 0;
    }
}
