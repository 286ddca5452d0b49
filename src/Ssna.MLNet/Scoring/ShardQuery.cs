namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// A user as every part of a catalogue is told of: see <see cref="SsnaTransformer.RecommendMany{TItem}(IEnumerable{ShardQuery{TItem}}, CancellationToken)"/>.
/// </summary>
/// <typeparam name="TItem">The type of the ids.</typeparam>
/// <param name="User">
/// The user's embedding, <see cref="SsnaTransformer.Dimension"/> values of length 1:
/// see <see cref="SsnaTransformer.GetUserEmbeddings(IEnumerable{IReadOnlyList{float[]}}, CancellationToken)"/>.
/// </param>
/// <param name="History">
/// Those items of the user's history that some part of the catalogue has, oldest first: what the model has learned of repeats counts
/// them all. Empty for a user of whom nothing is known, who gets the most popular items.
/// </param>
/// <param name="K">How many items at most.</param>
/// <param name="ExcludeHistory">Whether none of them is in <paramref name="History"/>.</param>
public sealed record ShardQuery<TItem>(
    ReadOnlyMemory<float> User,
    IReadOnlyList<TItem> History,
    int K = 10,
    bool ExcludeHistory = true
)
    where TItem : notnull;
