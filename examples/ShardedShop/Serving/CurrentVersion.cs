using ShardedShop.Grains;
using ShardedShop.Models;

namespace ShardedShop.Serving;

/// <summary>
/// Which version this silo answers by: it asks once a second, so that no request has to. Before it answers by another, that one's
/// users' model is in its memory.
/// </summary>
internal sealed class CurrentVersion(IGrainFactory grains, ILogger<CurrentVersion> logger) : BackgroundService
{
    /// <summary>The time between two questions.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile ModelVersion? _value;

    /// <summary>The version; null until the silo has begun to serve.</summary>
    public ModelVersion? Value => _value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            try
            {
                ModelVersion version = await grains.GetGrain<ICatalogueGrain>(0).GetCurrentAsync();
                await grains.GetGrain<IUserGrain>(version.Name).LoadAsync(); // again and again, so that it stays in memory
                _value = version;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(error, "Which model is served cannot be asked at the moment; the last one known is.");
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
