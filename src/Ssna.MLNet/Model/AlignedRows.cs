using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// Matrices whose rows start at cache lines: MKL writes products with rows of odd width at half the speed that it reaches
/// with these.
/// </summary>
internal static class AlignedRows
{
    private const long CacheLine = 16; // in float32

    /// <summary>A width that rows side by side can have: the next multiple of a cache line.</summary>
    public static long Width(long width) => (width + CacheLine - 1) / CacheLine * CacheLine;

    /// <summary>A matrix with such rows, its values not set: (rows, width), a view of a wider one where need be.</summary>
    public static Tensor Empty(long rows, long width, Device device)
    {
        using var scope = NewDisposeScope();
        return empty(rows, Width(width), ScalarType.Float32, device: device)
            .narrow(1, 0, width)
            .MoveToOuterDisposeScope(); // (rows, width)
    }
}
