using Ssna.MLNet.Items;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>The loss of a batch and its gradient: every item once through its encoder, every sequence once through the model.</summary>
/// <remarks>
/// Ranks share the items to embed and the sequences. Each embeds its items and has all embeddings from then on; those are the leaves
/// of what it computes for its sequences, so that the way back stops there, at gradients that the ranks sum before each goes on with
/// its own items' alone.
/// </remarks>
/// <param name="model">The model, with gradients required.</param>
/// <param name="catalogue">The items' prepared inputs, each rank's own, and who computes.</param>
/// <param name="loss">The loss, at work.</param>
/// <param name="itemDropout">The share of distinct input items that is hidden.</param>
/// <param name="pass">How to compute.</param>
/// <param name="frozen">The items' embeddings, where they stay as they are: (I, d); null where they are trained.</param>
internal sealed class TrainingStep(
    SsnaModel model,
    HeldItems catalogue,
    BatchLoss loss,
    float itemDropout,
    ForwardPass pass,
    Tensor? frozen = null
)
{
    private readonly Ranks _ranks = catalogue.Ranks;

    /// <summary>
    /// Adds to the parameters' gradients this rank's part of the gradient of a batch's mean loss: their sum over the ranks is the
    /// gradient.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="scale">What the gradient is multiplied by on its way back.</param>
    /// <returns>The mean loss of the batch's cases, of all ranks: (1), without gradient.</returns>
    public Tensor Accumulate(TrainingBatch batch, float scale = 1)
    {
        using var scope = NewDisposeScope();
        UploadedBatch uploaded = batch.Upload(model.Device, _ranks);
        if (frozen is not null)
        {
            Tensor items = uploaded.Loss.Items is { } some ? frozen.index_select(0, some) : frozen.alias(); // (V, d)
            return ForwardAndBack(items, uploaded, scale).MoveToOuterDisposeScope();
        }
        var share = new ItemShare(catalogue, batch.Items);
        Tensor own = EmbedItems(share, uploaded.Loss.Items); // (v, d)
        Tensor embeddings = share.Gather(own.detach()).requires_grad_(true); // (V, d)
        Tensor found = ForwardAndBack(embeddings, uploaded, scale); // (1)
        Tensor gradient = embeddings.grad ?? zeros_like(embeddings); // (V, d)
        _ranks.Sum(gradient);
        if (share.Count > 0)
        {
            autograd.backward([own], [share.Own(gradient)]);
        }
        model.Items.FinishBackward();
        return found.MoveToOuterDisposeScope();
    }

    private Tensor ForwardAndBack(Tensor items, UploadedBatch uploaded, float scale)
    {
        using var scope = NewDisposeScope();
        Tensor found = zeros(1, ScalarType.Float32, device: model.Device); // (1)
        if (uploaded.Loss.Own.Count > 0)
        {
            (Tensor users, Tensor candidates) = Embed(items, uploaded); // (p, d), (C, d)
            LossGradients gradients = loss.Compute(users, candidates, uploaded.Loss, pass);
            if (scale != 1)
            {
                gradients.Users.MultiplyInPlace(scale);
                gradients.Candidates.MultiplyInPlace(scale);
            }
            if (frozen is not null)
            {
                autograd.backward([users], [gradients.Users]);
            }
            else
            {
                autograd.backward([users, candidates], [gradients.Users, gradients.Candidates]);
            }
            found.copy_(gradients.Loss);
        }
        _ranks.Sum(found);
        return found.MoveToOuterDisposeScope();
    }

    /// <summary>This rank's items of the batch, embedded: (v, d).</summary>
    /// <param name="share">Which they are.</param>
    /// <param name="whole">The catalogue indexes of all of the batch: (V); null for the whole catalogue.</param>
    private Tensor EmbedItems(ItemShare share, Tensor? whole)
    {
        if (share.Count == 0)
        {
            return zeros(0, model.Shape.Dimension, ScalarType.Float32, device: model.Device); // (0, d)
        }
        using var scope = NewDisposeScope();
        Tensor? indexes = _ranks.Alone ? whole : DeviceMemory.Upload(model.Device, share.Items!)[0]; // (v)
        pass.Noise?.DrawFor(share.Places);
        Tensor embedded = model.Items.EmbedTrained(Inputs(share, indexes), indexes, pass); // (v, d)
        pass.Noise?.DrawFor(default);
        return embedded.MoveToOuterDisposeScope();
    }

    // What is known of this rank's items: (v, ...).
    private Tensor Inputs(ItemShare share, Tensor? indexes) =>
        share.Rows is not { } rows ? catalogue.Rows.alias()
        : model.Items.ReadsOnHost ? catalogue.Rows.index_select(0, tensor(rows))
        : _ranks.Alone ? catalogue.Rows.index_select(0, indexes!)
        : catalogue.Rows.index_select(0, DeviceMemory.Upload(model.Device, rows)[0]);

    /// <summary>
    /// Users after each case's history (p, d), and what their targets are told apart from (C, d), all of length 1. Everything
    /// between, where autograd does not need it, is gone when this returns: before the way back takes memory of its own.
    /// </summary>
    private (Tensor Users, Tensor Candidates) Embed(Tensor items, UploadedBatch uploaded)
    {
        using var scope = NewDisposeScope();
        Tensor inputs = items;
        if (itemDropout > 0 && pass.Noise is { } noise)
        {
            inputs = items * noise.KeepRows(items.shape[0], itemDropout, model.Device); // (V, d)
        }
        Tensor slots = inputs.index_select(0, uploaded.Inputs); // (R * W, d)
        pass.Noise?.DrawFor(uploaded.Rows.Places());
        Tensor encoded = model.Sequence.Forward(slots, uploaded.Packing, pass); // (R * W, d)
        Tensor users = Unit(encoded.index_select(0, uploaded.Slots)); // (p, d)
        Tensor candidates = Unit(loss.Candidates(items, uploaded.Loss)); // (C, d)
        return (users.MoveToOuterDisposeScope(), candidates.MoveToOuterDisposeScope());
    }

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows, 2, 1, 1e-12);
}
