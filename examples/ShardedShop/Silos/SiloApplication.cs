using System.Net;
using OpenTelemetry.Metrics;
using Orleans.Configuration;
using ShardedShop.Grains;
using ShardedShop.Models;
using ShardedShop.Serving;

namespace ShardedShop.Silos;

/// <summary>A silo that answers HTTP as well: any of them can be asked.</summary>
internal static class SiloApplication
{
    public static WebApplication Create(SiloSettings settings)
    {
        // The command line has been read.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddFilter("ShardedShop", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.ListenLocalhost(settings.HttpPort);
            server.Limits.MaxRequestBodySize = 16 * 1024;
        });
        builder.UseOrleans(silo => ConfigureSilo(silo, settings));
        builder
            .Services.AddSingleton(new ModelStore(settings.Folder))
            .AddSingleton<ShopMetrics>()
            .AddSingleton<HeldShards>()
            .AddSingleton<ShardedRecommender>()
            .AddSingleton<CurrentVersion>()
            .AddHostedService(services => services.GetRequiredService<CurrentVersion>())
            .AddProblemDetails()
            .AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics
                    .AddMeter(ShopMetrics.Meter, "Ssna.MLNet", "Microsoft.Orleans")
                    .AddMeter("Microsoft.AspNetCore.Hosting", "System.Runtime")
                    .AddPrometheusExporter()
            );
        WebApplication app = builder.Build();
        app.UseExceptionHandler();
        app.MapPrometheusScrapingEndpoint("/metrics");
        ShopApi.Map(app);
        return app;
    }

    private static void ConfigureSilo(ISiloBuilder silo, SiloSettings settings)
    {
        // For one machine alone: the primary silo keeps the list of members in its memory. See README.md for a real store.
        silo.UseLocalhostClustering(
            settings.Port,
            gatewayPort: 0, // nobody calls grains from outside: silos are asked by HTTP
            new IPEndPoint(IPAddress.Loopback, settings.PrimaryPort)
        );
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // A silo that leaves two questions in a row unanswered, of one every two seconds, is dead: some five seconds, where
            // Orleans takes fifteen. The shorter, the sooner one that is merely busy is taken for dead.
            membership.ProbeTimeout = TimeSpan.FromSeconds(2);
            membership.NumMissedProbesLimit = 2;
        });
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = ShardedRecommender.Patience);
        // A large shard may take longer to read than Orleans' half a minute.
        silo.Configure<GrainCollectionOptions>(grains => grains.ActivationTimeout = TimeSpan.FromMinutes(10));
        silo.AddPlacementDirector<ShardPlacement, ShardPlacementDirector>();
    }
}
