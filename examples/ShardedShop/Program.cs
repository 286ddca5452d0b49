using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using ShardedShop.Models;
using ShardedShop.Silos;
using Tools;

var folder = new Option<string>("--folder")
{
    Description = "Where models are kept in parts, for all silos to read.",
    DefaultValueFactory = _ => Path.Combine("artifacts", "sharded-shop"),
};
var model = new Option<string?>("--model")
{
    Description =
        "A saved model to serve; without one the model that was served last, at first one of the sample shop.",
};
var shards = new Option<int>("--shards")
{
    Description = "In how many parts a model's catalogue is put into the folder.",
    DefaultValueFactory = _ => 4,
};
var silos = new Option<int>("--silos") { Description = "How many are started.", DefaultValueFactory = _ => 3 };
var http = new Option<int>("--http")
{
    Description = "The port of the first silo; the others have the next ones.",
    DefaultValueFactory = _ => 5100,
};
var root = new RootCommand("Serves a recommender whose catalogue is in parts in the memory of several silos.")
{
    folder,
    model,
    shards,
    silos,
    http,
};
root.SetAction(
    (given, cancellation) =>
        StartAsync(
            new ModelStore(given.GetRequiredValue(folder)),
            given.GetRequiredValue(folder),
            given.GetValue(model),
            given.GetValue(shards),
            given.GetValue(silos),
            given.GetValue(http),
            cancellation
        )
);

var published = new Argument<string>("model") { Description = "A saved model." };
var at = new Option<string>("--at")
{
    Description = "The address of any silo.",
    DefaultValueFactory = _ => "http://127.0.0.1:5100",
};
var publish = new Command("publish", "Has another model served, shard by shard.") { published, folder, shards, at };
publish.SetAction(
    (given, cancellation) =>
        PublishAsync(
            new ModelStore(given.GetRequiredValue(folder)),
            given.GetRequiredValue(published),
            given.GetValue(shards),
            new Uri(given.GetRequiredValue(at)),
            cancellation
        )
);
root.Add(publish);
root.Add(SiloSettings.Command(ServeAsync));
return await TerminationSignals.InvokeAsync(root, args);

static async Task<int> StartAsync(
    ModelStore store,
    string folder,
    string? model,
    int shards,
    int silos,
    int http,
    CancellationToken cancellation
)
{
    var running = new List<SiloProcess>();
    try
    {
        if (model is null && store.Current is null)
        {
            model = Path.Combine(folder, "sample.zip");
            Console.WriteLine($"There is no model in '{folder}' yet: training one of the sample shop.");
            SampleShop.Train(model, cancellation);
        }
        if (model is not null)
        {
            store.Current = Split(store, model, shards);
        }
        int threads = Math.Max(1, Environment.ProcessorCount / silos);
        for (int i = 0; i < silos; i++)
        {
            running.Add(
                await SiloProcess.StartAsync(folder, running.FirstOrDefault(), http + i, threads, cancellation)
            );
            Console.WriteLine($"Silo {i + 1} of {silos}, process {running[^1].Id}, serves at {running[^1].Address}");
        }
        Console.WriteLine(
            $$"""
            Ask any of them:
              curl {{running[^1].Address}}api/recommendations --json '{"history": ["A1003", "A1025"], "k": 5}'
            Ctrl+C ends all.
            """
        );
        await Task.Delay(Timeout.Infinite, cancellation);
        return 0;
    }
    catch (OperationCanceledException)
    {
        // The first of them keeps the list of all, and leaves last.
        foreach (SiloProcess silo in Enumerable.Reverse(running))
        {
            await silo.StopAsync();
        }
        return 130; // the shell's code for Ctrl+C
    }
    finally
    {
        running.ForEach(silo => silo.Dispose());
    }
}

static async Task<int> PublishAsync(
    ModelStore store,
    string model,
    int shards,
    Uri silo,
    CancellationToken cancellation
)
{
    ModelVersion next = Split(store, model, shards);
    using var client = new HttpClient { BaseAddress = silo, Timeout = Timeout.InfiniteTimeSpan };
    Console.WriteLine($"Version {next.Name} goes in.");
    using HttpResponseMessage answer = await client.PostAsync($"api/versions/{next.Name}", null, cancellation);
    Console.WriteLine(
        answer.IsSuccessStatusCode
            ? $"Version {next.Name} is served, and the memory of the one before is free."
            : await answer.Content.ReadAsStringAsync(cancellation)
    );
    return answer.IsSuccessStatusCode ? 0 : 1;
}

static ModelVersion Split(ModelStore store, string path, int shards)
{
    using SsnaTransformer model = SsnaTransformer.Load(new MLContext(), path);
    ModelVersion version = store.Add(model, shards);
    Console.WriteLine($"'{path}', {model.ItemCount} items, is version {version.Name} in {shards} shards.");
    return version;
}

static async Task ServeAsync(SiloSettings settings, CancellationToken cancellation)
{
    await using WebApplication app = SiloApplication.Create(settings);
    // Whoever started it holds the other end: a silo does not outlive its cluster.
    _ = Task.Run(
        async () =>
        {
            await Console.In.ReadToEndAsync(cancellation);
            app.Lifetime.StopApplication();
        },
        cancellation
    );
    await app.RunAsync();
}
