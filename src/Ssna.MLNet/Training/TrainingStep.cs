using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>The loss of a batch and its gradient: every item once through its encoder, every sequence once through the model.</summary>
/// <param name="model">The model, with gradients required.</param>
/// <param name="catalogue">The items' prepared inputs: (I, ...).</param>
/// <param name="loss">The loss, at work.</param>
/// <param name="itemDropout">The share of distinct input items that is hidden.</param>
/// <param name="pass">How to compute.</param>
/// <param name="itemsFrozen">Whether <paramref name="catalogue"/> holds the items' embeddings themselves, which stay: (I, d).</param>
internal sealed class TrainingStep(
    SsnaModel model,
    Tensor catalogue,
    BatchLoss loss,
    float itemDropout,
    ForwardPass pass,
    bool itemsFrozen = false
)
{
    /// <summary>Adds the gradient of a batch's mean loss to the parameters' gradients.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="scale">What the gradient is multiplied by on its way back.</param>
    /// <returns>The mean loss of the batch's cases: 0-dimensional, without gradient.</returns>
    public Tensor Accumulate(TrainingBatch batch, float scale = 1)
    {
        using var scope = NewDisposeScope();
        UploadedBatch uploaded = batch.Upload(model.Device);
        (Tensor users, Tensor candidates) = Embed(batch, uploaded); // (P, d), (C, d)
        LossGradients found = loss.Compute(users, candidates, uploaded.Loss, pass);
        if (scale != 1)
        {
            found.Users.MultiplyInPlace(scale);
            found.Candidates.MultiplyInPlace(scale);
        }
        if (itemsFrozen)
        {
            autograd.backward([users], [found.Users]);
        }
        else
        {
            autograd.backward([users, candidates], [found.Users, found.Candidates]);
            model.Items.FinishBackward();
        }
        return found.Loss.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Users after each case's history (P, d), and what their targets are told apart from (C, d), all of length 1. Everything
    /// between, where autograd does not need it, is gone when this returns: before the way back takes memory of its own.
    /// </summary>
    private (Tensor Users, Tensor Candidates) Embed(TrainingBatch batch, UploadedBatch uploaded)
    {
        using var scope = NewDisposeScope();
        Tensor? chosen = uploaded.Loss.Items; // (V)
        Tensor known = batch.Items is null
            ? catalogue
            : catalogue.index_select(0, model.Items.ReadsOnHost && !itemsFrozen ? tensor(batch.Items) : chosen!); // (V, ...)
        Tensor items = itemsFrozen ? known : model.Items.EmbedTrained(known, chosen, pass); // (V, d)
        Tensor inputs = items;
        if (itemDropout > 0 && pass.Noise is { } noise)
        {
            inputs = items * noise.KeepRows(items.shape[0], itemDropout, model.Device); // (V, d)
        }
        Tensor slots = inputs.index_select(0, uploaded.Inputs); // (R * W, d)
        Tensor encoded = model.Sequence.Forward(slots, uploaded.Packing, pass); // (R * W, d)
        Tensor users = Unit(encoded.index_select(0, uploaded.Slots)); // (P, d)
        Tensor candidates = Unit(loss.Candidates(items, uploaded.Loss)); // (C, d)
        return (users.MoveToOuterDisposeScope(), candidates.MoveToOuterDisposeScope());
    }

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows, 2, 1, 1e-12);
}
