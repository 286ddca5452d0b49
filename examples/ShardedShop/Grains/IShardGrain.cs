using Microsoft.ML.Trainers.Recommender;

namespace ShardedShop.Grains;

/// <summary>One part of a version's catalogue. Its key: which part, and the version's name.</summary>
internal interface IShardGrain : IGrainWithIntegerCompoundKey
{
    /// <summary>Returns once it is in memory, somewhere.</summary>
    [ResponseTimeout("00:10:00")]
    Task LoadAsync();

    /// <summary>What the model reads of items of histories; null for those that are in other parts, or in none.</summary>
    Task<float[]?[]> FindAsync(string[] items);

    /// <summary>The best of this part for each of some users.</summary>
    Task<ScoredItem<string>[][]> RankAsync(ShardQuery<string>[] users);

    /// <summary>Frees its memory, once the calls that are waiting have been answered.</summary>
    Task UnloadAsync();
}
