using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>What is added to the cosine of an item that the user has taken: learned, linear in what its place says.</summary>
/// <param name="Recency">For each value of <see cref="HistoryItem.Recency"/>.</param>
/// <param name="Times">For each unit of <see cref="HistoryItem.Times"/>.</param>
/// <param name="Again">For each unit of <see cref="HistoryItem.Again"/>.</param>
/// <param name="User">For each unit of <see cref="HistoryItem.User"/>.</param>
internal sealed record RepeatWeights(float[] Recency, float Times, float Again, float User)
{
    /// <summary>What an item of a history is given.</summary>
    public float Of(HistoryItem item) =>
        Recency[item.Recency] + (Times * item.Times) + (Again * item.Again) + (User * item.User);
}

/// <summary>What a model has learned of repeats: part of its scores.</summary>
/// <param name="Rates">How often items are taken again.</param>
/// <param name="Weights">What that adds to scores.</param>
internal sealed record Repeats(RepeatRates Rates, RepeatWeights Weights)
{
    /// <summary>The same for a larger catalogue, whose new items have the mean's rate.</summary>
    public Repeats With(int count) => this with { Rates = Rates.With(count) };

    /// <summary>The same for some of the catalogue.</summary>
    public Repeats Select(int[] indexes) => this with { Rates = Rates.Select(indexes) };

    /// <summary>What users' histories add to their scores.</summary>
    /// <param name="histories">Catalogue indexes, oldest first.</param>
    public RepeatScores Of(IReadOnlyList<ReadOnlyMemory<int>> histories) => new(new(histories, Rates), Weights);
}

/// <summary>What users' histories add to their scores: a matrix of users by items, nearly all zeros.</summary>
/// <param name="items">The items of the histories.</param>
/// <param name="weights">What they are given.</param>
internal sealed class RepeatScores(HistoryItems items, RepeatWeights weights)
{
    /// <summary>Adds them to some users' cosines with some of the catalogue: (r, n).</summary>
    /// <param name="cosines">On any device.</param>
    /// <param name="firstUser">The user of the first row.</param>
    /// <param name="firstColumn">The first column's place in <paramref name="catalogue"/>, or its item where that is null.</param>
    /// <param name="catalogue">The items of a selection, ascending, or null for the whole catalogue.</param>
    public void AddTo(Tensor cosines, int firstUser, int firstColumn, int[]? catalogue = null)
    {
        HistoryPlaces places = items.Find(
            firstUser,
            (int)cosines.shape[0],
            firstColumn,
            (int)cosines.shape[1],
            catalogue
        );
        if (places.Entries.Count == 0)
        {
            return;
        }
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        float[] values = [.. places.Entries.Select(entry => weights.Of(items.All[entry]))];
        (Tensor rows, Tensor columns) = places.Upload(cosines.device); // (N), (N)
        Tensor added = DeviceMemory.Upload(cosines.device, tensor(values)); // (N)
        cosines.index_put_(cosines.index(rows, columns).AddInPlace(added), rows, columns);
    }
}
