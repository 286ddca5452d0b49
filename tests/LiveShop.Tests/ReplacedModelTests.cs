using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace LiveShop.Tests;

[TestClass]
public sealed class ReplacedModelTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    [TestMethod]
    public async Task No_request_fails_while_the_models_file_is_replaced_under_load()
    {
        await using RunningShop shop = await RunningShop.StartAsync();
        using HttpClient client = shop.CreateClient();
        using var stop = new CancellationTokenSource();
        Task<int>[] visitors = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(VisitAsync))];
        using (SsnaTransformer model = SsnaTransformer.Load(new MLContext(), shop.ModelPath))
        {
            for (int i = 1; i <= 3; i++)
            {
                using SsnaTransformer smaller = model.WithoutItems(model.GetItemIds<string>().Take(i));
                smaller.Save(shop.ModelPath);
                int expected = model.ItemCount - i;
                using var longest = new CancellationTokenSource(s_longest);
                while (shop.Recommender.Status.ItemCount != expected)
                {
                    await Task.Delay(20, longest.Token);
                }
            }
        }
        // Neither does one that is damaged change anything.
        File.WriteAllText(shop.ModelPath, "no model");
        using (var longest = new CancellationTokenSource(s_longest))
        {
            while (shop.Recommender.Status.Failure is null)
            {
                await Task.Delay(20, longest.Token);
            }
        }
        string health = await client.GetStringAsync("health");
        StringAssert.Contains(health, "Degraded");
        stop.Cancel();
        int requests = (await Task.WhenAll(visitors)).Sum();
        Assert.IsGreaterThan(8, requests);

        async Task<int> VisitAsync()
        {
            int count = 0;
            while (!stop.IsCancellationRequested)
            {
                JsonElement answer = await ApiTests.AskAsync(client, new { history = new[] { "A1024", "A1025" } });
                Assert.HasCount(10, ApiTests.Ids(answer));
                count++;
            }
            return count;
        }
    }
}
