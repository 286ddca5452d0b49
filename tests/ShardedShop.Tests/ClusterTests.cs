using System.Net;
using Microsoft.ML.Trainers.Recommender;
using ShardedShop.Models;
using ShardedShop.Serving;
using ShardedShop.Silos;

namespace ShardedShop.Tests;

[TestClass]
public sealed class ClusterTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(2);

    [TestMethod]
    public async Task Silos_die_and_join_while_the_cluster_serves()
    {
        await using RunningCluster cluster = await RunningCluster.StartAsync(silos: 3);
        string[][] histories = Visitors.Histories(cluster.Model, 40);
        await Visitors.RequireAnswersAsync(cluster.Silos[0], cluster.Model, histories);
        await Visitors.RequireAnswersAsync(cluster.Silos[2], cluster.Model, histories);
        string[][] held = await HeldAsync(cluster.Silos);
        Assert.IsTrue(held.All(shards => shards.Length > 0), "every silo has some");
        Assert.AreEqual(4, held.Sum(shards => shards.Length), "each shard is in one silo");

        using var stop = new CancellationTokenSource();
        SiloProcess[] survivors = [cluster.Silos[0], cluster.Silos[2]];
        Task<int>[] visitors = [.. survivors.Select(silo => VisitAsync(silo, cluster.Model, histories, stop.Token))];
        Task<int> atTheDying = VisitAsync(cluster.Silos[1], cluster.Model, histories, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(1));
        cluster.Silos[1].Kill();
        await Assert.ThrowsAsync<HttpRequestException>(() => atTheDying);

        // Until what it held is in the memory of others.
        using (var longest = new CancellationTokenSource(s_longest))
        {
            while ((await HeldAsync(survivors)).Sum(shards => shards.Length) < 4)
            {
                await Task.Delay(100, longest.Token);
            }
        }
        await Visitors.RequireAnswersAsync(survivors[0], cluster.Model, histories);
        await Visitors.RequireAnswersAsync(survivors[1], cluster.Model, histories);
        stop.Cancel();
        Assert.IsTrue((await Task.WhenAll(visitors)).All(answered => answered > 0));

        SiloProcess joined = await cluster.JoinAsync();
        await Visitors.RequireAnswersAsync(joined, cluster.Model, histories);
        // One that leaves hands over what it holds.
        await survivors[1].StopAsync();
        await Visitors.RequireAnswersAsync(joined, cluster.Model, histories);
    }

    [TestMethod]
    public async Task No_request_fails_while_a_new_model_goes_in()
    {
        await using RunningCluster cluster = await RunningCluster.StartAsync(silos: 2);
        string[][] histories = Visitors.Histories(cluster.Model, 40);
        using SsnaTransformer smaller = cluster.Model.WithoutItems(cluster.Model.GetItemIds<string>().Take(50));
        ModelVersion next = cluster.Store.Add(smaller, shards: 3);

        using var stop = new CancellationTokenSource();
        Task<string[]>[] visitors = [.. cluster.Silos.Select(silo => Task.Run(() => VersionsAsync(silo)))];
        await PublishAsync(next, HttpStatusCode.NoContent);
        stop.Cancel();
        foreach (string[] versions in await Task.WhenAll(visitors))
        {
            CollectionAssert.AreEqual(new[] { "1", "2" }, versions.Distinct().ToArray(), "the one, then the other");
        }
        await Visitors.RequireAnswersAsync(cluster.Silos[1], smaller, histories);
        string[] held =
        [
            .. (await HeldAsync(cluster.Silos)).SelectMany(shards => shards).Order(StringComparer.Ordinal),
        ];
        CollectionAssert.AreEqual(new[] { "0 of version 2", "1 of version 2", "2 of version 2" }, held);

        // One that is damaged changes nothing.
        ModelVersion damaged = cluster.Store.Add(cluster.Model, shards: 2);
        File.WriteAllText(cluster.FileOf(damaged, "shard-1.zip"), "no model");
        StringAssert.Contains(await PublishAsync(damaged, HttpStatusCode.UnprocessableEntity), "shard-1.zip");
        await Visitors.RequireAnswersAsync(cluster.Silos[0], smaller, histories);
        await PublishAsync(new ModelVersion("7", 1), HttpStatusCode.NotFound);

        async Task<string> PublishAsync(ModelVersion version, HttpStatusCode expected)
        {
            using var client = new HttpClient { BaseAddress = cluster.Silos[1].Address, Timeout = s_longest };
            using HttpResponseMessage answer = await client.PostAsync($"api/versions/{version.Name}", null);
            string body = await answer.Content.ReadAsStringAsync();
            Assert.AreEqual(expected, answer.StatusCode, body);
            return body;
        }

        async Task<string[]> VersionsAsync(SiloProcess silo)
        {
            using var client = new HttpClient { BaseAddress = silo.Address };
            var versions = new List<string>();
            while (!stop.IsCancellationRequested)
            {
                string[] history = histories[versions.Count % histories.Length];
                ShopApi.Answer? answer = await Visitors.AskAsync(client, history);
                Assert.IsNotNull(answer, "no request fails");
                SsnaTransformer model = answer.Version == "1" ? cluster.Model : smaller;
                Visitors.RequireSame(model.Recommend(history, 10, excludeHistory: true), answer.Items);
                versions.Add(answer.Version);
            }
            return [.. versions];
        }
    }

    [TestMethod]
    public async Task A_silo_says_what_is_wrong_with_a_question_and_measures_the_others()
    {
        await using RunningCluster cluster = await RunningCluster.StartAsync(silos: 1);
        using var client = new HttpClient { BaseAddress = cluster.Silos[0].Address };
        foreach (string wrong in new[] { """{"history": [null]}""", """{"k": 0}""", """{"k": 51}""" })
        {
            using var body = new StringContent(wrong, null, "application/json");
            using HttpResponseMessage answer = await client.PostAsync("api/recommendations", body);
            Assert.AreEqual(HttpStatusCode.BadRequest, answer.StatusCode);
            StringAssert.Contains(await answer.Content.ReadAsStringAsync(), "Expected");
        }
        Assert.IsNotNull(await Visitors.AskAsync(client, ["A1003"]));
        string metrics = await client.GetStringAsync("metrics");
        StringAssert.Contains(metrics, "shop_recommendation_duration_seconds_count");
        StringAssert.Contains(metrics, "shop_shards");
        StringAssert.Contains(metrics, "ssna_recommendation_requests");
        StringAssert.Contains(metrics, "orleans_");
    }

    // What a visitor is not answered is said so clearly: AskAsync looks at that.
    private static async Task<int> VisitAsync(
        SiloProcess silo,
        SsnaTransformer model,
        string[][] histories,
        CancellationToken stop
    )
    {
        using var client = new HttpClient { BaseAddress = silo.Address };
        int answered = 0;
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            string[] history = histories[i % histories.Length];
            if (await Visitors.AskAsync(client, history) is { } answer)
            {
                Visitors.RequireSame(model.Recommend(history, 10, excludeHistory: true), answer.Items);
                answered++;
            }
        }
        return answered;
    }

    private static async Task<string[][]> HeldAsync(IReadOnlyList<SiloProcess> silos) =>
        await Task.WhenAll(silos.Select(async silo => (await Visitors.StatusAsync(silo)).Shards));
}
