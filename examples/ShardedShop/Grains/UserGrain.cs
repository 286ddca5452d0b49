using Microsoft.ML.Trainers.Recommender;
using Orleans.Concurrency;
using ShardedShop.Models;

namespace ShardedShop.Grains;

/// <summary>
/// The model without the catalogue: every silo has its own, so that a call goes over no network, and one that is not asked any more
/// frees its memory after two minutes.
/// </summary>
[StatelessWorker(maxLocalWorkers: 1), CollectionAgeLimit(Minutes = 2)]
internal sealed class UserGrain(ModelStore store) : Grain, IUserGrain
{
    private SsnaTransformer? _model;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string version = this.GetPrimaryKeyString();
        _model = await Task.Run(() => store.LoadUsers(version), cancellationToken);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _model?.Dispose();
        return Task.CompletedTask;
    }

    public Task LoadAsync() => Task.CompletedTask;

    public Task<float[][]> EmbedAsync(float[][][] histories) =>
        Task.FromResult(_model!.GetUserEmbeddings(histories).ToArray());
}
