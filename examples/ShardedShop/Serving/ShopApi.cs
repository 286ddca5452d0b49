using ShardedShop.Grains;
using ShardedShop.Models;

namespace ShardedShop.Serving;

/// <summary>What every silo answers by HTTP.</summary>
internal static class ShopApi
{
    private const int MaximumHistory = 200;
    private const int MaximumRecommendations = 50;

    /// <param name="History">Ids of what was taken, the oldest first.</param>
    /// <param name="K">How many recommendations; 10 where it is missing.</param>
    /// <param name="ExcludeHistory">Whether none of them is in the history; so where it is missing.</param>
    public sealed record Question(string[]? History, int? K, bool? ExcludeHistory);

    /// <param name="Items">The best first.</param>
    /// <param name="Version">The version of the model that said so.</param>
    public sealed record Answer(IReadOnlyList<Recommended> Items, string Version);

    /// <param name="Item">The item's id.</param>
    /// <param name="Score">Its score.</param>
    public sealed record Recommended(string Item, float Score);

    /// <param name="Version">The version of the model that this silo answers by; null where it does not yet.</param>
    /// <param name="Shards">What it has in memory, such as "2 of version 1".</param>
    public sealed record Status(string? Version, string[] Shards);

    public static void Map(WebApplication app)
    {
        app.MapPost("/api/recommendations", RecommendAsync);
        app.MapPost("/api/versions/{number:int}", PublishAsync);
        app.MapGet(
            "/health",
            (CurrentVersion current, HeldShards held) =>
                Results.Json(
                    new Status(current.Value?.Name, held.Names),
                    statusCode: current.Value is null
                        ? StatusCodes.Status503ServiceUnavailable
                        : StatusCodes.Status200OK
                )
        );
    }

    private static async Task<IResult> RecommendAsync(
        Question question,
        ShardedRecommender recommender,
        HttpContext context,
        CancellationToken cancellation
    )
    {
        string[] history = question.History ?? [];
        int k = question.K ?? 10;
        if (Wrong(history, k) is { Count: > 0 } wrong)
        {
            return TypedResults.ValidationProblem(wrong);
        }
        try
        {
            ShardedRecommender.Answer answer = await recommender.RecommendAsync(
                new(history, k, question.ExcludeHistory ?? true),
                cancellation
            );
            return TypedResults.Ok(
                new Answer([.. answer.Items.Select(item => new Recommended(item.Item, item.Score))], answer.Version)
            );
        }
        catch (UnavailableException error)
        {
            context.Response.Headers.RetryAfter = "1";
            return TypedResults.Problem(error.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static Dictionary<string, string[]> Wrong(string[] history, int k)
    {
        var wrong = new Dictionary<string, string[]>();
        if (history.Length > MaximumHistory)
        {
            wrong["history"] = [$"Expected at most {MaximumHistory} items, found {history.Length}."];
        }
        else if (Array.Exists(history, item => item is null))
        {
            wrong["history"] = ["Expected ids of items, found null."];
        }
        if (k < 1 || k > MaximumRecommendations)
        {
            wrong["k"] = [$"Expected 1 to {MaximumRecommendations}, found {k}."];
        }
        return wrong;
    }

    /// <summary>Has a version served that is in the store; answers once the old one's memory is free.</summary>
    private static async Task<IResult> PublishAsync(int number, ModelStore store, IGrainFactory grains)
    {
        if (store.Find(number) is not { } next)
        {
            return TypedResults.Problem(
                $"The store has no version {number}.",
                statusCode: StatusCodes.Status404NotFound
            );
        }
        try
        {
            await grains.GetGrain<ICatalogueGrain>(0).PublishAsync(next);
            return TypedResults.NoContent();
        }
        catch (Exception error)
        {
            return TypedResults.Problem(
                $"Version {number} is not served: {error.Message}",
                statusCode: StatusCodes.Status422UnprocessableEntity
            );
        }
    }
}
