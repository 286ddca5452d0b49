using LiveShop.Api;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using OpenTelemetry.Metrics;
using Ssna.MLNet.Hosting;

namespace LiveShop;

/// <summary>The web application: one model for all requests, the page, the API, health and metrics.</summary>
internal static class ShopApplication
{
    /// <param name="args">The command line, for what ASP.NET Core reads of it, such as <c>--urls</c>.</param>
    /// <param name="settings">What is sold, by a model that is there.</param>
    public static WebApplication Create(string[] args, ShopSettings settings)
    {
        // The page lies beside the program, wherever the command was given.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Limits.MaxRequestBodySize = settings.MaximumBodySize;
            server.AddServerHeader = false;
        });
        AddServices(builder.Services, settings);
        WebApplication app = builder.Build();
        app.UseExceptionHandler(
            new ExceptionHandlerOptions
            {
                StatusCodeSelector = error =>
                    error is RecommendationQueueFullException
                        ? StatusCodes.Status503ServiceUnavailable
                        : StatusCodes.Status500InternalServerError,
            }
        );
        app.UseStatusCodePages();
        app.Use(
            (context, next) =>
            {
                PageHeaders.Add(context.Response.Headers);
                return next(context);
            }
        );
        app.UseRateLimiter();
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = HealthAnswer.WriteAsync });
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapGet("/api/shop", ShelvesApi.Describe);
        app.MapGet("/api/items", ShelvesApi.Find);
        app.MapPost("/api/items", NewItemsApi.AddAsync).RequireRateLimiting(NewItemsApi.RatePolicy);
        app.MapPost("/api/recommendations", RecommendationsApi.RecommendAsync);
        return app;
    }

    private static void AddServices(IServiceCollection services, ShopSettings settings)
    {
        services.AddSingleton(settings);
        var mlContext = new MLContext();
        services.AddSingleton(mlContext);
        services.AddSingleton(ShopShelves.Read(mlContext, settings.Data));
        services.AddSsnaRecommender(
            settings.Model,
            (provider, options) =>
            {
                // A model that takes over knows what visitors have added as well.
                ShopShelves shelves = provider.GetRequiredService<ShopShelves>();
                options.MLContext = mlContext;
                options.Prepare = model =>
                    shelves.Added is { Count: > 0 } added
                        ? model.WithItems(mlContext.Data.LoadFromEnumerable(added))
                        : model;
            }
        );
        services.AddHealthChecks().AddSsnaRecommender();
        services
            .AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics
                    .AddMeter("Ssna.MLNet", "Ssna.MLNet.Hosting")
                    .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                    .AddPrometheusExporter()
            );
        services.AddProblemDetails();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = NewItemsApi.RefuseAsync;
            limiter.AddFixedWindowLimiter(
                NewItemsApi.RatePolicy,
                window =>
                {
                    window.PermitLimit = settings.NewItemsPerMinute;
                    window.Window = TimeSpan.FromMinutes(1);
                }
            );
        });
    }
}
