using System.Net;
using System.Net.Http.Json;
using Microsoft.ML.Trainers.Recommender;
using ShardedShop.Serving;
using ShardedShop.Silos;

namespace ShardedShop.Tests;

/// <summary>Asks silos, one question after another, and compares the answers with those of the whole model.</summary>
internal static class Visitors
{
    private const int K = 10;

    /// <summary>Histories of random items: with repeats, an unknown item in some, one that is empty.</summary>
    public static string[][] Histories(SsnaTransformer model, int count)
    {
        var random = new Random(1);
        IReadOnlyList<string> items = model.GetItemIds<string>();
        return
        [
            [],
            .. Enumerable
                .Range(1, count - 1)
                .Select(user =>
                {
                    string[] taken =
                    [
                        .. Enumerable.Range(0, random.Next(1, 12)).Select(_ => items[random.Next(items.Count)]),
                    ];
                    return (user % 3) switch
                    {
                        0 => [.. taken, taken[0]],
                        1 => [.. taken, "nowhere"],
                        _ => taken,
                    };
                }),
        ];
    }

    /// <summary>A silo's answer; null where it says clearly that it has none at the moment.</summary>
    /// <exception cref="HttpRequestException">The silo is not there, or not any more.</exception>
    public static async Task<ShopApi.Answer?> AskAsync(HttpClient client, string[] history, bool excludeHistory = true)
    {
        using HttpResponseMessage answer = await client.PostAsJsonAsync(
            "api/recommendations",
            new ShopApi.Question(history, K, excludeHistory)
        );
        string body = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            StringAssert.Contains(body, "part of the catalogue");
            return null;
        }
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, body);
        return await answer.Content.ReadFromJsonAsync<ShopApi.Answer>();
    }

    /// <summary>Asks a silo for every history, and fails where an answer is another than the whole model's, or none.</summary>
    public static async Task RequireAnswersAsync(SiloProcess silo, SsnaTransformer model, string[][] histories)
    {
        using var client = new HttpClient { BaseAddress = silo.Address };
        foreach (bool excludeHistory in new[] { true, false })
        {
            foreach (string[] history in histories)
            {
                ShopApi.Answer? answer = await AskAsync(client, history, excludeHistory);
                Assert.IsNotNull(answer);
                RequireSame(model.Recommend(history, K, excludeHistory: excludeHistory), answer.Items);
            }
        }
    }

    /// <summary>Fails where two lists differ in more than scores closer than 1e-5.</summary>
    public static void RequireSame(IReadOnlyList<ScoredItem<string>> expected, IReadOnlyList<ShopApi.Recommended> found)
    {
        Assert.HasCount(expected.Count, found);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.AreEqual(expected[i].Score, found[i].Score, 1e-5f);
            ScoredItem<string> same = expected.FirstOrDefault(scored => scored.Item == found[i].Item, expected[^1]);
            Assert.AreEqual(same.Score, found[i].Score, 1e-5f, $"'{found[i].Item}' for '{expected[i].Item}'");
        }
    }

    public static async Task<ShopApi.Status> StatusAsync(SiloProcess silo)
    {
        using var client = new HttpClient { BaseAddress = silo.Address };
        return (await client.GetFromJsonAsync<ShopApi.Status>("health"))!;
    }
}
