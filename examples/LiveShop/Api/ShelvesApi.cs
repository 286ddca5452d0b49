namespace LiveShop.Api;

/// <summary>What there is to choose from.</summary>
internal static class ShelvesApi
{
    public sealed record Shop(int Items, IReadOnlyList<string> Groups, Limits Limits);

    public sealed record Limits(int History, int Recommendations, int Text);

    public sealed record Page(int Total, IReadOnlyList<ShopItem> Items);

    public static Shop Describe(ShopShelves shelves, ShopSettings settings) =>
        new(
            shelves.Stock.Count + shelves.Added.Count,
            shelves.Groups,
            new(settings.MaximumHistory, settings.MaximumRecommendations, settings.MaximumText)
        );

    public static IResult Find(
        ShopShelves shelves,
        ShopSettings settings,
        string query = "",
        string? group = null,
        int skip = 0,
        int take = 24
    )
    {
        var wrong = new Dictionary<string, string[]>();
        if (query.Length > settings.MaximumText)
        {
            wrong["query"] = [$"Expected at most {settings.MaximumText} characters, found {query.Length}."];
        }
        if (skip < 0)
        {
            wrong["skip"] = [$"Expected 0 or more, found {skip}."];
        }
        if (take < 1 || take > settings.MaximumPage)
        {
            wrong["take"] = [$"Expected 1 to {settings.MaximumPage}, found {take}."];
        }
        if (wrong.Count > 0)
        {
            return TypedResults.ValidationProblem(wrong);
        }
        ShopItem[] found = [.. shelves.Find(query, group)];
        return TypedResults.Ok(new Page(found.Length, [.. found.Skip(skip).Take(take)]));
    }
}
