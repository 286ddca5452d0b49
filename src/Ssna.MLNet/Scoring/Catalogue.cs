using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>
/// A trained model and the items that it chooses from, known by their indexes: what all requests to a transformer share, and
/// the one owner of its native memory but for the item pipeline's. Nothing in it changes, so threads share it.
/// </summary>
/// <param name="shared">The model; taken over.</param>
/// <param name="items">The embedding of every item; taken over.</param>
/// <param name="popularity">Each item's share of the interactions trained on: (I).</param>
/// <param name="trainedRows">
/// Each item's index in the catalogue that the model was trained on, -1 for an item that was added since: (I). Null where it is
/// that catalogue.
/// </param>
/// <param name="repeats">What is added to the scores of items that a user has taken, or null for nothing.</param>
internal sealed class Catalogue(
    Shared<SsnaModel> shared,
    ItemVectors items,
    float[] popularity,
    int[]? trainedRows = null,
    Repeats? repeats = null
) : IDisposable
{
    public SsnaModel Model => shared.Value;

    /// <summary>The embedding of every item.</summary>
    public ItemVectors Items => items;

    /// <summary>The items' scores for a user of whom nothing is known: (I).</summary>
    public float[] Popularity => popularity;

    /// <summary>Each item's index in the catalogue that was trained on, -1 for an item that was added: (I); null for that catalogue.</summary>
    public int[]? TrainedRows => trainedRows;

    /// <summary>What is added to the scores of items that a user has taken, or null for nothing.</summary>
    public Repeats? Repeats => repeats;

    /// <summary>The embeddings of the items from one on, of length 1 but for the rounding of <see cref="ItemVectors.Precision"/>.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">Their number.</param>
    public float[][] UnitEmbeddings(int first, int count)
    {
        using Tensor directions = items.Directions(first, count); // (n, d)
        return FloatRows.Copy(directions);
    }

    /// <summary>The embeddings of some items, of length 1 but for the rounding of <see cref="ItemVectors.Precision"/>.</summary>
    /// <param name="indexes">Their indexes, repeated at will.</param>
    public float[][] UnitEmbeddings(int[] indexes)
    {
        using ItemVectors some = items.Select(indexes);
        using Tensor directions = some.Directions(0, some.Count); // (n, d)
        return FloatRows.Copy(directions);
    }

    /// <summary>The embeddings v* of some items, not normalised: what the sequence model reads of a history.</summary>
    /// <param name="indexes">Their indexes, repeated at will.</param>
    public float[][] Embeddings(int[] indexes)
    {
        using ItemVectors some = items.Select(indexes);
        using Tensor places = TensorArithmetic.Counting(indexes.Length, some.Device); // (n)
        using Tensor embeddings = some.Embeddings(places); // (n, d)
        return FloatRows.Copy(embeddings);
    }

    /// <summary>The same model over a catalogue with items added or replaced; a new item's share is 0, its rate of repeats the mean.</summary>
    /// <param name="embeddings">v* of the items: (V, d).</param>
    /// <param name="positions">Their indexes in the new catalogue.</param>
    /// <param name="count">The items of the new catalogue.</param>
    public Catalogue With(Tensor embeddings, int[] positions, int count)
    {
        float[] shares = popularity;
        Array.Resize(ref shares, count);
        int[] rows = [.. Rows(), .. Enumerable.Repeat(-1, count - popularity.Length)];
        return new(shared.Share(), items.With(embeddings, positions, count), shares, rows, repeats?.With(count));
    }

    /// <summary>The same model over some of the catalogue.</summary>
    /// <param name="indexes">The items that stay.</param>
    public Catalogue Select(int[] indexes) =>
        new(
            shared.Share(),
            items.Select(indexes),
            Array.ConvertAll(indexes, index => popularity[index]),
            Array.ConvertAll(indexes, index => trainedRows is null ? index : trainedRows[index]),
            repeats?.Select(indexes)
        );

    /// <summary>The same model over the same catalogue, its embeddings kept in another precision.</summary>
    public Catalogue In(ItemPrecision precision) =>
        new(shared.Share(), items.In(precision), popularity, trainedRows, repeats);

    private IEnumerable<int> Rows() => trainedRows ?? Enumerable.Range(0, popularity.Length);

    public void Dispose()
    {
        items.Dispose();
        shared.Dispose();
    }
}
