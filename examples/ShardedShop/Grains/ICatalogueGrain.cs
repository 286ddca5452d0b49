using Orleans.Concurrency;
using ShardedShop.Models;

namespace ShardedShop.Grains;

/// <summary>Which version of the model is served: one grain, whose key is 0.</summary>
internal interface ICatalogueGrain : IGrainWithIntegerKey
{
    /// <summary>The version that requests are answered by. It is told also while another is on its way.</summary>
    [AlwaysInterleave]
    Task<ModelVersion> GetCurrentAsync();

    /// <summary>
    /// Loads a version shard by shard beside the one that is served, has it served in that one's place, and frees that one's memory.
    /// Where a shard cannot be loaded the old version stays.
    /// </summary>
    [ResponseTimeout("01:00:00")]
    Task PublishAsync(ModelVersion next);
}
