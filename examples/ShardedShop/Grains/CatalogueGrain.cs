using ShardedShop.Models;
using ShardedShop.Serving;

namespace ShardedShop.Grains;

/// <summary>
/// Takes a new version in. What is served stands in the store as well, so that it is known after the silo that has this grain died.
/// </summary>
internal sealed class CatalogueGrain(ModelStore store) : Grain, ICatalogueGrain
{
    private ModelVersion? _current;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _current = store.Current ?? throw new InvalidOperationException("The store of models has no version to serve.");
        return Task.CompletedTask;
    }

    public Task<ModelVersion> GetCurrentAsync() => Task.FromResult(_current!);

    public async Task PublishAsync(ModelVersion next)
    {
        ModelVersion old = _current!;
        if (next == old)
        {
            return;
        }
        try
        {
            foreach (IShardGrain shard in GrainFactory.GetShards(next))
            {
                await shard.LoadAsync(); // one after another: the silos have requests to answer meanwhile
            }
        }
        catch
        {
            await UnloadAsync(next);
            throw;
        }
        store.Current = next;
        _current = next;
        // Until every silo has asked what is served, and requests that began with the old version have been answered. One that still
        // comes later is answered as well: by a shard that is read again for it.
        await Task.Delay(3 * CurrentVersion.Interval);
        await UnloadAsync(old);
    }

    private async Task UnloadAsync(ModelVersion version)
    {
        foreach (IShardGrain shard in GrainFactory.GetShards(version))
        {
            await shard.UnloadAsync();
        }
    }
}
