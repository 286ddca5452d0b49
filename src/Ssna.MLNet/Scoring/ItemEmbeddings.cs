using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>Embeds items from what was read of them, block by block.</summary>
internal static class ItemEmbeddings
{
    private const int ItemBlock = 4096;

    /// <summary>Embeds items that the model was not trained on, from their inputs.</summary>
    /// <param name="model">A trained model.</param>
    /// <param name="inputs">What was read of the items, one row an item: (V, ...).</param>
    /// <param name="run">What stops it.</param>
    /// <returns>v*: (V, d), on the model's device.</returns>
    public static Tensor OfNew(SsnaModel model, Tensor inputs, RunContext run) =>
        Embed(
            model,
            HeldItems.Alone(inputs),
            (part, _, pass) => model.Items.Embed(model.Items.Prepare(model.Place(part)), pass),
            run
        ); // (V, d)

    /// <summary>Embeds the catalogue that the model was trained on, from its items' inputs.</summary>
    /// <param name="model">A trained model.</param>
    /// <param name="inputs">What was read of the items: each rank embeds its own, and all have all.</param>
    /// <param name="run">What stops it.</param>
    /// <returns>v*: (I, d), on the model's device.</returns>
    public static Tensor Of(SsnaModel model, HeldItems inputs, RunContext run) =>
        Embed(
            model,
            inputs,
            (part, rows, pass) => model.Items.EmbedTrained(model.Items.Prepare(model.Place(part)), rows, pass),
            run
        ); // (I, d)

    /// <summary>The same where the inputs have been prepared.</summary>
    /// <param name="model">A model.</param>
    /// <param name="prepared">What its item encoder prepared: each rank embeds its own, and all have all.</param>
    /// <param name="run">What stops it.</param>
    /// <returns>v*: (I, d), on the model's device.</returns>
    public static Tensor OfPrepared(SsnaModel model, HeldItems prepared, RunContext run) =>
        Embed(model, prepared, model.Items.EmbedTrained, run); // (I, d)

    /// <summary>Refuses embeddings that nobody could be recommended by: an item without a direction, scored NaN for everyone.</summary>
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
        if (DeviceMemory.Read(finite.all()).item<bool>())
        {
            return;
        }
        int item = (int)DeviceMemory.Read(finite.to(ScalarType.Int32).argmin()).item<long>();
        throw context.Fault(
            $"Item column '{itemColumn}', item '{ids.ToText(item)}': expected features of which the model makes finite numbers, "
                + "found some so large that its embedding is none."
        );
    }

    // Block by block, so that what the encoder makes on the way to an embedding takes no memory for the whole catalogue.
    private static Tensor Embed(
        SsnaModel model,
        HeldItems inputs,
        Func<Tensor, Tensor, ForwardPass, Tensor> embed,
        RunContext run
    )
    {
        ForwardPass pass = ForwardPass.Exact.With(run);
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        var share = new ItemShare(inputs, items: null);
        Tensor indexes = share.Items is null
            ? TensorArithmetic.Counting(share.Count, model.Device)
            : DeviceMemory.Upload(model.Device, share.Items)[0]; // (v)
        Tensor embeddings = empty(share.Count, model.Shape.Dimension, ScalarType.Float32, device: model.Device); // (v, d)
        for (long from = 0; from < share.Count; from += ItemBlock)
        {
            pass.CheckAlive();
            using var block = NewDisposeScope();
            long size = Math.Min(ItemBlock, share.Count - from);
            embeddings
                .narrow(0, from, size)
                .copy_(embed(inputs.Rows.narrow(0, from, size), indexes.narrow(0, from, size), pass)); // (b, d)
        }
        return share.Gather(embeddings).MoveToOuterDisposeScope(); // (V, d)
    }
}
