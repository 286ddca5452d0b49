using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ssna.MLNet.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a recommender with a host.</summary>
public static class SsnaRecommenderServices
{
    /// <summary>
    /// Adds a <see cref="SsnaRecommender"/> as a singleton that loads the model of a file and serves another when the file changes.
    /// A host loads it when it starts, and does not start where it cannot be loaded.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The model's .zip.</param>
    /// <param name="configure">Sets further options; null for none.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSsnaRecommender(
        this IServiceCollection services,
        string path,
        Action<SsnaRecommenderOptions>? configure = null
    ) => services.AddSsnaRecommender(path, (_, options) => configure?.Invoke(options));

    /// <summary>The same, with options that need other services.</summary>
    /// <inheritdoc cref="AddSsnaRecommender(IServiceCollection, string, Action{SsnaRecommenderOptions})"/>
    public static IServiceCollection AddSsnaRecommender(
        this IServiceCollection services,
        string path,
        Action<IServiceProvider, SsnaRecommenderOptions> configure
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddSingleton(provider =>
        {
            var options = new SsnaRecommenderOptions { Path = path };
            configure(provider, options);
            return SsnaRecommender.Load(
                options,
                provider.GetService<ILogger<SsnaRecommender>>(),
                provider.GetService<TimeProvider>()
            );
        });
        services.AddHostedService<Loading>();
        return services;
    }

    /// <summary>
    /// Adds a check of the recommender: healthy while the model of the file that is there serves, degraded where an older one
    /// serves because that file could not be loaded, unhealthy where none does.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="tags">Tags by which checks are chosen; null for none.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddSsnaRecommender(
        this IHealthChecksBuilder builder,
        string name = "ssna",
        IEnumerable<string>? tags = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(
            new HealthCheckRegistration(
                name,
                provider => new SsnaRecommenderHealthCheck(provider.GetRequiredService<SsnaRecommender>()),
                failureStatus: null,
                tags
            )
        );
    }

    /// <summary>Has the model loaded when the host starts, and not by the first request.</summary>
    private sealed class Loading(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            services.GetRequiredService<SsnaRecommender>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
