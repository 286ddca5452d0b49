using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Hosting.Tests.Readme;

/// <summary>The code of docs/serving.md. Edit both together.</summary>
[TestClass]
public sealed class ServingExamples
{
    [TestMethod]
    public async Task The_examples_of_serving_run()
    {
        using var files = new ModelFiles();
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = Path.GetDirectoryName(files.Path)!;
        try
        {
            File.Copy(files.Path, "shop.zip");
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddSsnaRecommender("shop.zip");
            builder.Services.AddHealthChecks().AddSsnaRecommender();
            builder.Services.AddSingleton<NextItems>();
            using IHost host = builder.Build();
            await host.StartAsync();
            Assert.HasCount(
                5,
                await host.Services.GetRequiredService<NextItems>().AfterAsync(["item03"], CancellationToken.None)
            );
            using ModelLease lease = host.Services.GetRequiredService<SsnaRecommender>().Acquire();
            Assert.HasCount(5, await BatchAsync(lease.Model, CancellationToken.None));
            using SsnaTransformer first = lease.Model.Shard(0, 2);
            using SsnaTransformer second = lease.Model.Shard(1, 2);
            Assert.HasCount(5, AskShards([first, second]));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    private static async Task<IReadOnlyList<ScoredItem<string>>> BatchAsync(
        SsnaTransformer model,
        CancellationToken cancellation
    )
    {
        await using var batcher = new RecommendationBatcher(model);
        var best = await batcher.RecommendAsync(["A1003", "A1025"], k: 5, cancellationToken: cancellation);
        return best;
    }

    private static IReadOnlyList<ScoredItem<string>> AskShards(SsnaTransformer[] shards)
    {
        string[] taken = ["A1003", "A1025"];
        // From the shards: what the model reads of the history's items, wherever each is.
        var found = shards.Select(shard => shard.GetHistoryEmbeddings(taken)).ToList();
        var known = Enumerable.Range(0, taken.Length).Where(i => found.Any(shard => shard[i] is not null)).ToList();
        var vectors = known.Select(i => found.First(shard => shard[i] is not null)[i]!).ToList();
        // Anywhere: the user's embedding.
        float[] user = shards[0].GetUserEmbeddings([vectors])[0];
        // To every shard: the user and the history, for what is left out of the list and for repeats.
        var query = new ShardQuery<string>(user, [.. known.Select(i => taken[i])], K: 5);
        var best = ScoredItem.Merge(shards.Select(shard => shard.RecommendMany([query])[0]), k: 5);
        return best;
    }

    public sealed class NextItems(SsnaRecommender recommender)
    {
        public async Task<string[]> AfterAsync(string[] history, CancellationToken cancellation)
        {
            var best = await recommender.RecommendAsync(history, k: 5, cancellationToken: cancellation);
            return [.. best.Select(scored => scored.Item)];
        }
    }
}
