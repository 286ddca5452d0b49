using ShardedShop.Models;

namespace ShardedShop.Grains;

/// <summary>The grains of a version.</summary>
internal static class ShardGrains
{
    /// <summary>The parts of its catalogue, in their order.</summary>
    public static IShardGrain[] GetShards(this IGrainFactory grains, ModelVersion version) =>
        [.. Enumerable.Range(0, version.Shards).Select(index => grains.GetGrain<IShardGrain>(index, version.Name))];
}
