using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>The loss of a batch and its gradient: every item once through its encoder, every sequence once through the model.</summary>
/// <param name="model">The model, with gradients required.</param>
/// <param name="catalogue">The items' prepared inputs: (I, ...).</param>
/// <param name="loss">What targets are told apart from; never Auto.</param>
/// <param name="logQ">What each item's logits lose for being a likely candidate: (I); null for no correction.</param>
/// <param name="options">Temperature, smoothing and item dropout.</param>
/// <param name="pass">How to compute.</param>
internal sealed class TrainingStep(
    SsnaModel model,
    Tensor catalogue,
    SsnaLoss loss,
    Tensor? logQ,
    SsnaTrainer.Options options,
    ForwardPass pass
)
{
    private readonly CandidateLoss _loss = new(options.Temperature, options.LabelSmoothing);

    /// <summary>Adds the gradient of a batch's mean loss to the parameters' gradients.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="scale">What the gradient is multiplied by on its way back.</param>
    /// <returns>The mean loss of the batch's cases: 0-dimensional, without gradient.</returns>
    public Tensor Accumulate(TrainingBatch batch, float scale = 1)
    {
        using var scope = NewDisposeScope();
        Device device = model.Device;
        Tensor? chosen = batch.Items is null ? null : tensor(batch.Items, device: device); // (V)
        Tensor targets = tensor(batch.Targets, device: device); // (P)
        (Tensor users, Tensor candidates) = Embed(batch, chosen, targets); // (P, d), (C, d)
        (Tensor Loss, Tensor UserGradient, Tensor CandidateGradient) found;
        if (loss == SsnaLoss.InBatch)
        {
            Tensor? seen = batch.Seen is null ? null : tensor(batch.Seen, device: device);
            var mask = new InBatchMask(targets, tensor(batch.Users, device: device), seen);
            Tensor? bias = logQ?.index_select(0, chosen!).index_select(0, targets).neg(); // (P)
            Tensor own = arange(targets.shape[0], ScalarType.Int64, device: device); // (P)
            found = _loss.Compute(users, candidates, own, mask.Rows, bias, pass);
        }
        else
        {
            Tensor? bias = logQ?.index_select(0, chosen!.narrow(0, 0, batch.Candidates)).neg(); // (C)
            found = _loss.Compute(users, candidates, targets, mask: null, bias, pass);
        }
        if (scale != 1)
        {
            found.UserGradient.mul_(scale);
            found.CandidateGradient.mul_(scale);
        }
        autograd.backward([users, candidates], [found.UserGradient, found.CandidateGradient]);
        model.Items.FinishBackward();
        return found.Loss.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Users after each case's history (P, d), and what their targets are told apart from (C, d), all of length 1. Everything
    /// between, where autograd does not need it, is gone when this returns: before the way back takes memory of its own.
    /// </summary>
    private (Tensor Users, Tensor Candidates) Embed(TrainingBatch batch, Tensor? chosen, Tensor targets)
    {
        using var scope = NewDisposeScope();
        Device device = model.Device;
        Tensor items = model.EmbedItems(chosen is null ? catalogue : catalogue.index_select(0, chosen), pass); // (V, d)
        Tensor inputs = items;
        if (options.ItemDropout > 0 && pass.Noise is { } noise)
        {
            inputs = items * noise.KeepRows(items.shape[0], options.ItemDropout, device); // (V, d)
        }
        Tensor slots = inputs.index_select(0, tensor(batch.Inputs, device: device)); // (R * W, d)
        Tensor encoded = model.EncodeSequences(slots, batch.Packing, pass); // (R * W, d)
        Tensor users = Unit(encoded.index_select(0, tensor(batch.Slots, device: device))); // (P, d)
        Tensor candidates = Unit(
            loss switch
            {
                SsnaLoss.FullCatalogue => items, // (I, d)
                SsnaLoss.SampledCatalogue => items.narrow(0, 0, batch.Candidates), // (C, d)
                _ => items.index_select(0, targets), // (P, d)
            }
        );
        return (users.MoveToOuterDisposeScope(), candidates.MoveToOuterDisposeScope());
    }

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows, 2, 1, 1e-12);
}
