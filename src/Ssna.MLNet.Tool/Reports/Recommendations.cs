using System.Text.Json.Serialization;

namespace Ssna.MLNet.Tool.Reports;

/// <summary>An item that was asked for.</summary>
/// <param name="Item">Its id.</param>
/// <param name="Score">The higher, the better.</param>
/// <param name="Text">Its text; null where no file of items was named.</param>
internal sealed record ScoredItemReport(
    string Item,
    float Score,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text
);

/// <summary>A recommendation to somebody whose history is known.</summary>
/// <param name="Item">The item's id.</param>
/// <param name="Score">The higher, the better.</param>
/// <param name="Text">Its text; null where no file of items was named.</param>
/// <param name="Nearest">The items of the history whose embeddings are nearest to its own.</param>
internal sealed record RecommendedItem(
    string Item,
    float Score,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text,
    IReadOnlyList<string> Nearest
);

/// <summary>What is recommended after a history.</summary>
/// <param name="Items">The best first.</param>
/// <param name="UnknownItems">What of the history the model does not know.</param>
internal sealed record RecommendReport(IReadOnlyList<RecommendedItem> Items, IReadOnlyList<string> UnknownItems);

/// <summary>What is recommended to one of many users.</summary>
/// <param name="User">The user.</param>
/// <param name="Items">The best first.</param>
internal sealed record UserRecommendations(string User, IReadOnlyList<ScoredItemReport> Items);

/// <summary>What was recommended to many users.</summary>
/// <param name="Output">The file that has it.</param>
/// <param name="Users">The users.</param>
/// <param name="UsersWithoutKnownItems">Those of whom the model knows nothing, and who get what is popular.</param>
internal sealed record RecommendManyReport(string Output, int Users, int UsersWithoutKnownItems);

/// <summary>The items nearest to an item.</summary>
/// <param name="Item">The item.</param>
/// <param name="Items">The nearest first; the score is the cosine of the embeddings.</param>
internal sealed record SimilarReport(string Item, IReadOnlyList<ScoredItemReport> Items);

/// <summary>A model with more items.</summary>
/// <param name="Model">Its file.</param>
/// <param name="Added">Items that are new.</param>
/// <param name="Replaced">Items that it had, with new texts.</param>
/// <param name="Items">All its items.</param>
/// <param name="Nearest">For some of the given items, those nearest to each.</param>
internal sealed record AddItemsReport(
    string Model,
    int Added,
    int Replaced,
    int Items,
    IReadOnlyList<SimilarReport> Nearest
);
