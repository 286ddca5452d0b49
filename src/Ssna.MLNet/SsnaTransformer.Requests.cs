using Ssna.MLNet.Ids;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;

namespace Microsoft.ML.Trainers.Recommender;

// From ids to indexes and back, and between the two the ranking: what a batch shares with a single call.
public sealed partial class SsnaTransformer
{
    /// <summary>Keeps the native memory until it is disposed of, also where the transformer is disposed of before.</summary>
    /// <exception cref="ObjectDisposedException">It has been.</exception>
    internal Lifetime.Use Hold() => _memory.Begin();

    /// <summary>A request in the catalogue's terms, which is counted.</summary>
    /// <param name="method">By what it was asked, for the metrics.</param>
    /// <param name="history">As of <see cref="Recommend"/>.</param>
    /// <param name="k">As of <see cref="Recommend"/>.</param>
    /// <param name="allow">As of <see cref="Recommend"/>.</param>
    /// <param name="deny">As of <see cref="Recommend"/>.</param>
    /// <param name="excludeHistory">As of <see cref="Recommend"/>.</param>
    internal RankingRequest Ask<TItem>(
        string method,
        IEnumerable<TItem> history,
        int? k,
        IEnumerable<TItem>? allow,
        IEnumerable<TItem>? deny,
        bool? excludeHistory
    )
        where TItem : notnull
    {
        int count = CountOf(k);
        var ids = new TypedIds<TItem>(_ids);
        int[]? allowed = allow is null ? null : ids.Known(allow);
        return Request(ids, method, history, count, excludeHistory, Denied(ids, deny)) with { Allowed = allowed };
    }

    /// <summary>
    /// Ranks for all requests: those that choose from the whole catalogue go through the model together, each of the others by
    /// itself. Whoever calls holds the memory.
    /// </summary>
    internal BestItems[] Rank(IReadOnlyList<RankingRequest> requests)
    {
        var results = new BestItems[requests.Count];
        int[] together = [.. Enumerable.Range(0, results.Length).Where(i => requests[i].Allowed is null)];
        if (together.Length > 0)
        {
            using var all = new Candidates(_catalogue.Items, _catalogue.Popularity);
            BestItems[] ranked = Rank(all, Array.ConvertAll(together, i => requests[i]));
            for (int i = 0; i < together.Length; i++)
            {
                results[together[i]] = ranked[i];
            }
        }
        foreach (int i in Enumerable.Range(0, results.Length).Except(together))
        {
            using var allowed = new Candidates(_catalogue.Items, _catalogue.Popularity, requests[i].Allowed);
            results[i] = Rank(allowed, [requests[i]])[0];
        }
        return results;
    }

    /// <summary>What was ranked for a request, in the caller's ids.</summary>
    internal ScoredItem<TItem>[] Answer<TItem>(RankingRequest request, BestItems best)
        where TItem : notnull => Scored(new TypedIds<TItem>(_ids), best, request.Count);

    private int CountOf(int? k)
    {
        int count = k ?? _settings.TopK;
        ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(k));
        return count;
    }

    private static int[] Denied<TItem>(TypedIds<TItem> ids, IEnumerable<TItem>? deny)
        where TItem : notnull => deny is null ? [] : RankingRequest.Ascending(ids.Known(deny));

    private RankingRequest Request<TItem>(
        TypedIds<TItem> ids,
        string method,
        IEnumerable<TItem> history,
        int count,
        bool? excludeHistory,
        int[] denied
    )
        where TItem : notnull
    {
        int[] known = ids.Known(history, out int unknown);
        RecommendationMetrics.Request(method, unknown);
        return new(known, count, excludeHistory ?? _settings.ExcludeHistory, denied);
    }

    private BestItems[] Rank(Candidates candidates, RankingRequest[] requests) =>
        Rank(candidates, requests, histories => UserEmbeddings.Of(_catalogue.Model, _catalogue.Items, histories));

    private BestItems[] Rank(Candidates candidates, RankingRequest[] requests, Func<SequenceSet, UserEmbeddings> embed)
    {
        RecommendationMetrics.Batch(requests.Length);
        SequenceSet histories = RankingRequest.Histories(requests);
        using var block = RankedBlock.Of(
            _catalogue,
            candidates,
            embed(histories),
            histories,
            requests.Max(request => request.Count),
            row => requests[row].Excluded
        );
        return [.. Enumerable.Range(0, requests.Length).Select(block.Best)];
    }

    /// <summary>A copy of the best of ranked items with their ids.</summary>
    private static ScoredItem<TItem>[] Scored<TItem>(TypedIds<TItem> ids, BestItems best, int count)
        where TItem : notnull
    {
        var scored = new ScoredItem<TItem>[Math.Min(best.Count, count)];
        for (int i = 0; i < scored.Length; i++)
        {
            scored[i] = new(ids[best.Indexes[i]], best.Scores[i]);
        }
        return scored;
    }
}
