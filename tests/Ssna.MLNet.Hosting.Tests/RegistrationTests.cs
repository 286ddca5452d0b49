using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Hosting.Tests;

[TestClass]
public sealed class RegistrationTests
{
    [TestMethod]
    public async Task A_host_serves_and_says_how_it_is()
    {
        using var files = new ModelFiles();
        SsnaRecommender recommender;
        using (IHost host = Host(files.Path))
        {
            await host.StartAsync();
            recommender = host.Services.GetRequiredService<SsnaRecommender>();
            Assert.HasCount(3, await recommender.RecommendAsync(["item04"], 3));
            var checks = host.Services.GetRequiredService<HealthCheckService>();
            HealthReportEntry healthy = (await checks.CheckHealthAsync()).Entries["ssna"];
            Assert.AreEqual(HealthStatus.Healthy, healthy.Status);
            Assert.AreEqual(RingShop.ItemCount, healthy.Data["items"]);

            files.Replace([1, 2, 3]);
            await Assert.ThrowsAsync<FormatException>(() => recommender.ReloadAsync());
            HealthReportEntry degraded = (await checks.CheckHealthAsync()).Entries["ssna"];
            Assert.AreEqual(HealthStatus.Degraded, degraded.Status);
            StringAssert.Contains(degraded.Description, files.Path);

            recommender.Dispose();
            Assert.AreEqual(HealthStatus.Unhealthy, (await checks.CheckHealthAsync()).Entries["ssna"].Status);
            await host.StopAsync();
        }
        Assert.Throws<ObjectDisposedException>(recommender.Acquire);
    }

    [TestMethod]
    public async Task A_host_does_not_start_without_its_model()
    {
        using var files = new ModelFiles();
        using IHost host = Host(files.Path + ".gone");
        var error = await Assert.ThrowsAsync<FileNotFoundException>(() => host.StartAsync());
        StringAssert.Contains(error.Message, files.Path + ".gone");
    }

    [TestMethod]
    public void What_MLNet_says_is_logged_in_its_kind_until_it_ends()
    {
        var mlContext = new MLContext(1);
        var log = new CollectedLog();
        using (mlContext.LogTo(log))
        {
            using (RingShop.Fit<string>(mlContext)) { }
        }
        // The progress of a training: a line an epoch.
        Assert.Contains(line => line.Level == LogLevel.Information && line.Message.Contains("poch 1"), log.Lines);
        Assert.IsGreaterThan(0, log.Count(LogLevel.Trace));
        int before = log.Lines.Count;
        using (RingShop.Fit<string>(mlContext)) { }
        Assert.HasCount(before, log.Lines);
    }

    private static IHost Host(string path)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSsnaRecommender(path, options => options.ReloadInterval = Timeout.InfiniteTimeSpan);
        builder.Services.AddHealthChecks().AddSsnaRecommender();
        return builder.Build();
    }
}
