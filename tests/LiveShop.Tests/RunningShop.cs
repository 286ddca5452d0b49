using LiveShop.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Ssna.MLNet.Hosting;
using Ssna.MLNet.Testing;

namespace LiveShop.Tests;

/// <summary>A shop on a port of loopback, with a copy of one model that all tests share.</summary>
internal sealed class RunningShop : IAsyncDisposable
{
    private static readonly Lazy<(byte[] Model, string Progress)> s_first = new(Train);

    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    private RunningShop(string[] arguments)
    {
        File.WriteAllBytes(ModelPath, s_first.Value.Model);
        string[] all = ["--urls", "http://127.0.0.1:0", "--model", ModelPath, .. arguments];
        _app = ShopApplication.Create(all, ShopSettings.Read(all));
    }

    /// <summary>What was written while the first model was trained.</summary>
    public static string TrainingProgress => s_first.Value.Progress;

    /// <summary>The model's file, which is served.</summary>
    public string ModelPath => _folder["model.zip"];

    public Uri Address => new(_app.Urls.Single());

    public SsnaRecommender Recommender => _app.Services.GetRequiredService<SsnaRecommender>();

    public HttpClient CreateClient() => new() { BaseAddress = Address };

    public static async Task<RunningShop> StartAsync(params string[] arguments)
    {
        var shop = new RunningShop(arguments);
        await shop._app.StartAsync();
        return shop;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static (byte[] Model, string Progress) Train()
    {
        using var folder = new TemporaryFolder();
        var progress = new StringWriter();
        var settings = new ShopSettings { Model = folder["new", "model.zip"] };
        FirstModel.EnsureTrained(settings, progress, CancellationToken.None);
        byte[] model = File.ReadAllBytes(settings.Model);
        var again = new StringWriter();
        FirstModel.EnsureTrained(settings, again, CancellationToken.None);
        Assert.AreEqual("", again.ToString(), "a model that is there is kept");
        return (model, progress.ToString());
    }
}
