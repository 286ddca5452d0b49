using Microsoft.ML.Trainers.Recommender;
using ShardedShop.Models;
using ShardedShop.Serving;

namespace ShardedShop.Grains;

/// <summary>
/// A part of the catalogue in one silo's memory. Orleans keeps one of each in the cluster: when its silo dies, the next call has it
/// read from its file by another.
/// </summary>
[ShardPlacement]
internal sealed class ShardGrain(ModelStore store, HeldShards held) : Grain, IShardGrain
{
    private SsnaTransformer? _shard;

    private SsnaTransformer Shard => _shard ?? throw new InvalidOperationException("The shard is not loaded.");

    private string Name => $"{this.GetPrimaryKeyLong(out string? version)} of version {version}";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        int index = (int)this.GetPrimaryKeyLong(out string? version);
        // Not on Orleans' own threads, which have messages to pass on.
        _shard = await Task.Run(() => store.LoadShard(version!, index), cancellationToken);
        held.Add(Name);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_shard is not null)
        {
            _shard.Dispose(); // native memory, of which the garbage collector knows nothing
            held.Remove(Name);
        }
        return Task.CompletedTask;
    }

    public Task LoadAsync() => Task.CompletedTask; // whatever is called has been activated

    public Task<float[]?[]> FindAsync(string[] items) => Task.FromResult(Shard.GetHistoryEmbeddings(items).ToArray());

    public Task<ScoredItem<string>[][]> RankAsync(ShardQuery<string>[] users) =>
        Task.FromResult(Shard.RecommendMany(users).Select(list => list.ToArray()).ToArray());

    public Task UnloadAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
