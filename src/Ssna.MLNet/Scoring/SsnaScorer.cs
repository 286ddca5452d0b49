using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>A trained model and its items' embeddings: from histories to scores. Safe for several threads at once.</summary>
internal sealed class SsnaScorer : IDisposable
{
    private const int ItemBlock = 4096;

    private readonly SsnaModel _model;

    /// <param name="model">The model; stays the caller's.</param>
    /// <param name="items">The embedding of every item of the catalogue. Taken over.</param>
    public SsnaScorer(SsnaModel model, ItemVectors items)
    {
        (_model, Items) = (model, items);
    }

    /// <summary>The embedding of every item of the catalogue.</summary>
    public ItemVectors Items { get; }

    /// <summary>Embeds items from their inputs.</summary>
    /// <param name="model">A trained model.</param>
    /// <param name="inputs">What was read of the items, one row an item: (V, ...).</param>
    /// <param name="checkAlive">Called now and then; throws to stop.</param>
    /// <returns>v*: (V, d), on the model's device.</returns>
    public static Tensor EmbedItems(SsnaModel model, Tensor inputs, Action? checkAlive = null) =>
        Embed(model, inputs, rows => model.Items.Prepare(rows.to(model.Device)), checkAlive); // (V, d)

    /// <summary>Embeds items whose inputs have been prepared.</summary>
    /// <param name="model">A model.</param>
    /// <param name="prepared">What its item encoder prepared, one row an item: (V, ...).</param>
    /// <param name="checkAlive">Called now and then; throws to stop.</param>
    /// <returns>v*: (V, d), on the model's device.</returns>
    public static Tensor EmbedPrepared(SsnaModel model, Tensor prepared, Action? checkAlive = null) =>
        Embed(model, prepared, rows => rows, checkAlive); // (V, d)

    // Block by block, so that what the encoder makes on the way to an embedding takes no memory for the whole catalogue.
    private static Tensor Embed(SsnaModel model, Tensor inputs, Func<Tensor, Tensor> prepare, Action? checkAlive)
    {
        ForwardPass pass = checkAlive is null ? ForwardPass.Exact : ForwardPass.Exact.With(checkAlive);
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        long count = inputs.shape[0];
        Tensor embeddings = empty(count, model.Shape.Dimension, ScalarType.Float32, device: model.Device); // (V, d)
        for (long from = 0; from < count; from += ItemBlock)
        {
            pass.CheckAlive();
            using var block = NewDisposeScope();
            long rows = Math.Min(ItemBlock, count - from);
            Tensor prepared = prepare(inputs.narrow(0, from, rows)); // (v, ...)
            embeddings.narrow(0, from, rows).copy_(model.Items.Embed(prepared, pass));
        }
        return embeddings.MoveToOuterDisposeScope();
    }

    /// <summary>User embeddings of length 1, from each history's most recent items.</summary>
    /// <param name="histories">Catalogue indexes, oldest first, at least one each.</param>
    /// <returns>(B, d).</returns>
    public Tensor EncodeUsers(IReadOnlyList<ReadOnlyMemory<int>> histories)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        int window = _model.Shape.Sequence.MaximumSequenceLength;
        var lengths = new int[histories.Count];
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = Math.Min(histories[i].Length, window);
        }
        SequencePacking packing = SequencePacking.Pack(lengths);
        var items = new int[lengths.Sum()];
        int next = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            histories[i].Span[^lengths[i]..].CopyTo(items.AsSpan(next));
            next += lengths[i];
        }
        Tensor slots = tensor(packing.Place(items, unused: 0), device: _model.Device); // (R * W)
        Tensor users = _model.Sequence.ForwardLast(Items.Embeddings(slots), packing, ForwardPass.Exact); // (B, d)
        return nn.functional.normalize(users, 2, 1, 1e-12).MoveToOuterDisposeScope(); // (B, d)
    }

    public void Dispose() => Items.Dispose();
}
