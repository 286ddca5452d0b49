using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

/// <summary>How many rows of logits are worked on at a time.</summary>
internal static class LossBlocks
{
    private const long CpuRows = 256; // what lies between two operations then stays in the cache
    private const long GpuLogits = 1L << 28; // a GiB in float32, a few times over
    private const long CpuLogits = 1L << 23; // 32 MiB in float32

    /// <summary>Rows at a time: few on a CPU; on a GPU, which waits for every launch, a whole batch unless its memory is in danger.</summary>
    /// <param name="device">Where the loss is computed.</param>
    /// <param name="candidates">Logits of a row.</param>
    /// <param name="rowByRow">
    /// Whether all between two products is done row by row. On a CPU blocks are larger then: each adds to the candidates' gradient once.
    /// </param>
    public static long Rows(Device device, long candidates, bool rowByRow = false)
    {
        long logits =
            device.type != DeviceType.CPU ? GpuLogits
            : rowByRow ? CpuLogits
            : 0;
        return Math.Max(CpuRows, logits / Math.Max(1, candidates));
    }
}
