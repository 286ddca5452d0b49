using Ssna.MLNet.Ids;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Microsoft.ML.Trainers.Recommender;

// A catalogue in parts, none of which has all items' embeddings: see docs/serving.md.
public sealed partial class SsnaTransformer
{
    private const string ShardMethod = "shard";

    /// <summary>
    /// A transformer of one part of the catalogue: its items from <c>index * ItemCount / count</c> to <c>(index + 1) * ItemCount / count</c>.
    /// All parts together have every item once, and nearly as many each.
    /// </summary>
    /// <remarks>
    /// It has no item pipeline, so that neither its memory nor what it saves holds an encoder of texts. Users are recommended to from
    /// all parts as from the whole by <see cref="GetHistoryEmbeddings"/> of every part, which are read by
    /// <see cref="GetUserEmbeddings(IEnumerable{IReadOnlyList{float[]}}, CancellationToken)"/> of any,
    /// <see cref="RecommendMany{TItem}(IEnumerable{ShardQuery{TItem}}, CancellationToken)"/> of every part, and
    /// <see cref="ScoredItem.Merge"/>. For computing users' embeddings alone the smallest part will do: <c>Shard(0, ItemCount)</c>,
    /// the model and one item.
    /// </remarks>
    /// <param name="index">Which part, from 0.</param>
    /// <param name="count">How many parts there are: 1 to <see cref="ItemCount"/>.</param>
    /// <returns>A transformer of its own, which shares the model's memory with this one; dispose of both.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part, or some part would have no items.</exception>
    public SsnaTransformer Shard(int index, int count)
    {
        if (count < 1 || count > ItemCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count),
                count,
                $"Expected 1 to {ItemCount} parts, as the catalogue has {ItemCount} items, found {count}."
            );
        }
        if (index < 0 || index >= count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index),
                index,
                $"Expected a part from 0 to {count - 1}, found {index}."
            );
        }
        using Lifetime.Use use = _memory.Begin();
        int first = (int)((long)ItemCount * index / count);
        int end = (int)((long)ItemCount * (index + 1) / count);
        int[] kept = [.. Enumerable.Range(first, end - first)];
        return new(_host, _settings, _ids.Select(kept), _catalogue.Select(kept), itemPipeline: null, Training);
    }

    /// <summary>What the sequence model reads of the items of a history.</summary>
    /// <typeparam name="TItem">The type of the ids, as of <see cref="Recommend"/>.</typeparam>
    /// <param name="history">The items, in any order.</param>
    /// <returns>
    /// For each item <see cref="Dimension"/> values, its embedding at its own length; null for one that the catalogue does not have,
    /// which another part of it may.
    /// </returns>
    /// <exception cref="ArgumentException">The ids are of another type, or one is null.</exception>
    public IReadOnlyList<float[]?> GetHistoryEmbeddings<TItem>(IEnumerable<TItem> history)
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(history);
        using Lifetime.Use use = _memory.Begin();
        var ids = new TypedIds<TItem>(_ids);
        int[] indexes = [.. history.Select(ids.IndexOf)];
        int[] known = [.. indexes.Where(index => index >= 0)];
        float[][] embeddings = known.Length == 0 ? [] : _catalogue.Embeddings(known);
        int next = 0;
        return Array.ConvertAll(indexes, index => index < 0 ? null : embeddings[next++]);
    }

    /// <summary>The embeddings of users whose items may be in other parts of the catalogue.</summary>
    /// <param name="histories">
    /// For each user what <see cref="GetHistoryEmbeddings"/> gives for the items of the history, oldest first, without those that no
    /// part has. Of the items only the most recent <see cref="SequenceModel.MaximumSequenceLength"/> are read.
    /// </param>
    /// <param name="cancellationToken">Stops between two blocks of users.</param>
    /// <returns>
    /// For each user <see cref="Dimension"/> values of length 1, or zeros where the history is empty, in the order of
    /// <paramref name="histories"/>.
    /// </returns>
    /// <exception cref="ArgumentException">A history or a vector is null, or a vector of another width.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public IReadOnlyList<float[]> GetUserEmbeddings(
        IEnumerable<IReadOnlyList<float[]>> histories,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(histories);
        using Lifetime.Use use = _memory.Begin();
        return InBlocks(histories, nameof(histories), Embed, cancellationToken);

        float[][] Embed(IReadOnlyList<float[]>[] users)
        {
            foreach (float[] vector in users.SelectMany(history => history))
            {
                RequireWidth(vector?.Length, nameof(histories));
            }
            using var embeddings = UserEmbeddings.Of(_catalogue.Model, users);
            return embeddings.ToArrays(Dimension);
        }
    }

    /// <summary>
    /// The best items for each of many users whose embeddings were computed before, maybe elsewhere: as this part of the catalogue
    /// has them. <see cref="ScoredItem.Merge"/> makes of all parts' lists those of the whole catalogue.
    /// </summary>
    /// <typeparam name="TItem">The type of the ids, as of <see cref="Recommend"/>.</typeparam>
    /// <param name="queries">The users; each has its own number of items and its own exclusion.</param>
    /// <param name="cancellationToken">Stops between two blocks of users.</param>
    /// <returns>
    /// One list a user, in the order of <paramref name="queries"/>, best first; of equal scores, the item that comes first in the
    /// catalogue.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The ids are of another type, an embedding is of another width, or a query, a history or an id is null.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A query's <see cref="ShardQuery{TItem}.K"/> is negative.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<ScoredItem<TItem>>> RecommendMany<TItem>(
        IEnumerable<ShardQuery<TItem>> queries,
        CancellationToken cancellationToken = default
    )
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(queries);
        return RecommendationMetrics.Measure(
            ShardMethod,
            () =>
            {
                using Lifetime.Use use = _memory.Begin();
                using var candidates = new Candidates(_catalogue.Items, _catalogue.Popularity);
                return InBlocks(queries, nameof(queries), users => RankQueries(candidates, users), cancellationToken);
            }
        );
    }

    private IEnumerable<IReadOnlyList<ScoredItem<TItem>>> RankQueries<TItem>(
        Candidates candidates,
        ShardQuery<TItem>[] queries
    )
        where TItem : notnull
    {
        var ids = new TypedIds<TItem>(_ids);
        RankingRequest[] requests = Array.ConvertAll(queries, query => Request(ids, query));
        BestItems[] best = Rank(
            candidates,
            requests,
            histories =>
                UserEmbeddings.Of(
                    Array.ConvertAll(queries, query => query.User),
                    histories,
                    Dimension,
                    _catalogue.Items.Device
                )
        );
        return requests.Select((request, i) => Scored(ids, best[i], request.Count));
    }

    // Items of other parts have indexes behind this part's own, by which they count in the history and are ranked nowhere.
    private RankingRequest Request<TItem>(TypedIds<TItem> ids, ShardQuery<TItem> query)
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(query.History);
        ArgumentOutOfRangeException.ThrowIfNegative(query.K);
        if (query.History.Count > 0)
        {
            RequireWidth(query.User.Length, nameof(query));
        }
        RecommendationMetrics.Request(ShardMethod, unknownItems: 0);
        var elsewhere = new Dictionary<string, int>();
        int[] history = [.. query.History.Select(IndexOf)];
        return new(history, query.K, query.ExcludeHistory, []);

        int IndexOf(TItem item)
        {
            int index = ids.IndexOf(item);
            if (index < 0 && !elsewhere.TryGetValue(item.ToString()!, out index))
            {
                index = _ids.Count + elsewhere.Count;
                elsewhere.Add(item.ToString()!, index);
            }
            return index;
        }
    }

    private void RequireWidth(int? width, string parameter)
    {
        if (width != Dimension)
        {
            throw new ArgumentException(
                $"Expected embeddings of {Dimension} values, found {(width is null ? "null" : $"one of {width}")}.",
                parameter
            );
        }
    }
}
