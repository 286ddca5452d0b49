using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ssna.MLNet.Hosting;

/// <summary>
/// Healthy while the model of the file that is there serves; degraded where an older one serves, because the file that is there
/// could not be loaded; unhealthy where none does. Its data say when the model was loaded and how many items it has.
/// </summary>
internal sealed class SsnaRecommenderHealthCheck(SsnaRecommender recommender) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        // Throws where the recommender is disposed of, which the health check's service makes a failure.
        using ModelLease lease = recommender.Acquire();
        SsnaRecommenderStatus status = recommender.Status;
        var data = new Dictionary<string, object> { ["loadedAt"] = status.LoadedAt, ["items"] = status.ItemCount };
        return Task.FromResult(
            status.Failure is { } failure
                ? new HealthCheckResult(
                    // Not what the registration says of failures: requests are served.
                    HealthStatus.Degraded,
                    $"An older model serves. {failure.Message}",
                    failure,
                    data
                )
                : HealthCheckResult.Healthy("The model serves.", data)
        );
    }
}
