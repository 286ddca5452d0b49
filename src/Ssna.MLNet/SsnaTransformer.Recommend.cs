using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;

namespace Microsoft.ML.Trainers.Recommender;

public sealed partial class SsnaTransformer
{
    /// <summary>Users whose histories go through the model together.</summary>
    private const int UserBlock = 256;

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
        int count = CountOf(k);
        using Lifetime.Use use = _memory.Begin();
        var ids = new TypedIds<TItem>(_ids);
        using Candidates candidates = Allowed(ids, allow);
        using var block = RankedBlock.Of(
            _catalogue,
            candidates,
            SequenceSet.Of(ids.Known(history)),
            count,
            excludeHistory ?? _settings.ExcludeHistory,
            deny is null ? [] : ids.Known(deny)
        );
        return Scored(ids, block.Best(0));
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
        int count = CountOf(k);
        using Lifetime.Use use = _memory.Begin();
        var ids = new TypedIds<TItem>(_ids);
        int[] denied = deny is null ? [] : ids.Known(deny);
        using Candidates candidates = Allowed(ids, allow);
        var results = new List<IReadOnlyList<ScoredItem<TItem>>>();
        using IChannel channel = _host.Start(nameof(RecommendMany));
        var halfMinutes = new HalfMinutes();
        foreach (IEnumerable<TItem>[] users in histories.Chunk(UserBlock))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (halfMinutes.Passed())
            {
                channel.Info($"Recommended to {results.Count} users so far.");
            }
            using var block = RankedBlock.Of(
                _catalogue,
                candidates,
                Histories(ids, users, results.Count),
                count,
                excludeHistory ?? _settings.ExcludeHistory,
                denied
            );
            for (int user = 0; user < users.Length; user++)
            {
                results.Add(Scored(ids, block.Best(user)));
            }
        }
        return results;
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
        using var block = RankedBlock.Similar(candidates, ids.Require(item, nameof(item)), k);
        return Scored(ids, block.Best(0));
    }

    private int CountOf(int? k)
    {
        int count = k ?? _settings.TopK;
        ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(k));
        return count;
    }

    private Candidates Allowed<TItem>(TypedIds<TItem> ids, IEnumerable<TItem>? allow)
        where TItem : notnull => new(_catalogue.Items, _catalogue.Popularity, allow is null ? null : ids.Known(allow));

    /// <summary>The known items of each history.</summary>
    /// <param name="ids">The catalogue.</param>
    /// <param name="histories">The histories.</param>
    /// <param name="first">The number of histories before them, for messages.</param>
    /// <exception cref="ArgumentException">A history is null.</exception>
    private static SequenceSet Histories<TItem>(TypedIds<TItem> ids, IEnumerable<TItem>[] histories, int first)
        where TItem : notnull
    {
        var builder = new SequenceSetBuilder();
        for (int i = 0; i < histories.Length; i++)
        {
            builder.Add(
                ids.Known(
                    histories[i]
                        ?? throw new ArgumentException(
                            $"Expected a history of every user, found null at position {first + i}.",
                            nameof(histories)
                        )
                )
            );
        }
        return builder.ToSet();
    }

    /// <summary>A copy of ranked items with their ids.</summary>
    private static ScoredItem<TItem>[] Scored<TItem>(TypedIds<TItem> ids, BestItems best)
        where TItem : notnull
    {
        var scored = new ScoredItem<TItem>[best.Count];
        for (int i = 0; i < scored.Length; i++)
        {
            scored[i] = new(ids[best.Indexes[i]], best.Scores[i]);
        }
        return scored;
    }
}
