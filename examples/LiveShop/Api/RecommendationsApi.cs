using System.Diagnostics;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Hosting;

namespace LiveShop.Api;

/// <summary>What a visitor who took some items is likely to take next, and what of them lies nearest to each.</summary>
internal static class RecommendationsApi
{
    /// <summary>Items of the history that are named beside a recommendation.</summary>
    private const int Reasons = 2;

    /// <param name="History">Ids of what was taken, the oldest first.</param>
    /// <param name="K">How many recommendations; 10 where it is missing.</param>
    /// <param name="ExcludeHistory">Whether none of them is in the history; so where it is missing.</param>
    public sealed record Question(string[]? History, int? K, bool? ExcludeHistory);

    /// <param name="Items">The best first.</param>
    /// <param name="UnknownItems">Items of the history that the model does not know.</param>
    /// <param name="Milliseconds">How long it took, the wait for a batch included.</param>
    /// <param name="ModelLoadedAt">Which model said so.</param>
    public sealed record Answer(
        IReadOnlyList<Recommended> Items,
        int UnknownItems,
        double Milliseconds,
        DateTimeOffset ModelLoadedAt
    );

    /// <param name="Item">The item.</param>
    /// <param name="Score">Its score; the share of all purchases where nothing is known of the visitor.</param>
    /// <param name="Taken">Whether it is in the history.</param>
    /// <param name="Because">The items of the history nearest to it, the nearest first; none that points the other way.</param>
    public sealed record Recommended(ShopItem Item, float Score, bool Taken, IReadOnlyList<Reason> Because);

    /// <param name="Item">An item of the history.</param>
    /// <param name="Nearness">The cosine of the two items' embeddings.</param>
    public sealed record Reason(ShopItem Item, float Nearness);

    public static async Task<IResult> RecommendAsync(
        Question question,
        SsnaRecommender recommender,
        ShopShelves shelves,
        ShopSettings settings,
        CancellationToken cancellationToken
    )
    {
        string[] history = question.History ?? [];
        int k = question.K ?? Math.Min(10, settings.MaximumRecommendations);
        if (Wrong(history, k, settings) is { Count: > 0 } wrong)
        {
            return TypedResults.ValidationProblem(wrong);
        }

        long start = Stopwatch.GetTimestamp();
        // One model for both questions, also where another takes over in between.
        using ModelLease lease = recommender.Acquire();
        IReadOnlyList<ScoredItem<string>> best = await lease.Batcher.RecommendAsync(
            history,
            k,
            excludeHistory: question.ExcludeHistory ?? true,
            cancellationToken: cancellationToken
        );
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> reasons = lease.Model.GetNearestInHistory(
            best.Select(scored => scored.Item),
            history,
            Reasons
        );
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return TypedResults.Ok(
            new Answer(
                [
                    .. best.Zip(
                        reasons,
                        (scored, nearest) =>
                            new Recommended(
                                shelves[scored.Item],
                                scored.Score,
                                history.Contains(scored.Item),
                                [
                                    .. nearest
                                        .Where(item => item.Score > 0)
                                        .Select(item => new Reason(shelves[item.Item], item.Score)),
                                ]
                            )
                    ),
                ],
                history.Count(item => !lease.Model.Contains(item)),
                milliseconds,
                lease.LoadedAt
            )
        );
    }

    private static Dictionary<string, string[]> Wrong(string[] history, int k, ShopSettings settings)
    {
        var wrong = new Dictionary<string, string[]>();
        if (history.Length > settings.MaximumHistory)
        {
            wrong["history"] = [$"Expected at most {settings.MaximumHistory} items, found {history.Length}."];
        }
        else if (Array.Exists(history, item => item is null))
        {
            wrong["history"] = ["Expected ids of items, found null."];
        }
        if (k < 1 || k > settings.MaximumRecommendations)
        {
            wrong["k"] = [$"Expected 1 to {settings.MaximumRecommendations}, found {k}."];
        }
        return wrong;
    }
}
