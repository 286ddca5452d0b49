using Microsoft.ML.Transforms;
using TorchSharp;

namespace Ssna.MLNet.Runtime;

/// <summary>Where something is computed, and how exactly.</summary>
/// <param name="Device">The device.</param>
/// <param name="Precision">The precision of the large matrix products; never Auto.</param>
internal sealed record RunPlace(torch.Device Device, ComputePrecision Precision)
{
    /// <summary>What a caller asks for, as it is on a device.</summary>
    /// <exception cref="InvalidOperationException">float16 was asked for on a CPU.</exception>
    public static RunPlace On(torch.Device device, ComputePrecision precision) =>
        new(device, Hardware.ChoosePrecision(precision, device));
}
