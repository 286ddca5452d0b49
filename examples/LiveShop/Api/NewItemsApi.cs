using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Hosting;

namespace LiveShop.Api;

/// <summary>Puts an item into the shop that nobody has ever taken, by its text alone. It is everybody's, until the program ends.</summary>
internal static class NewItemsApi
{
    public const string RatePolicy = "new items";

    private const int Shown = 3;

    /// <summary>The most popular items that are tried as all that a visitor took; of a larger shop, the rest is not.</summary>
    private const int Tried = 1000;

    /// <summary>As many recommendations as the page shows.</summary>
    private const int Recommended = 10;

    /// <param name="Text">What the item is, as the shop's other texts say it.</param>
    public sealed record NewItem(string? Text);

    /// <param name="Item">The item, as it is in the shop now.</param>
    /// <param name="Nearest">The items whose embeddings are nearest to its own, such as others of its kind.</param>
    /// <param name="After">Items after each of which alone it is recommended, the one that gives it the best place first.</param>
    public sealed record Added(ShopItem Item, IReadOnlyList<ShopItem> Nearest, IReadOnlyList<ShopItem> After);

    public static async Task<IResult> AddAsync(
        NewItem item,
        SsnaRecommender recommender,
        ShopShelves shelves,
        ShopSettings settings,
        MLContext mlContext,
        CancellationToken cancellationToken
    )
    {
        // A line of its own would be another row in a table of items.
        string text = string.Join(' ', (item.Text ?? "").Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        if (text.Length == 0 || text.Length > settings.MaximumText)
        {
            string found = text.Length == 0 ? "none" : $"{text.Length}";
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]>
                {
                    ["text"] = [$"Expected a text of 1 to {settings.MaximumText} characters, found {found}."],
                }
            );
        }
        if (shelves.TryAdd(text, settings.MaximumNewItems) is not { } added)
        {
            return TypedResults.Problem(
                $"The shop takes {settings.MaximumNewItems} new items, and has them.",
                statusCode: StatusCodes.Status409Conflict
            );
        }
        try
        {
            var row = mlContext.Data.LoadFromEnumerable([added]);
            await recommender.ChangeAsync(model => model.WithItems(row, cancellationToken), cancellationToken);
        }
        catch (Exception error)
        {
            shelves.Remove(added);
            if (error is (InvalidOperationException or ArgumentOutOfRangeException) and not ObjectDisposedException)
            {
                return TypedResults.Problem(
                    $"The model makes nothing of the text: {error.Message}",
                    statusCode: StatusCodes.Status422UnprocessableEntity
                );
            }
            throw;
        }
        using ModelLease lease = recommender.Acquire();
        return TypedResults.Created(
            (string?)null,
            new Added(
                shelves[added.Item],
                [.. lease.Model.GetSimilarItems(added.Item, Shown).Select(scored => shelves[scored.Item])],
                [.. After(lease.Model, added.Item, cancellationToken).Select(item => shelves[item])]
            )
        );
    }

    private static IEnumerable<string> After(SsnaTransformer model, string item, CancellationToken cancellationToken)
    {
        string[] tried = [.. model.Recommend<string>([], Tried).Select(scored => scored.Item).Where(id => id != item)];
        return tried
            .Zip(
                model.RecommendMany(
                    tried.Select(taken => new[] { taken }),
                    Recommended,
                    cancellationToken: cancellationToken
                )
            )
            .Select(pair =>
                (Taken: pair.First, Place: pair.Second.Select(scored => scored.Item).ToList().IndexOf(item))
            )
            .Where(pair => pair.Place >= 0)
            .OrderBy(pair => pair.Place)
            .Take(Shown)
            .Select(pair => pair.Taken);
    }

    /// <summary>Says when the next item may come.</summary>
    public static ValueTask RefuseAsync(OnRejectedContext context, CancellationToken cancellationToken)
    {
        if (context.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait))
        {
            context.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds)
                .ToString(CultureInfo.InvariantCulture);
        }
        return ValueTask.CompletedTask;
    }
}
