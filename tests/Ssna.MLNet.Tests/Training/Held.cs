using System.Security.Cryptography;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>What ranks hold of items of which a test has all rows.</summary>
internal static class Held
{
    /// <param name="all">What is known of the items: (I, ...).</param>
    /// <param name="ranks">Who holds it; null for one process.</param>
    public static HeldItems Of(Tensor all, Ranks? ranks = null)
    {
        ranks ??= Ranks.One;
        Tensor rows = ranks.Alone
            ? all
            : all.index_select(0, tensor(ranks.Held(all.shape[0])[ranks.Rank])).DetachFromDisposeScope();
        return new(
            rows,
            (int)all.shape[0],
            ranks,
            all.device_type == TorchSharp.DeviceType.META
                ? ""
                : Convert.ToHexStringLower(SHA256.HashData(all.contiguous().bytes))[..16]
        );
    }
}
