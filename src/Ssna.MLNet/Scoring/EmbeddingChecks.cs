using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>Refuses embeddings that nobody could be recommended by: an item without a direction, scored NaN for everyone.</summary>
internal static class EmbeddingChecks
{
    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="embeddings">Of the items, not normalised: (V, d).</param>
    /// <param name="ids">The items.</param>
    /// <param name="itemColumn">The column of the ids.</param>
    /// <exception cref="InvalidOperationException">An item's embedding holds, or is as long as, no finite number.</exception>
    public static void RequireFinite(IExceptionContext context, Tensor embeddings, ItemIds ids, string itemColumn)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor finite = embeddings.norm(1, keepdim: false, p: 2).isfinite(); // (V)
        if (finite.all().item<bool>())
        {
            return;
        }
        int item = (int)finite.to(ScalarType.Int32).argmin().item<long>();
        throw context.Except(
            $"Item column '{itemColumn}', item '{ids.ToText(item)}': expected features of which the model makes finite numbers, "
                + "found some so large that its embedding is none."
        );
    }
}
