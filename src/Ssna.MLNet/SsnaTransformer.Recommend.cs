using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Microsoft.ML.Trainers.Recommender;

public sealed partial class SsnaTransformer
{
    /// <summary>Users whose histories go through the model together.</summary>
    internal const int UserBlock = 256;

    private const string OneMethod = "recommend";
    private const string ManyMethod = "recommend_many";

    /// <summary>The best items for one user, best first; of equal scores, the item that comes first in the catalogue.</summary>
    /// <typeparam name="TItem">
    /// The type of the ids: <see cref="string"/> where they are text, else any integer type that holds them.
    /// </typeparam>
    /// <param name="history">What the user took, oldest first. Items that the catalogue does not have are skipped.</param>
    /// <param name="k">How many items at most, or null for as many as the output columns have.</param>
    /// <param name="allow">What to choose from, or null for the whole catalogue; items that it does not have are ignored.</param>
    /// <param name="deny">What not to recommend.</param>
    /// <param name="excludeHistory">
    /// Whether not to recommend what is in <paramref name="history"/>, or null for what the output columns do.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The ids of the catalogue are of another type than <typeparamref name="TItem"/>, or one that is given is null.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is negative.</exception>
    public IReadOnlyList<ScoredItem<TItem>> Recommend<TItem>(
        IEnumerable<TItem> history,
        int? k = null,
        IEnumerable<TItem>? allow = null,
        IEnumerable<TItem>? deny = null,
        bool? excludeHistory = null
    )
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(history);
        return RecommendationMetrics.Measure(
            OneMethod,
            () =>
            {
                RankingRequest request = Ask(OneMethod, history, k, allow, deny, excludeHistory);
                using Lifetime.Use use = _memory.Begin();
                return Answer<TItem>(request, Rank([request])[0]);
            }
        );
    }

    /// <summary>The best items for each of many users, who go through the model together.</summary>
    /// <param name="histories">What each user took, oldest first.</param>
    /// <param name="k">As of <see cref="Recommend"/>.</param>
    /// <param name="allow">As of <see cref="Recommend"/>, for all users.</param>
    /// <param name="deny">As of <see cref="Recommend"/>, for all users.</param>
    /// <param name="excludeHistory">As of <see cref="Recommend"/>: each user's own history.</param>
    /// <param name="cancellationToken">Stops between two blocks of users.</param>
    /// <returns>One list a user, in the order of <paramref name="histories"/>.</returns>
    /// <inheritdoc cref="Recommend"/>
    public IReadOnlyList<IReadOnlyList<ScoredItem<TItem>>> RecommendMany<TItem>(
        IEnumerable<IEnumerable<TItem>> histories,
        int? k = null,
        IEnumerable<TItem>? allow = null,
        IEnumerable<TItem>? deny = null,
        bool? excludeHistory = null,
        CancellationToken cancellationToken = default
    )
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(histories);
        return RecommendationMetrics.Measure(
            ManyMethod,
            () => RecommendToAll(histories, CountOf(k), allow, deny, excludeHistory, cancellationToken)
        );
    }

    /// <summary>The items nearest to an item by their embeddings' cosine, nearest first, without itself.</summary>
    /// <typeparam name="TItem">The type of the ids, as of <see cref="Recommend"/>.</typeparam>
    /// <param name="item">The item.</param>
    /// <param name="k">How many at most.</param>
    /// <exception cref="ArgumentException">
    /// The catalogue does not have the item, or its ids are of another type than <typeparamref name="TItem"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is negative.</exception>
    public IReadOnlyList<ScoredItem<TItem>> GetSimilarItems<TItem>(TItem item, int k = 10)
        where TItem : notnull
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        using Lifetime.Use use = _memory.Begin();
        var ids = new TypedIds<TItem>(_ids);
        using var candidates = new Candidates(_catalogue.Items, _catalogue.Popularity);
        using var block = RankedBlock.Similar(_catalogue.Items, candidates, [ids.Require(item, nameof(item))], k);
        return Scored(ids, block.Best(0), k);
    }

    /// <summary>
    /// For each of some items, such as those that were recommended, the items of a history that are nearest to it by their
    /// embeddings' cosine, nearest first: what a page may show as "because you took ...".
    /// </summary>
    /// <remarks>
    /// It is a nearness of embeddings and no account of how a score came about. The model reads the history as a whole and in its
    /// order, and what it recommends may go with items that lie far from it; take an item out of the history and recommend again
    /// to see what it does to a score.
    /// </remarks>
    /// <typeparam name="TItem">The type of the ids, as of <see cref="Recommend"/>.</typeparam>
    /// <param name="items">The items; the catalogue must have them.</param>
    /// <param name="history">What the user took, in any order. Items that the catalogue does not have are skipped.</param>
    /// <param name="k">How many at most for each item.</param>
    /// <returns>
    /// One list an item, in the order of <paramref name="items"/>: distinct items of the history with their cosines, without the
    /// item itself where the history has it.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The catalogue does not have one of the items, or its ids are of another type than <typeparamref name="TItem"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is negative.</exception>
    public IReadOnlyList<IReadOnlyList<ScoredItem<TItem>>> GetNearestInHistory<TItem>(
        IEnumerable<TItem> items,
        IEnumerable<TItem> history,
        int k = 1
    )
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(history);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        using Lifetime.Use use = _memory.Begin();
        var ids = new TypedIds<TItem>(_ids);
        int[] to = [.. items.Select(item => ids.Require(item, nameof(items)))];
        using var taken = new Candidates(_catalogue.Items, _catalogue.Popularity, ids.Known(history));
        using var block = RankedBlock.Similar(_catalogue.Items, taken, to, k);
        return [.. Enumerable.Range(0, to.Length).Select(row => Scored(ids, block.Best(row), k))];
    }

    private List<IReadOnlyList<ScoredItem<TItem>>> RecommendToAll<TItem>(
        IEnumerable<IEnumerable<TItem>> histories,
        int count,
        IEnumerable<TItem>? allow,
        IEnumerable<TItem>? deny,
        bool? excludeHistory,
        CancellationToken cancellationToken
    )
        where TItem : notnull
    {
        using Lifetime.Use use = _memory.Begin();
        var ids = new TypedIds<TItem>(_ids);
        int[] denied = Denied(ids, deny);
        using var candidates = new Candidates(
            _catalogue.Items,
            _catalogue.Popularity,
            allow is null ? null : ids.Known(allow)
        );
        return InBlocks(histories, nameof(histories), RankBlock, cancellationToken);

        IEnumerable<IReadOnlyList<ScoredItem<TItem>>> RankBlock(IEnumerable<TItem>[] users)
        {
            RankingRequest[] requests = Array.ConvertAll(
                users,
                history => Request(ids, ManyMethod, history, count, excludeHistory, denied)
            );
            return Rank(candidates, requests).Select(best => Scored(ids, best, count));
        }
    }

    /// <summary>What is made of each of many users, as many at a time as go through the model together.</summary>
    /// <param name="users">The users.</param>
    /// <param name="parameter">The name of the caller's parameter that they came by.</param>
    /// <param name="work">What makes one result of each.</param>
    /// <param name="cancellationToken">Stops between two blocks.</param>
    private List<TResult> InBlocks<TUser, TResult>(
        IEnumerable<TUser> users,
        string parameter,
        Func<TUser[], IEnumerable<TResult>> work,
        CancellationToken cancellationToken
    )
        where TUser : class
    {
        var results = new List<TResult>();
        using IChannel channel = _host.Start(nameof(RecommendMany));
        var halfMinutes = new HalfMinutes();
        foreach (TUser[] block in users.Chunk(UserBlock))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (halfMinutes.Passed())
            {
                channel.Info($"{results.Count} users so far.");
            }
            int missing = Array.IndexOf(block, null);
            if (missing >= 0)
            {
                throw new ArgumentException(
                    $"Expected a history of every user, found null at position {results.Count + missing}.",
                    parameter
                );
            }
            results.AddRange(work(block));
        }
        return results;
    }
}
