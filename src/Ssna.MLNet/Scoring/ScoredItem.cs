namespace Microsoft.ML.Trainers.Recommender;

/// <summary>An item and its score.</summary>
/// <typeparam name="TItem">The type of the item's id.</typeparam>
/// <param name="Item">The item's id.</param>
/// <param name="Score">The score: higher is better.</param>
public readonly record struct ScoredItem<TItem>(TItem Item, float Score);
