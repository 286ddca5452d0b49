using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>
/// Finds the best items of a catalogue, known by their indexes, for users, known by their histories. Nothing in it changes,
/// so threads share it.
/// </summary>
internal sealed class CatalogueRanker : IDisposable
{
    private static readonly int[] s_none = [];

    private readonly Shared<SsnaModel> _shared;
    private readonly SsnaScorer _scorer;

    /// <param name="shared">The model; taken over.</param>
    /// <param name="items">The embedding of every item. Taken over.</param>
    /// <param name="popularity">Each item's share of the interactions trained on: (I).</param>
    public CatalogueRanker(Shared<SsnaModel> shared, ItemVectors items, float[] popularity)
    {
        _shared = shared;
        _scorer = new SsnaScorer(shared.Value, items);
        All = Candidates.All(items, popularity);
    }

    public SsnaModel Model => _shared.Value;

    /// <summary>The embedding of every item.</summary>
    public ItemVectors Items => All.Items;

    /// <summary>The whole catalogue.</summary>
    public Candidates All { get; }

    /// <summary>The best items for users.</summary>
    /// <param name="histories">What the users took, oldest first; the model looks at the most recent items.</param>
    /// <param name="k">How many.</param>
    /// <param name="excludeHistory">Whether none of them is in the user's history, all of it.</param>
    /// <param name="candidates">What to choose from; stays the caller's.</param>
    /// <param name="denied">Catalogue indexes that are none of them.</param>
    public RankedBlock Rank(
        SequenceSet histories,
        int k,
        bool excludeHistory,
        Candidates candidates,
        int[]? denied = null
    )
    {
        int[] always = denied is null ? s_none : [.. denied.Order()];
        (Tensor? users, int[] rowOf) = EncodeUsers(histories);
        return new RankedBlock(
            candidates,
            users,
            rowOf,
            k,
            excludeHistory ? row => SortedUnion(histories[row], always) : _ => always
        );
    }

    /// <summary>The items whose embeddings are nearest to an item's, which is none of them.</summary>
    public RankedBlock RankSimilar(int item, int k) =>
        new(All, Items.Directions(item, 1).DetachFromDisposeScope(), [0], k, _ => [item]);

    /// <summary>User embeddings, of length 1, of the users of whose history something is known.</summary>
    /// <param name="histories">The histories.</param>
    /// <returns>(B, d), the caller's, or null where nothing is known of any; and the row of it of each user, or -1.</returns>
    public (Tensor? Users, int[] RowOf) EncodeUsers(SequenceSet histories)
    {
        var rowOf = new int[histories.Count];
        var known = new List<ReadOnlyMemory<int>>(rowOf.Length);
        for (int user = 0; user < rowOf.Length; user++)
        {
            ReadOnlyMemory<int> history = histories.Memory(user);
            rowOf[user] = history.IsEmpty ? -1 : known.Count;
            if (!history.IsEmpty)
            {
                known.Add(history);
            }
        }
        return (known.Count == 0 ? null : _scorer.EncodeUsers(known).DetachFromDisposeScope(), rowOf);
    }

    /// <summary>User embeddings, of length 1: zeros for users of whom nothing is known.</summary>
    public float[][] EmbedUsers(SequenceSet histories)
    {
        (Tensor? users, int[] rowOf) = EncodeUsers(histories);
        using (users)
        {
            float[][] known = users is null ? [] : Rows(users);
            return Array.ConvertAll(rowOf, row => row < 0 ? new float[Model.Shape.Dimension] : known[row]);
        }
    }

    /// <summary>The embeddings of all items, of length 1.</summary>
    public float[][] UnitEmbeddings()
    {
        using Tensor directions = Items.Directions(0, Items.Count); // (I, d)
        return Rows(directions);
    }

    /// <summary>The same model over a catalogue with items added or replaced; a new item's share is 0.</summary>
    /// <param name="embeddings">v* of the items: (V, d).</param>
    /// <param name="positions">Their indexes in the new catalogue.</param>
    /// <param name="count">The items of the new catalogue.</param>
    public CatalogueRanker With(Tensor embeddings, int[] positions, int count)
    {
        using Tensor into = Positions(positions); // (V)
        float[] popularity = All.Popularity;
        Array.Resize(ref popularity, count);
        return new(_shared.Share(), Items.With(embeddings, into, count), popularity);
    }

    /// <summary>The same model over some of the catalogue.</summary>
    /// <param name="indexes">The items that stay.</param>
    public CatalogueRanker Select(int[] indexes)
    {
        using Tensor rows = Positions(indexes); // (N)
        return new(_shared.Share(), Items.Select(rows), Array.ConvertAll(indexes, index => All.Popularity[index]));
    }

    /// <summary>The same model over the same catalogue, its embeddings kept in another precision.</summary>
    public CatalogueRanker In(ItemPrecision precision) => new(_shared.Share(), Items.In(precision), All.Popularity);

    public void Dispose()
    {
        _scorer.Dispose();
        _shared.Dispose();
    }

    private static int[] SortedUnion(ReadOnlySpan<int> history, int[] others)
    {
        int[] all = [.. history, .. others];
        Array.Sort(all);
        return all;
    }

    private Tensor Positions(int[] indexes) => tensor(indexes, ScalarType.Int64, Items.Device); // (N)

    private static float[][] Rows(Tensor values)
    {
        using var scope = NewDisposeScope();
        Tensor local = values.cpu().contiguous(); // (N, d)
        var all = new FloatRows(local);
        var rows = new float[values.shape[0]][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = all[i].ToArray();
        }
        return rows;
    }
}
